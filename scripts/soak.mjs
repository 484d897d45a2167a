// npm run soak: people join, type, misbehave and leave, again and again, and nothing of them may stay behind in the
// server. Its heap is measured after collections while they come and go; at the end, rooms, sessions, sockets and timers
// must be those of the beginning. docs/consistency.md says what it proves.
//
//   npm run soak                          10 minutes
//   npm run soak -- --minutes 60 --label quiet
//   npm run soak -- --visits 600          so many visits; the slope is told and not judged
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { cpus, release, tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { pathToFileURL } from "node:url"
import { parseArgs } from "node:util"
import { ensureBuilt, ROOT } from "./prepare.mjs"
import { visit } from "./soak-people.mjs"

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    visits: { type: "string" },
    label: { type: "string" },
    json: { type: "string" },
  },
})

const PEOPLE_AT_ONCE = 40
const DOCUMENTS = 100
/** After so many visits a document is left alone for good, and a new one takes its place. */
const VISITS_A_NEW_DOCUMENT = 40
const SAMPLE_EVERY_MS = 10_000
/** Share of the samples that is taken for warming up, at least until every document has been replaced once. */
const WARMING = 0.2
const WARMING_VISITS = DOCUMENTS * VISITS_A_NEW_DOCUMENT
/** Growth that is allowed, in bytes per 1,000 visits: the upper end of the 95 % interval. */
const SLOPE_BYTES = 50_000
/** How long the last may take to be forgotten: rooms are kept warm for 10 s. */
const PATIENCE_MS = 60_000

const module = (path) => pathToFileURL(join(ROOT, path)).href
/** What comes and goes with people. All are 0 when nobody is there. */
const COMING_AND_GOING = [
  ["Room", module("packages/sync/dist/room.js")],
  ["FanOut", module("packages/sync/dist/fan-out.js")],
  ["Session", module("packages/sync/dist/session.js")],
  ["Connection", module("packages/sync/dist/receive.js")],
  ["PresenceTable", module("packages/sync/dist/presence.js")],
  ["SocketLink", module("apps/server/dist/sockets/link.js")],
  ["WebSocket", module("node_modules/ws/wrapper.mjs")],
]
/** The ends of documents, remembered up to a bound that is not reached here: told, not judged. */
const REMEMBERED = ["DocumentState", module("packages/storage/dist/heads.js")]
/** What a pool of workers keeps for a while is not counted: it is of no person. */
const RESOURCES_OF_WORKERS = new Set(["MessagePort", "Worker"])

if (process.env.QUIRE_BUILT === undefined) ensureBuilt()
const folder = mkdtempSync(join(tmpdir(), "quire-soak-"))
const port = await freePort()
const server = startServer()
let isFailing = true
try {
  const outcome = await soak()
  isFailing = outcome.problems.length > 0
  report(outcome)
} finally {
  server.kill("SIGKILL")
  rmSync(folder, { recursive: true, force: true })
}
process.exit(isFailing ? 1 : 0)

async function soak() {
  const before = await look()
  const samples = []
  const kinds = {}
  const failures = []
  const goal = values.visits === undefined ? undefined : Number(values.visits)
  const endsAt = performance.now() + Number(values.minutes) * 60_000
  const isOver = () => (goal === undefined ? performance.now() >= endsAt : visits >= goal)
  let visits = 0
  const person = async () => {
    while (!isOver()) {
      const number = visits++
      const first = Math.floor(number / VISITS_A_NEW_DOCUMENT)
      const document = `soak-${first + Math.floor(Math.random() * DOCUMENTS)}`
      try {
        const kind = await visit(port, document, Math.random)
        kinds[kind] = (kinds[kind] ?? 0) + 1
      } catch (error) {
        failures.push(String(error))
      }
    }
  }
  const started = performance.now()
  const everybody = Promise.all(Array.from({ length: PEOPLE_AT_ONCE }, person))
  const sampling = (async () => {
    while (!isOver()) {
      await sleep(Math.min(SAMPLE_EVERY_MS, Math.max(500, endsAt - performance.now())))
      const at = visits
      // Counting objects walks the heap, which would hold everybody up.
      samples.push({ at, ...(await look([])) })
    }
  })()
  await Promise.all([everybody, sampling])
  const seconds = (performance.now() - started) / 1_000
  const after = await whenGone(before)
  const slope = slopeOf(samples.slice(Math.floor(samples.length * WARMING)).filter(({ at }) => at >= WARMING_VISITS))
  const problems = [...leftBehind(before, after)]
  if (failures.length > 0) problems.push(`${failures.length} visits failed, such as: ${failures[0]}`)
  if (goal === undefined && Number.isNaN(slope.upper)) problems.push("too short to judge the slope")
  else if (goal === undefined && slope.upper >= SLOPE_BYTES) problems.push("the heap grows with the visits")
  return { before, after, samples, kinds, visits, seconds, slope, problems }
}

/** Looks until nobody is left, or patience is. */
async function whenGone(before) {
  const endsAt = performance.now() + PATIENCE_MS
  for (;;) {
    const now = await look()
    if (leftBehind(before, now).length === 0 || performance.now() > endsAt) return now
    await sleep(1_000)
  }
}

