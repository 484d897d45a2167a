import { createHash } from "node:crypto"
import { CloseCode, SUBPROTOCOL } from "@quire/protocol"
import type { ConnectionState } from "@quire/provider"
import { FakeClock, SeededRandom } from "@quire/testing"
import { beforeAll, expect, it } from "vitest"
import WebSocket from "ws"
import {
  type Client,
  clientForTest,
  ownedByTest,
  type RunningServer,
  readFresh,
  serverForFile,
  temporaryFolder,
  turn,
  unusedPort,
} from "../harness.js"
import { FaultyDisk, InProcessServer } from "../in-process.js"
import { passUntil } from "./driven.js"
import { type ConnectionFate, Line } from "./line.js"

/** What a provider makes of an address at which somebody else answers, on its own clock. */

let server: RunningServer
beforeAll(async () => {
  server = await serverForFile()
})

/** So many that the longest wait is reached. */
const FAILURES = 7

/** README.md of the provider, "Limits and times". */
const FLOOR_MS = 250
const CAP_MS = 30_000
const CONNECT_MS = 15_000

type Answer = NonNullable<ConnectionFate["answer"]>

const HTML = "<!doctype html><title>Sign in</title>"

function page(status: string, ...headers: string[]): Answer {
  const head = [`HTTP/1.1 ${status}`, "Content-Type: text/html", `Content-Length: ${HTML.length}`, ...headers]
  return () => `${head.join("\r\n")}\r\n\r\n${HTML}`
}

/** Agrees to speak WebSocket, as RFC 6455 4.2.2 wants it, and goes on with these bytes. */
function agree(protocol: string | undefined, then: Buffer = Buffer.alloc(0)): Answer {
  return (request) => {
    const key = /^sec-websocket-key: (.*)\r$/im.exec(request)?.[1] ?? ""
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64")
    return Buffer.concat([Buffer.from(agreement(accept, protocol)), then])
  }
}

function agreement(accept: string, protocol?: string): string {
  const lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
  if (protocol !== undefined) lines.push(`Sec-WebSocket-Protocol: ${protocol}`)
  return `${lines.join("\r\n")}\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`
}

/** A server's close frame without a reason. */
function goodbye(code: number): Buffer {
  return Buffer.from([0x88, 2, code >> 8, code & 0xff])
}

it.each<[string, Answer]>([
  ["a proxy that has lost it (502)", page("502 Bad Gateway")],
  ["a proxy that asks for patience (503)", page("503 Service Unavailable", "Retry-After: 1")],
  ["a proxy that counts (429)", page("429 Too Many Requests", "Retry-After: 1")],
  ["a page to sign in to a network (200)", page("200 OK")],
  ["a page somewhere else (302)", page("302 Found", "Location: http://192.0.2.1/")],
  ["somebody who agrees to something else", () => agreement("bm90IHRoaXMga2V5", SUBPROTOCOL)],
  ["somebody who agrees, but not on a subprotocol", agree(undefined)],
  ["somebody who agrees on a subprotocol that nobody offered", agree("mqtt")],
  ["somebody who agrees and hangs up", agree(SUBPROTOCOL)],
  ["somebody who agrees and closes (1008)", agree(SUBPROTOCOL, goodbye(1008))],
  ["somebody who agrees and asks for another try (1013)", agree(SUBPROTOCOL, goodbye(CloseCode.TryLater))],
  ["somebody who agrees and talks in text", agree(SUBPROTOCOL, Buffer.from("\x81\x02hi", "latin1"))],
  ["somebody who agrees and does not speak WebSocket", agree(SUBPROTOCOL, Buffer.from("220 mail ESMTP\r\n"))],
  ["no HTTP at all", () => "220 mail.example.org ESMTP\r\n"],
  ["nothing but an end", () => ""],
  ["nothing at all", "nothing at all"],
])(
  "%s in the server's place is not taken for it, is asked ever more rarely, and costs no edit",
  async (who, answer) => {
    const line = await Line.lay(server.port)
    line.fateOf = (n) => (n <= FAILURES ? { answer } : {})
    const clock = new FakeClock()
    const document = `instead-${who.replaceAll(/\W/g, "-")}`
    const client = clientForTest(line.sync, document, { clock, random: new SeededRandom(who.length) })
    const written: string[] = []
    const write = (word: string): void => {
      written.push(word)
      client.ydoc.getArray<string>("words").push([word])
    }
    write("before")

    for (let failures = 1; failures <= FAILURES; failures++) {
      if (answer === "nothing at all") await expectDeadline(line, clock, client)
      await passUntil(clock, 0, () => connection(client).kind === "waiting", `failure ${failures}`)
      const state = connection(client)
      if (state.kind !== "waiting") throw new Error(`it is ${state.kind}`)
      expect([state.attempt, line.begun]).toEqual([failures, failures])
      const waitMs = state.dueMs - clock.elapsed()
      expect(waitMs).toBeGreaterThanOrEqual(FLOOR_MS)
      expect(waitMs).toBeLessThanOrEqual(Math.min(CAP_MS, 1_000 * 2 ** (failures - 1)))
      write(`meanwhile ${failures}`)
      clock.advance(waitMs - 1)
      expect(client.provider.getStatus()).toMatchObject({
        connection: state,
        hasSynced: false,
        save: { kind: "not-saved", edits: written.length, reason: "not connected to the server" },
      })
      clock.advance(1)
      expect(connection(client)).toEqual({ kind: "connecting", attempt: failures + 1 })
    }

    await passUntil(clock, 0, () => client.provider.getStatus().save.kind === "saved", "everything to be saved")
    expect(connection(client)).toEqual({ kind: "live", isSynced: true, attempt: 0 })
    expect(line.begun).toBe(FAILURES + 1)
    expect(await wordsAt(server.sync, document)).toEqual(written)
  },
)

