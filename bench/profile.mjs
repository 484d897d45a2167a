// Where a server's time goes in one scenario, by V8's sampling profiler.
//   node bench/profile.mjs SCENARIO CONTESTANT [quick]
// Counts only what was sampled while the scenario ran, and leaves waiting out.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { CONTESTANTS, start } from "./contestants.mjs"
import { bindLoad } from "./cores.mjs"
import { Prepared } from "./prepared.mjs"
import { SCENARIOS, sizesOf } from "./scenarios/index.mjs"

const ROOT = fileURLToPath(new URL("..", import.meta.url))
const SELF_LINES = 40
const CALLER_LINES = 30
/** Short enough to see, long enough not to keep a resting server busy. */
const INTERVAL_US = "5000"
const IS_OWN = /^\S+ (packages|apps)\//
const NOT_WORK = new Set(["(idle)", "(root)", "(program)"])

const [scenarioId, contestantId, quick] = process.argv.slice(2)
const isQuick = quick === "quick"
const scenario = SCENARIOS.find(({ id }) => id === scenarioId)
const contestant = CONTESTANTS.find(({ id }) => id === contestantId)
if (scenario === undefined || contestant === undefined) {
  console.error(
    `node bench/profile.mjs ${SCENARIOS.map(({ id }) => id).join("|")} ${CONTESTANTS.map(({ id }) => id).join("|")} [quick]`,
  )
  process.exit(1)
}
bindLoad()
const temporary = await mkdtemp(join(tmpdir(), "quire-profile-"))
try {
  const prepared = new Prepared(temporary, { isQuick })
  const place = await prepared.place(contestant, scenario.prepared)
  const profiles = join(temporary, "profiles")
  const exitOnSignal = new URL("exit-on-signal.mjs", import.meta.url).href
  const nodeFlags = [
    "--import",
    exitOnSignal,
    "--cpu-prof",
    "--cpu-prof-interval",
    INTERVAL_US,
    "--cpu-prof-dir",
    profiles,
  ]
  const server = await start(contestant, { ...place, ...scenario.floor, nodeFlags })
  const since = nowUs()
  const document = prepared.document(scenario.prepared)
  const sizes = sizesOf(scenario, isQuick)
  console.log(await scenario.measure(contestant, server, { document, sizes, folder: temporary }))
  const until = nowUs()
  await server.stop()
  // Worker threads leave profiles of their own.
  for (const file of (await readdir(profiles)).sort()) {
    const profile = JSON.parse(await readFile(join(profiles, file), "utf8"))
    print(file, profile, samplesBetween(profile, since, until))
  }
} finally {
  await rm(temporary, { recursive: true, force: true })
}

/** The profiler counts microseconds of the same clock as `process.hrtime`. */
function nowUs() {
  return Number(process.hrtime.bigint() / 1_000n)
}

/** Node ids and the microseconds each stands for, of what was sampled while the scenario ran. */
function samplesBetween({ startTime, samples, timeDeltas }, since, until) {
  let at = startTime
  const taken = []
  samples.forEach((id, index) => {
    const us = timeDeltas[index]
    at += us
    if (at >= since && at <= until) taken.push([id, us])
  })
  return taken
}

/** Time in each function itself, and, for the project's own, together with all that it called. */
function print(title, { nodes }, samples) {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])))
  const selfUs = new Map()
  const withCalledUs = new Map()
  let totalUs = 0
  for (const [id, us] of samples) {
    const name = names.get(id)
    if (NOT_WORK.has(name)) continue
    totalUs += us
    add(selfUs, name, us)
    const stack = new Set()
    for (let node = id; node !== undefined; node = parents.get(node)) stack.add(names.get(node))
    for (const caller of stack) if (IS_OWN.test(caller)) add(withCalledUs, caller, us)
  }
  const list = (heading, times, lines) => {
    console.log(`\n${heading}`)
    const top = [...times].sort((a, b) => b[1] - a[1]).slice(0, lines)
    for (const [name, us] of top) console.log(`${((us / totalUs) * 100).toFixed(1).padStart(6)} %  ${name}`)
  }
  console.log(`\n${title}: ${(totalUs / 1_000).toFixed(0)} ms`)
  list("in itself", selfUs, SELF_LINES)
  list("with what it called", withCalledUs, CALLER_LINES)
}

function add(times, name, us) {
  times.set(name, (times.get(name) ?? 0) + us)
}

function nameOf({ functionName, url, lineNumber }) {
  const name = functionName === "" ? "(anonymous)" : functionName
  if (url === "") return name
  const place = url.startsWith("file:") ? fileURLToPath(url).replace(ROOT, "") : url
  return `${name} ${place}:${lineNumber + 1}`
}