function leftBehind(before, now) {
  const left = []
  for (const [name] of COMING_AND_GOING) if (now.objects[name] > 0) left.push(`${now.objects[name]} × ${name} stayed`)
  for (const [name, count] of Object.entries(now.resources)) {
    const known = before.resources[name] ?? 0
    if (count > known && !RESOURCES_OF_WORKERS.has(name)) left.push(`${count} × ${name}, ${known} at the beginning`)
  }
  return left
}

/** Least squares of the heap over the visits, per 1,000, with the upper end of its 95 % interval. */
function slopeOf(samples) {
  const n = samples.length
  if (n < 3) return { perThousand: Number.NaN, upper: Number.NaN }
  const xs = samples.map(({ at }) => at / 1_000)
  const ys = samples.map(({ heapUsed, external }) => heapUsed + external)
  const mean = (of) => of.reduce((sum, one) => sum + one, 0) / n
  const [mx, my] = [mean(xs), mean(ys)]
  const sxx = xs.reduce((sum, x) => sum + (x - mx) ** 2, 0)
  const perThousand = xs.reduce((sum, x, i) => sum + (x - mx) * (ys[i] - my), 0) / sxx
  const rest = xs.reduce((sum, x, i) => sum + (ys[i] - my - perThousand * (x - mx)) ** 2, 0)
  // Student's t at 97.5 % is near 2 from 30 samples on, and below 4.4 from 5.
  const t = n > 30 ? 2.05 : 4.4
  return { perThousand, upper: perThousand + t * Math.sqrt(rest / (n - 2) / sxx) }
}

function report({ before, after, samples, kinds, visits, seconds, slope, problems }) {
  const mib = ({ heapUsed, external }) => ((heapUsed + external) / 2 ** 20).toFixed(1)
  const list = (counts) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(", ")
  const lines = [
    `${visits} visits in ${seconds.toFixed(0)} s: ${list(kinds)}`,
    `documents visited: ${DOCUMENTS} at a time, ${DOCUMENTS + Math.floor(visits / VISITS_A_NEW_DOCUMENT)} in all`,
    `heap and external memory: ${mib(before)} MiB before, ${mib(after)} MiB after everybody had gone; ${samples.length} samples, ${samples
      .map(mib)
      .filter((_, i) => i % Math.ceil(samples.length / 12) === 0)
      .join(" ")} MiB`,
    `slope: ${kib(slope.perThousand)} KiB per 1,000 visits, at most ${kib(slope.upper)} (95 %); allowed ${kib(SLOPE_BYTES)}`,
    `left at the end: ${list(after.objects)}`,
    `keeping the process alive: ${list(before.resources)} before; ${list(after.resources)} after`,
    problems.length === 0 ? "nothing stayed behind" : `problems: ${problems.join("; ")}`,
  ]
  process.stdout.write(`${lines.map((line) => `soak: ${line}`).join("\n")}\n`)
  if (values.json !== undefined)
    writeFileSync(values.json, JSON.stringify({ before, after, visits, kinds, slope, problems }))
  if (values.label === undefined) return
  const date = new Date().toISOString().slice(0, 10)
  const head = `# Soak, ${date}\n\n${cpus().length} × ${cpus()[0]?.model.trim()}, Linux ${release()}, Node ${process.version}. \`npm run soak -- --minutes ${values.minutes} --label ${values.label}\`\n`
  const table = samples.map((sample) => `| ${sample.at} | ${mib(sample)} | ${(sample.rss / 2 ** 20).toFixed(0)} |`)
  const columns = ["| visits | heap and external, MiB | resident, MiB |", "| --- | --- | --- |"]
  const body = [...lines.map((line) => `- ${line}`), "", ...columns, ...table]
  writeFileSync(join(ROOT, "bench/results", `${date}-soak.md`), `${head}\n${body.join("\n")}\n`)
}

function kib(bytes) {
  return (bytes / 1_024).toFixed(1)
}

function startServer() {
  const inside = module("scripts/soak-inside.mjs")
  const flags = [
    "--expose-gc",
    "--disable-warning=ExperimentalWarning",
    "--import",
    inside,
    join(ROOT, "apps/server/dist/main.js"),
  ]
  const serve = ["serve", "--port", String(port), "--data", folder, "--log-level", "error"]
  return spawn(process.execPath, [...flags, ...serve], { stdio: ["ignore", "pipe", "inherit", "ipc"] })
}

/** Waits until the server listens, the first time; then asks it what is in it. */
async function look(classes = [...COMING_AND_GOING, REMEMBERED]) {
  while (!(await isUp())) await sleep(50)
  const answer = once(server, "message")
  server.send(classes)
  return (await answer)[0]
}

async function isUp() {
  if (server.exitCode !== null) throw new Error("the server has ended")
  return fetch(`http://127.0.0.1:${port}/api/health`).then(
    (response) => response.text().then(() => true),
    () => false,
  )
}

async function freePort() {
  const listener = createServer().listen(0, "127.0.0.1")
  await once(listener, "listening")
  const { port } = listener.address()
  listener.close()
  return port
}
