// npm run bench: Quire beside two other servers and a floor, interleaved, on this machine. README.md says what the
// figures mean.
//   node bench/run.mjs [--only SCENARIO,…] [--servers ID,…] [--repetitions N] [--label NAME] [--quick]
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { CONTESTANTS, start } from "./contestants.mjs"
import { bindLoad } from "./cores.mjs"
import { Prepared } from "./prepared.mjs"
import { describeMachine, report } from "./report.mjs"
import { SCENARIOS, sizesOf } from "./scenarios/index.mjs"

const ROOT = fileURLToPath(new URL("..", import.meta.url))
const PEERS = join(ROOT, "bench", "peers")

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: SCENARIOS.map(({ id }) => id).join(",") },
    servers: { type: "string", default: CONTESTANTS.map(({ id }) => id).join(",") },
    repetitions: { type: "string", default: "3" },
    label: { type: "string", default: "local" },
    quick: { type: "boolean", default: false },
  },
})

if (process.platform !== "linux") {
  console.error("The benchmark reads costs from /proc, so it runs on Linux only.")
  process.exit(1)
}
prepareServers()
bindLoad()
const startedAt = performance.now()
const temporary = await mkdtemp(join(tmpdir(), "quire-bench-"))
try {
  const results = await runAll(new Prepared(temporary, { isQuick: options.quick }))
  const seconds = Math.round((performance.now() - startedAt) / 1_000)
  const context = {
    ...describeMachine(ROOT),
    command: ["npm run bench --", ...process.argv.slice(2)].join(" "),
    seconds,
    isQuick: options.quick,
  }
  const { markdown, json, hasFailed } = report(context, results)
  const base = join(ROOT, "bench", "results", `${context.date}-${options.label}`)
  writeFileSync(`${base}.md`, markdown)
  writeFileSync(`${base}.json`, json)
  console.log(markdown)
  if (hasFailed) process.exitCode = 1
} finally {
  await rm(temporary, { recursive: true, force: true })
}

/** Every scenario, every repetition, every contestant in turn. @returns per scenario its runs. */
async function runAll(prepared) {
  const repetitions = Number(options.repetitions)
  const wanted = options.servers.split(",")
  const results = []
  for (const scenario of SCENARIOS.filter(({ id }) => options.only.split(",").includes(id))) {
    const missing = scenario.missing?.()
    if (missing !== undefined) {
      console.error(`${scenario.id}: left out. ${missing}`)
      continue
    }
    const contestants = CONTESTANTS.filter(({ id }) => scenario.contestants.includes(id) && wanted.includes(id))
    const runs = []
    for (let repetition = 0; repetition < repetitions; repetition++) {
      for (let turn = 0; turn < contestants.length; turn++) {
        // Each repetition begins with another, so that nobody always follows the same neighbour.
        const contestant = contestants[(turn + repetition) % contestants.length]
        const beganAt = performance.now()
        const run = await runOnce(scenario, contestant, prepared)
        const seconds = ((performance.now() - beganAt) / 1_000).toFixed(1)
        console.error(`${scenario.id}, ${repetition + 1} of ${repetitions}: ${contestant.title}, ${seconds} s`)
        runs.push({ contestant: contestant.id, ...run })
      }
    }
    results.push({ scenario, title: scenario.title(sizesOf(scenario, options.quick)), contestants, runs })
  }
  return results
}

async function runOnce(scenario, contestant, prepared) {
  const sizes = sizesOf(scenario, options.quick)
  try {
    const place = await prepared.place(contestant, scenario.prepared)
    const server = await start(contestant, { ...place, ...scenario.floor })
    let metrics
    try {
      const document = prepared.document(scenario.prepared)
      metrics = await scenario.measure(contestant, server, { document, sizes, folder: temporary })
    } finally {
      await server.stop()
    }
    metrics = { ...metrics, ...(await scenario.measureFolder?.(contestant, place.dataFolder)) }
    await rm(place.dataFolder, { recursive: true, force: true })
    return { metrics }
  } catch (error) {
    console.error(`  failed: ${error.message}`)
    return { failure: error.message }
  }
}

/** Builds Quire's server and installs the others, unless that is done. */
function prepareServers() {
  run(join(ROOT, "node_modules", ".bin", "tsc"), ["-b", "apps/server"])
  const stamp = join(PEERS, "node_modules", ".installed")
  const wanted = createHash("sha256")
    .update(readFileSync(join(PEERS, "package-lock.json")))
    .digest("hex")
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return
  console.error("Installing the other servers (one of them compiles SQLite, which takes a minute) …")
  // One of them asks for Node 22 and runs on 20; this project is strict about that, and npm hands its settings down.
  run("npm", ["ci", "--no-audit", "--no-fund", "--engine-strict=false"], PEERS)
  writeFileSync(stamp, wanted)
}

function run(command, args, folder = ROOT) {
  const { status, error } = spawnSync(command, args, { cwd: folder, stdio: ["ignore", 2, 2] })
  if (status === 0) return
  console.error(error === undefined ? `${command} failed` : `${command} could not be started: ${error.message}`)
  process.exit(1)
}
