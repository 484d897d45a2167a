// How soon a right that was taken away is gone: node bench/revocation.mjs [--repetitions N] [--label NAME], after a build.
// A real server with accounts; one document with 50 sockets, 100 letters a second; one of the sockets is the person
// whose right changes. Ends with 1 if the server sent that person content after a right was gone, or a time is above the
// target. Times are on the client's side, in the process that also is the load, so they are upper bounds.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { cpus, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { decodeServerMessage, EMPTY_UPDATE, encodeMessage, encodeStateVector, SUBPROTOCOL } from "@quire/protocol"
import { letterUpdate } from "./herd/letters.mjs"
import { clientFrame, LightSocket } from "./light-socket.mjs"

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const { values } = parseArgs({
  options: { repetitions: { type: "string", default: "20" }, label: { type: "string" } },
})
const repetitions = Number(values.repetitions)
const SOCKETS = 50
const WRITERS = 10
/** All writers together. */
const LETTERS_A_SECOND = 100
/** How late a change may be told, in milliseconds. */
const TARGET_MS = 2_000
/** After a change the sockets are watched for so long: content that came too late would come in this time. */
const WATCH_MS = 300
const PATIENCE_MS = 30_000
/** The version of pages that the visitors say they have. */
const PAGE_SCHEMA = 1
const PASSWORD = "a few good words"

/** Someone's end of a socket. Times are of `performance.now()`. */
class Visitor {
  lastContentMs = 0
  closedMs
  closeReason
  /** Content messages that came behind the close frame. */
  afterClose = 0
  rights = []
  #socket
  #contents = 0
  #typed = 0
  #clientId
  #heard = () => {}

  constructor(cookie, clientId) {
    this.#clientId = clientId
    this.#socket = new LightSocket({
      port,
      path: `/sync/${document}`,
      subprotocol: SUBPROTOCOL,
      headers: { Cookie: cookie },
      onMessage: (bytes) => this.#receive(bytes),
      onLost: (reason) => this.#lose(reason),
    })
    this.#socket.opened.then(() => {
      this.#say({ type: "hello", clientId, schema: PAGE_SCHEMA, resume: undefined, token: "" })
      this.#say({ type: "step1", stateVector: encodeStateVector(new Map()) })
    })
  }

  get contents() {
    return this.#contents
  }

  type() {
    if (this.closedMs !== undefined) return
    this.#say({ type: "update", update: letterUpdate(this.#clientId, this.#typed++) })
  }

  /** Resolves once what is asked for is so. */
  async until(isSo, what) {
    const late = setTimeout(() => {
      throw new Error(`waited ${PATIENCE_MS} ms for ${what}; ${this.closeReason}`)
    }, PATIENCE_MS)
    while (!isSo(this)) {
      await new Promise((resolve) => {
        this.#heard = resolve
      })
    }
    clearTimeout(late)
  }

  leave() {
    return this.#socket.close()
  }

  #receive(bytes) {
    const message = decodeServerMessage(bytes)
    if (message?.type === "step1") this.#say({ type: "step2", update: EMPTY_UPDATE })
    if (message?.type === "rights") this.rights.push({ grant: message.grant, atMs: performance.now() })
    if (message?.type === "update" || message?.type === "step2") {
      if (this.closedMs !== undefined) this.afterClose++
      this.#contents++
      this.lastContentMs = performance.now()
    }
    this.#heard()
  }

  /** Nothing is answered: whoever keeps the connection open after the server's close frame hears what comes then. */
  #lose(reason) {
    this.closedMs = performance.now()
    this.closeReason = reason
    this.#heard()
  }

  #say(message) {
    this.#socket.send(clientFrame(encodeMessage(message)))
  }
}

const folder = mkdtempSync(join(tmpdir(), "quire-revocation-"))
const { port, setUpSecret, child } = await startServer()
process.on("exit", () => {
  child.kill("SIGKILL")
  rmSync(folder, { recursive: true, force: true })
})
let addresses = 0
let clientIds = 1_000
const anna = await cookieOf("POST", "/api/setup", { secret: setUpSecret, ...account("anna") })
const invited = await json("POST", "/api/invitations", { body: {}, cookie: anna })
const invitation = invited.url.split("/join/")[1]
await cookieOf("POST", "/api/invitations/accept", { secret: invitation, ...account("ben") })
const { people } = await json("GET", "/api/people", { cookie: anna })
const benId = people.find(({ email }) => email === account("ben").email).id
const { id: document } = await json("POST", "/api/documents", { body: { title: "Stream" }, cookie: anna })
const signIn = () => cookieOf("POST", "/api/sign-in", account("ben"))
const share = (role) =>
  json("PUT", `/api/access/${document}`, { body: { email: account("ben").email, role }, cookie: anna })
const suspend = (isSuspended) => json("PATCH", `/api/people/${benId}`, { body: { isSuspended }, cookie: anna })

const crowd = Array.from({ length: SOCKETS - 1 }, () => new Visitor(anna, clientIds++))
for (const one of crowd) await one.until(({ contents }) => contents > 0, "the first content")
const writers = crowd.slice(0, WRITERS)
let turns = 0
const typing = setInterval(() => writers[turns++ % WRITERS].type(), 1_000 / LETTERS_A_SECOND)

