// Where a page's main thread spends one phase of a visit: V8's sampling profiler for scripts, a trace for the rest.
//   node bench/editor/profile.mjs PAGE BLOCKS PHASE
import { prepareCrowd } from "./crowd.mjs"
import { PAGES } from "./pages.mjs"
import { openRig } from "./rig.mjs"
import { printTimeline } from "./timeline.mjs"
import { visit } from "./visit.mjs"

const INTERVAL_US = 200
const LINES = 45
const NOT_WORK = new Set(["(idle)", "(root)"])
const TRACED = ["devtools.timeline", "blink", "disabled-by-default-devtools.timeline"]

const [pageId, blocks, phase] = process.argv.slice(2)
const page = PAGES.find(({ id }) => id === pageId)
if (page === undefined || phase === undefined) {
  console.error("node bench/editor/profile.mjs plain|quire BLOCKS opening|alone|remote|busy|offline")
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

async function onPhase({ tab, session, name }) {
  if (name !== phase) return { end: () => undefined }
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
      if (name === "opening" || name === "offline") printTimeline(trace.traceEvents)
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

/** The page's main thread is the one that was busiest. */
function printTasks(events) {
  const threads = events
    .filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain")
    .map(({ pid, tid }) =>
      timesOf(events.filter((event) => event.pid === pid && event.tid === tid && event.ph === "X")),
    )
    .sort((a, b) => b.totalUs - a.totalUs)
  if (threads[0] === undefined) return
  print("main thread, in itself", threads[0].selfUs, threads[0].counts)
  print("main thread, each with what lies in it", threads[0].wholeUs, threads[0].counts)
}

/** Events lie in one another by their times. What lies in one of the same name is counted once. */
function timesOf(events) {
  const times = { totalUs: 0, selfUs: new Map(), wholeUs: new Map(), counts: new Map() }
  const open = []
  for (const { name, ts, dur = 0, args } of events.sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0))) {
    const title = name === "EventDispatch" ? `${name} ${args.data?.type}` : name
    while (open.length > 0 && open.at(-1).end <= ts) open.pop()
    const outer = open.at(-1)
    if (outer === undefined) times.totalUs += dur
    else add(times.selfUs, outer.title, -dur)
    add(times.selfUs, title, dur)
    add(times.counts, title, 1)
    if (!open.some((one) => one.title === title)) add(times.wholeUs, title, dur)
    open.push({ title, end: ts + dur })
  }
  return times
}

function print(heading, times, counts) {
  console.log(`\n${heading}`)
  for (const [name, us] of [...times].sort((a, b) => b[1] - a[1]).slice(0, LINES)) {
    const times = counts === undefined ? "" : `${String(counts.get(name)).padStart(6)} times`
    console.log(`${(us / 1_000).toFixed(1).padStart(9)} ms${times}  ${name}`)
  }
}

function add(times, name, us) {
  times.set(name, (times.get(name) ?? 0) + us)
}

function nameOf({ functionName, url, lineNumber, columnNumber }) {
  const name = functionName === "" ? "(anonymous)" : functionName
  return url === "" ? name : `${name} ${url.split("/").at(-1)}:${lineNumber + 1}:${columnNumber + 1}`
}