/** The attempt under way reaches somebody who says nothing, and is given up when its time is over, not earlier. */
async function expectDeadline(line: Line, clock: FakeClock, client: Client): Promise<void> {
  await passUntil(clock, 0, () => line.unanswered === 1, "a call")
  clock.advance(CONNECT_MS - 1)
  expect(connection(client).kind).toBe("connecting")
  clock.advance(1)
  expect(connection(client).kind).toBe("waiting")
  await passUntil(clock, 0, () => line.unanswered === 0, "the end of the call")
}

it("a server that agrees on no subprotocol is spoken to plainly when told so, also after wrong answers", async () => {
  const line = await Line.lay(server.port)
  line.fateOf = (n) => (n === 1 ? { answer: page("502 Bad Gateway") } : {})
  const clock = new FakeClock()
  const client = clientForTest(line.sync, "plainly", { clock, dialect: "plain" })
  client.ydoc.getArray<string>("words").push(["kept"])
  await passUntil(clock, 0, () => connection(client).kind === "waiting", "a failure")
  clock.advance(1_000)
  await passUntil(clock, 0, () => client.provider.getStatus().hasSynced, "an answer")
  expect(client.provider.getStatus().grant).toBeUndefined()
  expect(await wordsAt(server.sync, "plainly")).toEqual(["kept"])
})

it("a proxy that closes what is idle for a minute has nothing to close in an hour without an edit", async () => {
  const idleMs = 60_000
  const everyMs = 15_000
  const { clock, line } = await worldOnOneClock()
  let atMs = clock.elapsed()
  let longestMs = 0
  const close = (): void => line.cut()
  let stop = clock.schedule(idleMs, close)
  line.onDown = () => {
    stop()
    stop = clock.schedule(idleMs, close)
    longestMs = Math.max(longestMs, clock.elapsed() - atMs)
    atMs = clock.elapsed()
  }
  let pings = 0
  let frames = 0
  class Counted extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols)
      this.on("ping", () => pings++).on("message", () => frames++)
    }
  }
  const client = clientForTest(line.sync, "idle", { clock, WebSocket: Counted })
  await passUntil(clock, 0, () => client.provider.getStatus().hasSynced, "an answer")
  for (let step = 1; step <= 3_600_000 / everyMs; step += 2) {
    // Two pings and a frame are due in this time; nothing more passes until they have come and were answered.
    const [pingsBefore, framesBefore] = [pings, frames]
    clock.advance(everyMs)
    await passUntil(clock, 0, () => pings > pingsBefore, `a ping after ${step} steps`)
    clock.advance(everyMs)
    const isHeard = (): boolean => pings > pingsBefore + 1 && frames > framesBefore
    await passUntil(clock, 0, isHeard, `a ping and a frame after ${step + 1} steps`)
  }
  expect(line.begun).toBe(1)
  expect(longestMs).toBeLessThanOrEqual(25_000)
  expect(connection(client)).toEqual({ kind: "live", isSynced: true, attempt: 0 })
  stop()
})

