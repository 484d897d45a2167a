import { readFileSync } from "node:fs"
import { asClientId } from "@quire/base"
import { SCHEMA_VERSION } from "@quire/schema"
import { beforeAll, beforeEach, describe, expect, it } from "vitest"
import * as Y from "yjs"
import {
  type Client,
  clientForTest,
  onUpdate,
  openClient,
  ownedByFile,
  patience,
  type RunningServer,
  readFresh,
  serverForFile,
  waitUntil,
} from "./harness.js"
import { type Frame, maskedFrame, Opcode, RawSocket } from "./raw-socket.js"
import { PAGE } from "./typing.js"

/** Bytes and requests that no honest client sends. Each harms its own connection at most. */

interface HostileFrame {
  readonly id: string
  readonly what: string
  readonly expect: string
  readonly frames: readonly string[]
}

const HOSTILE = JSON.parse(
  readFileSync(new URL("./fixtures/websocket-frames.json", import.meta.url), "utf8"),
) as readonly HostileFrame[] // fixtures/README.md says what the file is

const DOCUMENT = "shared"
const TARGET = `/sync/${DOCUMENT}`
const STILL_THERE = "still there?"
const EMPTY_VECTOR = Uint8Array.of(0)

let server: RunningServer
let writer: Client
let witness: Client
/** Each status the two people at the document had since the test began. */
let disturbances: string[] = []
let pid: number

beforeAll(async () => {
  server = await serverForFile()
  pid = server.process.pid
  writer = ownedByFile(openClient(server.sync, DOCUMENT))
  witness = ownedByFile(openClient(server.sync, DOCUMENT))
  await Promise.all([writer, witness].map(({ provider }) => provider.whenSynced(patience())))
  await expectUnharmed()
  for (const { provider } of [writer, witness]) {
    provider.subscribe(() => {
      const { connection, notices } = provider.getStatus()
      if (connection.kind !== "live") disturbances.push(connection.kind)
      disturbances.push(...notices.map(({ code }) => code))
    })
  }
})

beforeEach(() => {
  disturbances = []
})

describe("a frame that breaks RFC 6455", () => {
  it("comes in 41 kinds", () => expect(HOSTILE).toHaveLength(41))

  for (const [i, hostile] of HOSTILE.entries()) {
    it(`${i}: ${hostile.what} (${hostile.id}): ${hostile.expect}; nobody else notices`, async () => {
      const socket = await RawSocket.open(server.port, TARGET)
      const sent = hostile.frames.map((hex) => Buffer.from(hex, "hex"))
      for (const frame of sent) socket.send(frame)
      await expectReaction(socket, hostile.expect, sent)
      await expectUnharmed()
    })
  }
})

describe("a message that breaks the protocol", () => {
  it.each<[string, Uint8Array, string]>([
    ["an empty one", Uint8Array.of(), "QUIRE_FRAME_EMPTY"],
    ["an unknown type", Uint8Array.of(99), "QUIRE_FRAME_UNKNOWN_TYPE"],
    ["a native type without the subprotocol", Uint8Array.of(100, 1, 0, 0, 0), "QUIRE_FRAME_UNKNOWN_TYPE"],
    ["an unknown sync message", Uint8Array.of(0, 9, 0), "QUIRE_FRAME_UNKNOWN_TYPE"],
    ["a length beyond the end", Uint8Array.of(0, 2, 100, 1), "QUIRE_FRAME_MALFORMED"],
    ["an update of noise", Uint8Array.of(0, 2, 5, 1, 2, 3, 4, 5), "QUIRE_UPDATE_MALFORMED"],
    ["an update with a struct of length 0", Uint8Array.of(0, 2, 7, 1, 1, 9, 0, 0, 0, 0), "QUIRE_UPDATE_MALFORMED"],
    ["presence of noise", Uint8Array.of(1, 3, 200, 200, 1), "QUIRE_FRAME_MALFORMED"],
  ])("is closed 4400 with its code: %s", async (_what, message, code) => {
    const socket = await RawSocket.open(server.port, TARGET)
    socket.send(maskedFrame(Opcode.Binary, message))
    const ending = await socket.ending()
    expect(ending).toMatchObject({ code: 4400 })
    expect(ending.reason).toContain(code)
    await expectUnharmed()
  })

  it("is closed 4400 if it is a text frame", async () => {
    const socket = await RawSocket.open(server.port, TARGET)
    socket.send(maskedFrame(Opcode.Text, Buffer.from("hello")))
    expect(await socket.ending()).toEqual({ code: 4400, reason: expect.stringContaining("QUIRE_FRAME_TEXT") })
    await expectUnharmed()
  })

  it("is closed 4413 if it is an update that declares 2^25 structs in a few bytes", async () => {
    const socket = await RawSocket.open(server.port, TARGET)
    socket.send(maskedFrame(Opcode.Binary, Uint8Array.of(0, 2, 7, 1, 128, 128, 128, 16, 9, 0)))
    expect(await socket.ending()).toEqual({ code: 4413, reason: expect.stringContaining("QUIRE_UPDATE_TOO_LARGE") })
    await expectUnharmed()
  })

  it("is closed 4413 if it is a little over 16 MiB, and 1009 if it is far over", async () => {
    const little = await RawSocket.open(server.port, TARGET)
    little.send(maskedFrame(Opcode.Binary, Buffer.alloc(16_777_217)))
    expect(await little.ending()).toEqual({ code: 4413, reason: expect.stringContaining("QUIRE_FRAME_TOO_LARGE") })
    const far = await RawSocket.open(server.port, TARGET)
    far.send(maskedFrame(Opcode.Binary, Buffer.alloc(20_000_000)))
    expect(await far.ending()).toMatchObject({ code: 1009 })
    await expectUnharmed()
  })

  it("is closed 4400 if it is native and comes before a hello", async () => {
    const socket = await RawSocket.open(server.port, TARGET, { subprotocol: "quire.1" })
    socket.say({ type: "step1", stateVector: EMPTY_VECTOR })
    expect(await socket.ending()).toEqual({ code: 4400, reason: expect.stringContaining("QUIRE_FRAME_OUT_OF_ORDER") })
    await expectUnharmed()
  })
})