let ben = await signIn()
const broken = []
const rows = []
await measure("a member is taken out", "end", async () => {
  await share("editor")
  return { cookie: ben, change: () => share(null) }
})
await measure("a link is revoked", "end", async () => {
  const { id, url } = await json("POST", `/api/links/${document}`, { body: { role: "editor" }, cookie: anna })
  const cookie = await cookieOf("POST", "/api/links/open", { secret: url.split("/s/")[1], name: "Guest" })
  return { cookie, change: () => json("DELETE", `/api/link/${id}`, { cookie: anna }) }
})
await share("editor")
await measure("a session is ended from another one", "end", async () => {
  const other = await signIn()
  return { cookie: other, change: () => json("DELETE", "/api/sessions", { cookie: ben }) }
})
await measure("an account is suspended", "end", async () => {
  await suspend(false)
  ben = await signIn()
  return { cookie: ben, change: () => suspend(true) }
})
await suspend(false)
ben = await signIn()
await measure("from editor to viewer", "rights", async () => {
  await share("editor")
  return { cookie: ben, change: () => share("viewer") }
})
await measure("from viewer to editor", "rights", async () => {
  await share("viewer")
  return { cookie: ben, change: () => share("editor") }
})

clearInterval(typing)
for (const one of crowd) if (one.closedMs !== undefined) broken.push(`one of the others was closed: ${one.closeReason}`)
const page = table()
process.stdout.write(`${page}\n`)
if (values.label !== undefined) {
  writeFileSync(here(`results/${new Date().toISOString().slice(0, 10)}-${values.label}.md`), page)
}
process.exit(broken.length === 0 ? 0 : 1)

/** Repeats one change. @param prepare gives a cookie of somebody who may read, and what changes that. */
async function measure(what, how, prepare) {
  const times = { answer: [], content: [], told: [] }
  for (let i = 0; i < repetitions; i++) {
    const { cookie, change } = await prepare()
    const visitor = new Visitor(cookie, clientIds++)
    // In the middle of the stream, and at any moment between two letters.
    await visitor.until(({ contents }) => contents > 20, "the stream")
    await wait(Math.random() * 50)
    const askedMs = performance.now()
    await change()
    const answeredMs = performance.now()
    times.answer.push(answeredMs - askedMs)
    if (how === "end") {
      await visitor.until(({ closedMs }) => closedMs !== undefined, "the close")
      times.told.push(visitor.closedMs - answeredMs)
      await wait(WATCH_MS)
      times.content.push(visitor.lastContentMs - answeredMs)
      if (visitor.afterClose > 0) broken.push(`${what}: ${visitor.afterClose} messages came after the close`)
      if (!/^closed with 440[13] /.test(visitor.closeReason)) broken.push(`${what}: ${visitor.closeReason}`)
    } else {
      await visitor.until(({ rights }) => rights.length > 0, "the new rights")
      times.told.push(visitor.rights[0].atMs - answeredMs)
      if (visitor.closedMs !== undefined) broken.push(`${what}: the socket was lost: ${visitor.closeReason}`)
    }
    await visitor.leave()
  }
  const worst = Math.max(...times.told, ...times.content)
  if (worst > TARGET_MS) broken.push(`${what}: ${Math.round(worst)} ms after the answer`)
  rows.push({ what, times })
}

function table() {
  const spread = (list) => {
    const sorted = [...list].sort((a, b) => a - b)
    const at = (share) => (sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0).toFixed(1)
    return list.length === 0 ? "–" : `${at(0.5)} / ${at(0.99)} / ${at(1)}`
  }
  return [
    "# How soon a right is gone",
    "",
    `${SOCKETS} sockets in one document, ${LETTERS_A_SECOND} letters a second, ${repetitions} repetitions, on ${cpus().length} cores that`,
    "the server, the load and whatever else the machine did shared. Milliseconds: p50 / p99 / longest. The answer is counted from",
    "the request; all else from the answer's arrival, so what is negative came before it. `node bench/revocation.mjs`",
    "makes this page.",
    "",
    "| change | the answer of the call | last content on the socket | close, or message of new rights |",
    "| --- | --- | --- | --- |",
    ...rows.map(
      ({ what, times }) => `| ${what} | ${spread(times.answer)} | ${spread(times.content)} | ${spread(times.told)} |`,
    ),
    "",
    broken.length === 0
      ? [
          "Nothing of the document came after a close frame, though the client kept the connection open and listened; nobody",
          `else's socket was closed, and all was within ${TARGET_MS / 1_000} s of the answer.`,
        ].join("\n")
      : `Broken: ${broken.join("; ")}.`,
    "",
  ].join("\n")
}

async function startServer() {
  const own = ["--host", "127.0.0.1", "--port", "0", "--data", folder, "--log-level", "warn"]
  // As behind a proxy: tries to sign in are counted by address, and here all would come from one.
  const args = [
    here("../apps/server/dist/main.js"),
    "serve",
    ...own,
    "--access",
    "members",
    "--trusted-proxy",
    "127.0.0.1",
  ]
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] })
  let said = ""
  for (;;) {
    const [text] = await Promise.race([once(child.stdout, "data"), once(child, "exit").then(() => [])])
    if (text === undefined) throw new Error(`the server ended: ${said}`)
    said += text
    const [, base] = /listening on \S+?:(\d+)\n/.exec(said) ?? []
    const [, secret] = /\/setup\/(\S+)\n/.exec(said) ?? []
    if (base !== undefined && secret !== undefined) return { port: Number(base), setUpSecret: secret, child }
  }
}

function account(name) {
  return { name, email: `${name}@example.org`, password: PASSWORD }
}

async function send(method, path, { body, cookie = "" }) {
  addresses++
  const from = `10.0.${addresses >> 8}.${addresses & 255}`
  const headers = { cookie, "x-forwarded-for": from, ...(body && { "content-type": "application/json" }) }
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers,
    body: body && JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return response
}

async function json(method, path, sent) {
  const text = await (await send(method, path, sent)).text()
  return text === "" ? {} : JSON.parse(text)
}

async function cookieOf(method, path, body) {
  const [line = ""] = (await send(method, path, { body })).headers.getSetCookie()
  return line.split(";")[0]
}

function wait(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
