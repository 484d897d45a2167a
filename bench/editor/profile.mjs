// Where a page's main thread spends one phase of a visit: V8's sampling profiler for scripts, a trace for the rest.
//   node bench/editor/profile.mjs PAGE BLOCKS PHASE
import { prepareCrowd } from "./crowd.mjs"
import { PAGES } from "./pages.mjs"
import { openRig } from "./rig.mjs"
import { visit } from "./visit.mjs"

const INTERVAL_US = 200
const LINES = 45
const NOT_WORK = new Set(["(idle)", "(root)"])
/** Events of the main thread that lie in one another are told apart by their names, so these are printed as they are. */
const TRACED = ["devtools.timeline", "blink", "disabled-by-default-devtools.timeline"]

const [pageId, blocks, phase] = process.argv.slice(2)
const page = PAGES.find(({ id }) => id === pageId)
if (page === undefined || phase === undefined) {
  console.error("node bench/editor/profile.mjs plain|quire BLOCKS alone|remote|busy")
  process.exit(1)
}
const rig = await openRig({ isReadable: true })
try {
  const prepared = prepareCrowd(page.shape, Number(blocks))
  const options = { ...rig, prepared, blocks: Number(blocks), name: "profile", wanted: new Set([phase]), onPhase }
  console.log(await visit(page, options))
} finally {
  await rig.close()
}

async function onPhase({ tab, session }) {
  await session.send("Profiler.enable")
  await session.send("Profiler.setSamplingInterval", { interval: INTERVAL_US })
  await rig.browser.startTracing(tab, { categories: TRACED })
  await session.send("Profiler.start")
  return {
    end: async () => {
      const { profile } = await session.send("Profiler.stop")
      const trace = JSON.parse((await rig.browser.stopTracing()).toString())
      printScripts(profile)
      printTasks(trace.traceEvents)
    },
  }
}

/** Time in each function itself, and together with all that it called. */
function printScripts({ nodes, samples, timeDeltas }) {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])))
  const selfUs = new Map()
  const wholeUs = new Map()
  samples.forEach((id, index) => {
    if (NOT_WORK.has(names.get(id))) return
    add(selfUs, names.get(id), timeDeltas[index])
    const stack = new Set()
    for (let node = id; node !== undefined; node = parents.get(node)) stack.add(names.get(node))
    for (const name of stack) add(wholeUs, name, timeDeltas[index])
  })
  print("script, in itself", selfUs)
  print("script, with what it called", wholeUs)
}

function printTasks(events) {
  const main = events.find(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain")
  const busiest = new Map()
  for (const { ph, name, pid, tid, dur } of events) {
    if (ph !== "X" || dur === undefined) continue
    const key = `${pid}:${tid}`
    if (!busiest.has(key)) busiest.set(key, new Map())
    add(busiest.get(key), name, dur)
  }
  const mains = events.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain")
  const totals = mains.map(({ pid, tid }) => busiest.get(`${pid}:${tid}`) ?? new Map())
  const sum = (times) => [...times.values()].reduce((one, other) => one + other, 0)
  totals.sort((a, b) => sum(b) - sum(a))
  if (main !== undefined && totals[0] !== undefined) print("main thread by event, each with what lies in it", totals[0])
}

function print(heading, times) {
  console.log(`\n${heading}`)
  for (const [name, us] of [...times].sort((a, b) => b[1] - a[1]).slice(0, LINES)) {
    console.log(`${(us / 1_000).toFixed(1).padStart(9)} ms  ${name}`)
  }
}

function add(times, name, us) {
  times.set(name, (times.get(name) ?? 0) + us)
}

function nameOf({ functionName, url, lineNumber, columnNumber }) {
  const name = functionName === "" ? "(anonymous)" : functionName
  return url === "" ? name : `${name} ${url.split("/").at(-1)}:${lineNumber + 1}:${columnNumber + 1}`
}