describe("a request", () => {
  it.each<[string, string]>([
    ["an empty name", "/sync/"],
    ["a name of 257 bytes", `/sync/${"a".repeat(257)}`],
    ["a name of 257 bytes in 129 characters", `/sync/${"%C3%BC".repeat(128)}a`],
    ["a control character", "/sync/a%00b"],
    ["a line break", "/sync/a%0Ab"],
    ["a broken percent sign", "/sync/100%"],
    ["percent-encoded bytes that are not UTF-8", "/sync/%FF"],
  ])("for %s is accepted and then closed 4400 with the reason", async (_what, target) => {
    const socket = await RawSocket.open(server.port, target)
    expect(socket.status).toBe(101)
    const ending = await socket.ending()
    expect(ending.code).toBe(4400)
    expect(ending.reason).toMatch(/^QUIRE_NAME: the document name \S/)
  })

  it("for a name of 256 bytes is served", async () => {
    const socket = await RawSocket.open(server.port, `/sync/${"a".repeat(256)}`)
    await socket.frame(isMessage(0, 0), "the server's step 1")
  })

  it("of a page of another origin is refused with HTTP 403", async () => {
    const socket = await RawSocket.open(server.port, TARGET, { headers: { Origin: "https://evil.example" } })
    expect(socket.status).toBe(403)
    expect(socket.refusal).toContain("origin")
  })

  it.each(["null", "http://127.0.0.1.evil.example", "not a url"])(
    "with the origin %s is refused with HTTP 403",
    async (Origin) => {
      expect((await RawSocket.open(server.port, TARGET, { headers: { Origin } })).status).toBe(403)
    },
  )

  it("of a page of this machine is accepted", async () => {
    const headers = { Origin: `http://localhost:${server.port}` }
    expect((await RawSocket.open(server.port, TARGET, { headers })).status).toBe(101)
  })

  it.each(["/", "/sync", "/other/shared", "/synced/x"])("to the path %s is refused with HTTP 404", async (path) => {
    const socket = await RawSocket.open(server.port, path)
    expect(socket.status).toBe(404)
    expect(socket.refusal).toContain("/sync/NAME")
  })
})

describe("a writer who must not", () => {
  it("is told why and closed 4422: a plain client on a page", async () => {
    await pageOf("page/plain", SCHEMA_VERSION)
    const plain = clientForTest(server.sync, "page/plain", { dialect: "plain" })
    await plain.provider.whenSynced(patience())
    expect(PAGE.tokens(plain.ydoc)).toEqual(["first"])
    PAGE.insert(plain.ydoc, 0, "foreign")
    const connection = (): ReturnType<typeof plain.provider.getStatus>["connection"] =>
      plain.provider.getStatus().connection
    await waitUntil(plain.provider.subscribe, () => connection().kind === "refused", "the plain writer's end")
    expect(connection()).toMatchObject({
      code: 4422,
      reason: expect.stringMatching(/^QUIRE_PAGE_NEEDS_QUIRE: this document is a Quire page/),
    })
    const denied = plain.provider.getStatus().notices.find(({ code }) => code === "denied")
    expect(denied?.text).toContain("Quire page")
    expect(plain.provider.getStatus().save.kind).toBe("not-saved")
    expect(await readFresh(server.sync, "page/plain", PAGE.tokens)).toEqual(["first"])
  })

  it("reads on, with a notice: a client behind the schema", async () => {
    const ahead = SCHEMA_VERSION + 1
    const newer = await pageOf("page/newer", ahead)
    const older = clientForTest(server.sync, "page/newer", { schema: SCHEMA_VERSION })
    await older.provider.whenSynced(patience())
    expect(older.provider.getStatus().grant).toBe("read")
    expect(older.provider.getStatus().notices).toContainEqual({
      code: "QUIRE_SCHEMA_BEHIND",
      text: expect.stringContaining("reload"),
    })
    PAGE.insert(older.ydoc, 0, "older")
    expect(older.provider.getStatus().save.kind).toBe("not-saved")
    PAGE.insert(newer.ydoc, 1, "second")
    await waitUntil(onUpdate(older.ydoc), () => PAGE.tokens(older.ydoc).includes("second"), "the newer client's text")
    const found = await readFresh(server.sync, "page/newer", PAGE.tokens, { schema: ahead })
    expect(found).toEqual(["first", "second"])
  })

  it("has nothing stored and is told so, if it writes all the same", async () => {
    await pageOf("page/forced", SCHEMA_VERSION + 1)
    const socket = await RawSocket.open(server.port, "/sync/page/forced", { subprotocol: "quire.1" })
    const ydoc = new Y.Doc()
    ydoc.getText("t").insert(0, "forced")
    const clientId = asClientId(ydoc.clientID)
    socket.say({ type: "hello", clientId, schema: SCHEMA_VERSION, resume: undefined, token: "" })
    socket.say({ type: "update", update: Y.encodeStateAsUpdate(ydoc) })
    const notices = (): readonly Frame[] => socket.frames.filter(isMessage(105))
    await socket.frame(() => notices().length === 2, "a notice on joining and one for the update")
    const found = await readFresh(server.sync, "page/forced", (fresh) => fresh.getText("t").toString(), {
      schema: SCHEMA_VERSION + 1,
    })
    expect(found).toBe("")
  })
})

