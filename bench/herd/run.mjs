// npm run herd:long, and apps/server/test/herd.test.ts: a herd of clients loses its server and comes back.
//   node bench/herd/run.mjs [--clients N] [--documents N] [--processes N] [--label NAME]
// First the server is killed and started again, then it is asked to stop (SIGTERM) while people type, and started again.
// Prints one JSON object, and with a label keeps a table of it in bench/results/DATE-NAME.md; ends with 1 if a promise was broken. Times and memory are figures, not promises.
import { fork, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { cpus, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { Provider } from "@quire/provider"
import WebSocket from "ws"
import * as Y from "yjs"
import { letterAt } from "./letters.mjs"
import { herdTable } from "./table.mjs"

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const { values } = parseArgs({
  options: {
    clients: { type: "string", default: "3000" },
    documents: { type: "string", default: "100" },
    processes: { type: "string", default: "1" },
    label: { type: "string" },
  },
})
const clients = Number(values.clients)
const documents = Number(values.documents)
const processes = Number(values.processes)
/** Each writer types so often, in milliseconds. */
const TYPE_EVERY_MS = 2_000
/** How long people type before something happens. */
const STEADY_MS = 5_000
const PATIENCE_MS = 300_000
const FIRST_CLIENT_ID = 1_000

const broken = []
const folder = mkdtempSync(join(tmpdir(), "quire-herd-"))
const port = await freePort()
let server = startServer()
await server.listening
const herd = Array.from({ length: processes }, () => fork(here("crowd.mjs"), { serialization: "advanced" }))
process.on("exit", () => {
  server.child.kill("SIGKILL")
  for (const crowd of herd) crowd.kill("SIGKILL")
  rmSync(folder, { recursive: true, force: true })
})

const openedMs = await timed(() =>
  askEach("open", (i) => ({ port, ...shareOf(i), documents, firstClientId: FIRST_CLIENT_ID })),
)
await askAll("type", { everyMs: TYPE_EVERY_MS * processes })
await server.probe("afresh")
await wait(STEADY_MS)
const steady = await server.probe("afresh")
await askAll("settle")
await askAll("type", { everyMs: TYPE_EVERY_MS * processes })

const afterKill = await comeBack("killed", async () => {
  server.child.kill("SIGKILL")
  await server.ended
})
const afterStop = await comeBack("stopped", async () => {
  const startedAt = performance.now()
  server.child.kill("SIGTERM")
  const [code] = await server.ended
  if (code !== 0) broken.push(`the server ended with ${code} after SIGTERM`)
  return { stopMs: Math.round(performance.now() - startedAt) }
})
await checkTexts()
const figures = { clients, documents, cores: cpus().length, openedMs, steady, afterKill, afterStop, broken }
process.stdout.write(`${JSON.stringify(figures)}\n`)
if (values.label !== undefined) {
  const day = new Date().toISOString().slice(0, 10)
  writeFileSync(here(`../results/${day}-${values.label}.md`), herdTable(figures))
}
process.exit(broken.length === 0 ? 0 : 1)

/** The server ends, starts again at once, and everybody comes back and agrees. */
async function comeBack(how, end) {
  await askAll("mark")
  const ended = await end()
  await askAll("out")
  server = startServer()
  await server.listening
  await server.probe("afresh")
  const startedAt = performance.now()
  await askAll("mark-arrivals")
  const arrivals = (await askAll("in")).flatMap((part) => part.arrivals).sort((a, b) => a - b)
  const back = performance.now() - startedAt
  await wait(STEADY_MS)
  await askAll("settle")
  const { typed, endings, hints, faults } = await reports()
  await askAll("agree", { typed })
  const probe = await server.probe("afresh")
  await askAll("type", { everyMs: TYPE_EVERY_MS * processes })
  return {
    ...ended,
    ...judge({ how, endings, hints, faults }),
    ...backFigures(arrivals, back),
    ...probe,
    loads: loadFigures(),
  }
}

function judge({ how, endings, hints, faults }) {
  broken.push(...faults.slice(0, 5).map((fault) => `${how}: ${fault}`))
  const droppedAgain = endings.filter((own) => own.filter(({ wasIn }) => wasIn).length > 1).length
  if (droppedAgain > 0) broken.push(`${how}: ${droppedAgain} were dropped again after they had come back`)
  const first = endings.map((own) => own[0]?.how)
  if (how === "stopped") {
    const told = first.filter((end) => end === "1012").length
    if (told < clients) broken.push(`${clients - told} were not told that the server restarts`)
    if (new Set(hints.map((hint) => Math.round(hint))).size < clients / 10) broken.push("the hints are not spread")
  }
  const all = endings.flat()
  const count = (how) => all.filter((ending) => ending.how === how).length
  return { refused: count("refused"), toldToComeLater: count("1013"), droppedAgain, hintsMs: spreadOf(hints) }
}

function backFigures(arrivals, allMs) {
  if (arrivals.length < clients) broken.push(`only ${arrivals.length} of ${clients} came back`)
  const at = (share) => Math.round(arrivals[Math.ceil(share * arrivals.length) - 1] ?? 0)
  return { halfBackMs: at(0.5), mostBackMs: at(0.95), allBackMs: Math.round(Math.max(allMs, at(1))) }
}

/** How often the disk was asked for each document since the server started. */
function loadFigures() {
  const loads = new Map()
  for (const line of server.log().split("\n")) {
    if (!line.includes('"document.load"')) continue
    const { document } = JSON.parse(line)
    loads.set(document, (loads.get(document) ?? 0) + 1)
  }
  const most = Math.max(...loads.values())
  const total = [...loads.values()].reduce((sum, count) => sum + count, 0)
  if (most > 1) broken.push(`a document was loaded ${most} times`)
  if (loads.size !== documents) broken.push(`${loads.size} of ${documents} documents were loaded`)
  return { total, most }
}

/** Somebody who was not here finds every letter once and in order. */
async function checkTexts() {
  await askAll("settle")
  const { typed } = await reports()
  await askAll("close")
  for (const [document, { letters }] of Object.entries(typed)) {
    const ydoc = new Y.Doc()
    const provider = new Provider({ url: `ws://127.0.0.1:${port}/sync`, document, ydoc, WebSocket, channel: false })
    provider.open()
    await provider.whenSynced({ signal: AbortSignal.timeout(PATIENCE_MS) })
    const expected = Array.from({ length: letters }, (_, n) => letterAt(n)).join("")
    if (ydoc.getText("t").toString() !== expected) broken.push(`${document} has not the text that was typed`)
    provider.close()
  }
}

function startServer() {
  const args = ["serve", "--host", "127.0.0.1", "--port", String(port), "--data", folder, "--log-level", "debug"]
  const child = spawn(
    process.execPath,
    ["--import", here("probe.mjs"), here("../../apps/server/dist/main.js"), ...args],
    {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    },
  )
  let log = ""
  child.stderr.setEncoding("utf8").on("data", (text) => {
    log += text
  })
  return {
    child,
    listening: patient(once(child.stdout, "data"), "the server"),
    ended: once(child, "exit"),
    log: () => log,
    async probe(ask) {
      child.send(ask)
      const [answer] = await patient(once(child, "message"), "the server's figures")
      return answer
    },
  }
}

async function reports() {
  const parts = await askAll("report")
  return {
    typed: Object.assign({}, ...parts.map(({ typed }) => typed)),
    endings: parts.flatMap(({ endings }) => endings),
    hints: parts.flatMap(({ hints }) => hints),
    faults: parts.flatMap(({ faults }) => faults),
  }
}

function askAll(ask, more = {}) {
  return askEach(ask, () => more)
}

async function askEach(ask, more) {
  return Promise.all(
    herd.map(async (crowd, i) => {
      crowd.send({ ask, ...more(i) })
      const [answer] = await patient(once(crowd, "message"), `the herd: ${ask}`)
      return answer
    }),
  )
}

/** Which members a process has. Writers, the first of each document, are all in the first. */
function shareOf(i) {
  const first = i === 0 ? 0 : Math.round((i * clients) / processes)
  return { first, count: Math.round(((i + 1) * clients) / processes) - first }
}

function spreadOf(values) {
  if (values.length === 0) return undefined
  return { count: values.length, shortest: Math.round(Math.min(...values)), longest: Math.round(Math.max(...values)) }
}

async function timed(work) {
  const startedAt = performance.now()
  await work()
  return Math.round(performance.now() - startedAt)
}

function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

async function patient(promise, what) {
  let timer
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${PATIENCE_MS / 1_000} s for ${what}`)), PATIENCE_MS)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** Below those that the system gives to outgoing connections, so that no client takes it while the server is away. */
async function freePort() {
  for (;;) {
    const candidate = 10_240 + Math.floor(Math.random() * 20_000)
    const isFree = await new Promise((resolve) => {
      const probe = createServer()
      probe.once("error", () => resolve(false))
      probe.listen(candidate, "127.0.0.1", () => probe.close(() => resolve(true)))
    })
    if (isFree) return candidate
  }
}
