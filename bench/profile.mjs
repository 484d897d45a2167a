// Where a server's time goes in one scenario, by V8's sampling profiler.
//   node bench/profile.mjs SCENARIO CONTESTANT
// Prints self time by function; leaves out what the process did while it waited.
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { CONTESTANTS, start } from "./contestants.mjs"
import { bindLoad } from "./cores.mjs"
import { Prepared } from "./prepared.mjs"
import { SCENARIOS } from "./scenarios/index.mjs"

const ROOT = fileURLToPath(new URL("..", import.meta.url))
const LINES = 45
const NOT_WORK = new Set(["(idle)", "(root)", "(program)"])

const [scenarioId, contestantId] = process.argv.slice(2)
const scenario = SCENARIOS.find(({ id }) => id === scenarioId)
const contestant = CONTESTANTS.find(({ id }) => id === contestantId)
if (scenario === undefined || contestant === undefined) {
  console.error(
    `node bench/profile.mjs ${SCENARIOS.map(({ id }) => id).join("|")} ${CONTESTANTS.map(({ id }) => id).join("|")}`,
  )
  process.exit(1)
}
bindLoad()
const temporary = await mkdtemp(join(tmpdir(), "quire-profile-"))
try {
  const prepared = new Prepared(temporary)
  const place = await prepared.place(contestant, scenario.prepared)
  const nodeFlags = ["--cpu-prof", "--cpu-prof-interval", "200", "--cpu-prof-dir", join(temporary, "profiles")]
  const server = await start(contestant, { ...place, nodeFlags })
  console.log(await scenario.measure(contestant, server, { document: prepared.document(scenario.prepared) }))
  await server.stop()
  // Worker threads leave profiles of their own.
  for (const file of (await readdir(join(temporary, "profiles"))).sort()) {
    print(file, JSON.parse(await readFile(join(temporary, "profiles", file), "utf8")))
  }
} finally {
  await rm(temporary, { recursive: true, force: true })
}

function print(title, { nodes, samples, timeDeltas }) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const selfUs = new Map()
  let totalUs = 0
  samples.forEach((id, index) => {
    const frame = frames.get(id)
    const us = timeDeltas[index]
    if (NOT_WORK.has(frame)) return
    totalUs += us
    selfUs.set(frame, (selfUs.get(frame) ?? 0) + us)
  })
  console.log(`\n${title}: ${(totalUs / 1_000).toFixed(0)} ms`)
  const top = [...selfUs].sort((a, b) => b[1] - a[1]).slice(0, LINES)
  for (const [frame, us] of top) console.log(`${((us / totalUs) * 100).toFixed(1).padStart(6)} %  ${frame}`)
}

function nameOf({ functionName, url, lineNumber }) {
  const name = functionName === "" ? "(anonymous)" : functionName
  if (url === "") return name
  const place = url.startsWith("file:") ? fileURLToPath(url).replace(ROOT, "") : url
  return `${name} ${place}:${lineNumber + 1}`
}