it("120 cuts, half a second to five seconds apart, take nothing from two people who type, and double nothing", async () => {
  const { clock, line, sync } = await worldOnOneClock()
  const moments = new SeededRandom(120)
  const typing = new SeededRandom(121)
  const people = ["anna", "ben"].map((name, i) => {
    const client = clientForTest(line.sync, "flapping", { clock, random: new SeededRandom(i) })
    return { name, client, written: [] as string[] }
  })
  // Only a server can save, and without a line there is none.
  let lies = 0
  for (const { client } of people) {
    let { save: last } = client.provider.getStatus()
    client.provider.subscribe(() => {
      const { save, connection: state } = client.provider.getStatus()
      if (save.kind === "saved" && last.kind !== "saved" && state.kind !== "live") lies++
      last = save
    })
  }
  const isSynced = (): boolean => people.every(({ client }) => isInSync(client))
  await passUntil(clock, 10, isSynced, "both to be in sync")
  for (let cut = 1; cut <= 120; cut++) {
    const cutAtMs = clock.elapsed() + 500 + moments.below(4_501)
    // Most lines are faster than the one who types. In every third case the cut may find a handshake half done.
    const isSlow = cut % 3 === 0
    while (clock.elapsed() < cutAtMs) {
      for (const { name, client, written } of people) {
        const word = `${name} ${written.length}`
        written.push(word)
        const words = client.ydoc.getArray<string>("words")
        words.insert(typing.below(words.length + 1), [word])
        const { save, connection: state } = client.provider.getStatus()
        expect(state.kind === "live" ? ["saving", "not-saved"] : ["not-saved"]).toContain(save.kind)
      }
      clock.advance(Math.min(50 + typing.below(300), cutAtMs - clock.elapsed()))
      await turn()
      if (!isSlow) await passUntil(clock, 1, () => !people.some(({ client }) => isComing(client)), "the line")
    }
    line.cut()
  }
  const isSaved = (): boolean => people.every(({ client }) => client.provider.getStatus().save.kind === "saved")
  await passUntil(clock, 10, () => isSynced() && isSaved(), "everything to be saved")
  expect(line.begun).toBeGreaterThan(120)
  expect(lies).toBe(0)
  const written = people.flatMap((person) => person.written).sort()
  const reader = clientForTest(sync, "flapping", { clock })
  await passUntil(clock, 10, () => isInSync(reader), "a reader")
  const found = wordsOf(reader)
  expect([...found].sort()).toEqual(written)
  for (const { client } of people) {
    await passUntil(clock, 10, () => wordsOf(client).length === found.length, "the other's words")
    expect(wordsOf(client)).toEqual(found)
    expect(client.provider.getStatus()).toMatchObject({ save: { kind: "saved" }, notices: [] })
  }
})

/** A server and a line to it for which time passes only when the test says so. */
async function worldOnOneClock(): Promise<{ readonly clock: FakeClock; readonly line: Line; readonly sync: string }> {
  const clock = new FakeClock()
  const folder = await temporaryFolder()
  const own = ownedByTest(await InProcessServer.start(folder, await unusedPort(), new FaultyDisk(), { clock }))
  return { clock, line: await Line.lay(own.port), sync: own.sync }
}

function connection(client: Client): ConnectionState {
  return client.provider.getStatus().connection
}

/** An attempt is under way, and not in sync yet. */
function isComing(client: Client): boolean {
  const state = connection(client)
  return state.kind === "connecting" || (state.kind === "live" && !state.isSynced)
}

function isInSync(client: Client): boolean {
  const state = connection(client)
  return state.kind === "live" && state.isSynced
}

function wordsOf({ ydoc }: Client): string[] {
  return ydoc.getArray<string>("words").toArray()
}

function wordsAt(sync: string, document: string): Promise<string[]> {
  return readFresh(sync, document, (ydoc) => ydoc.getArray<string>("words").toArray())
}