/** A page with one block, written by a client that states this schema version. */
async function pageOf(document: string, schema: number): Promise<Client> {
  const client = clientForTest(server.sync, document, { schema })
  await client.provider.whenSynced(patience())
  PAGE.insert(client.ydoc, 0, "first")
  await client.provider.whenSaved(patience())
  return client
}

async function expectReaction(socket: RawSocket, expected: string, sent: readonly Buffer[]): Promise<void> {
  const pongs = (): string[] =>
    socket.frames.filter(({ opcode }) => opcode === Opcode.Pong).map(({ payload }) => payload.toString())
  if (/^close \d/.test(expected)) {
    const allowed = [...expected.matchAll(/\b\d{4}\b/g)].map(([code]) => Number(code))
    return expect(allowed).toContain((await socket.ending()).code)
  }
  if (expected.startsWith("close answered")) {
    // The close frame comes back with the code that was sent, or without one if none was.
    const closing = unmasked(sent.at(-1) ?? Buffer.alloc(0))
    const code = closing.length < 2 ? 1005 : closing.readUInt16BE(0)
    return expect((await socket.ending()).code).toBe(code)
  }
  if (expected === "ignored") return expectAnswers(socket)
  if (expected.startsWith("pong, then")) {
    await socket.frame(({ opcode }) => opcode === Opcode.Pong, "a pong")
    // The two fragments together are a step 1, without a state vector; neither is a message alone.
    await socket.frame(isMessage(0, 1), "the answer to a step 1")
    return expectAnswers(socket)
  }
  if (expected.includes("pong")) {
    const pings = sent.map((frame) => unmasked(frame).toString())
    await socket.frame(() => pongs().length >= pings.length, "a pong for each ping")
    return expect(pongs()).toEqual(pings)
  }
  // Accepted or closed with any code.
  expect(expected).toContain("no crash")
  await socket.ending()
}

/** It is still served: pings are answered. */
async function expectAnswers(socket: RawSocket): Promise<void> {
  socket.send(maskedFrame(Opcode.Ping, Buffer.from(STILL_THERE)))
  const isAnswer = ({ opcode, payload }: Frame): boolean => opcode === Opcode.Pong && payload.toString() === STILL_THERE
  await socket.frame(isAnswer, "a pong")
}

/** The process is the same one, and the two people at the document write on without having noticed anything. */
async function expectUnharmed(): Promise<void> {
  const text = writer.ydoc.getText("text")
  text.insert(text.length, "x")
  const isThere = (): boolean => witness.ydoc.getText("text").toString() === text.toString()
  await waitUntil(onUpdate(witness.ydoc), isThere, "the writer's letter at the witness")
  await writer.provider.whenSaved(patience())
  expect(server.process.pid).toBe(pid)
  expect(server.process.exit).toBeUndefined()
  expect(disturbances).toEqual([])
  expect(server.process.log.filter(({ level }) => level >= 50)).toEqual([])
}

/** The payload of a short client frame. */
function unmasked(frame: Buffer): Buffer {
  const length = (frame[1] ?? 0) & 0x7f
  const at = length === 126 ? 4 : 2
  const payload = Buffer.from(frame.subarray(at + 4))
  return payload.map((byte, i) => byte ^ (frame[at + (i % 4)] ?? 0)) as Buffer // `map` of a Buffer gives a Buffer
}

/** True for a message whose first numbers are these. */
function isMessage(...start: readonly number[]): (frame: Frame) => boolean {
  return ({ opcode, payload }) => opcode === Opcode.Binary && start.every((number, i) => payload[i] === number)
}
