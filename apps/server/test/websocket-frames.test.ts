import { readFileSync } from "node:fs"
import { connect } from "node:net"
import { beforeAll, describe, expect, it } from "vitest"
import {
  type Client,
  onUpdate,
  openClient,
  ownedByFile,
  ownedByTest,
  patience,
  type RunningServer,
  serverForFile,
  waitUntil,
} from "./harness.js"
import { type Frame, maskedFrame, Opcode, RawSocket } from "./raw-socket.js"

/*
 * What RFC 6455 allows is served, whatever its form, and what it forbids ends one connection: the ground of the Autobahn
 * test suite, whose section numbers the names begin with. `hostile-frames.test.ts` has 41 more frames that break it.
 */

const TARGET = "/sync/shared"
/** RFC 6455, section 5.2: more follows. */
const FINAL = 0x80
/** The process may be larger afterwards by this much: as what one connection may make it keep, and some. */
const MAY_GROW_BYTES = 96 * 1024 * 1024

let server: RunningServer
let writer: Client
let witness: Client
const disturbances: string[] = []

beforeAll(async () => {
  server = await serverForFile()
  writer = ownedByFile(openClient(server.sync, "shared"))
  witness = ownedByFile(openClient(server.sync, "shared"))
  await Promise.all([writer, witness].map(({ provider }) => provider.whenSynced(patience())))
  for (const { provider } of [writer, witness]) {
    provider.subscribe(() => {
      const { connection, notices } = provider.getStatus()
      if (connection.kind !== "live") disturbances.push(connection.kind)
      disturbances.push(...notices.map(({ code }) => code))
    })
  }
  await expectUnharmed()
})

describe("a message is taken", () => {
  it.each([125, 126, 127, 128, 65_535, 65_536, 65_537])("[1.2] of %i bytes, in one frame", async (size) => {
    const socket = await RawSocket.open(server.port, TARGET)
    socket.send(maskedFrame(Opcode.Binary, question(size)))
    await expectAnswered(socket)
    await expectUnharmed()
  })

  it.each([2, 3, 1_025, 16_383, 16_384])("[5.3] in %i fragments", async (count) => {
    const socket = await RawSocket.open(server.port, TARGET)
    socket.send(fragmented(question(count * 4), count))
    await expectAnswered(socket)
    await expectUnharmed()
  })

  it("[5.6] in fragments of no bytes with pings in between, each of them answered", async () => {
    const socket = await RawSocket.open(server.port, TARGET)
    const ping = maskedFrame(Opcode.Ping, Buffer.from("between"))
    const empty = Buffer.alloc(0)
    const frames = [frame(Opcode.Binary, empty), ping, frame(0, question(4)), ping, frame(0x80, empty), ping]
    socket.send(Buffer.concat(frames))
    await expectAnswered(socket)
    await socket.frame(() => pongs(socket).length === 3, "three pongs")
    expect(pongs(socket)).toEqual(["between", "between", "between"])
  })

  it("[9.1] of 4 MiB, in one frame", async () => {
    const socket = await RawSocket.open(server.port, TARGET)
    socket.send(maskedFrame(Opcode.Binary, question(4 * 1024 * 1024)))
    await expectAnswered(socket)
    await expectUnharmed()
  })

  it("[9.3] of 4 MiB, in fragments of 256 bytes", async () => {
    const socket = await RawSocket.open(server.port, TARGET)
    const message = question(4 * 1024 * 1024)
    socket.send(fragmented(message, message.length / 256))
    await expectAnswered(socket)
    await expectUnharmed()
  })

  it("[9.7] whose bytes come one by one, and several in one piece", async () => {
    const socket = await RawSocket.open(server.port, TARGET)
    for (const byte of maskedFrame(Opcode.Binary, question(130))) socket.send(Uint8Array.of(byte))
    await expectAnswered(socket)
    const together = await RawSocket.open(server.port, TARGET)
    const ask = maskedFrame(Opcode.Binary, question(4))
    together.send(Buffer.concat([ask, maskedFrame(Opcode.Ping, Buffer.from("x")), ask]))
    await together.frame(() => answers(together) === 2, "two answers")
    expect(pongs(together)).toEqual(["x"])
  })

  it("whose mask is zero", async () => {
    const socket = await RawSocket.open(server.port, TARGET)
    const message = question(4)
    socket.send(Buffer.concat([Buffer.of(0x82, 0x80 | message.length, 0, 0, 0, 0), message]))
    await expectAnswered(socket)
  })
})

describe("a ping is answered", () => {
  it.each([0, 1, 124, 125])("[2.1] with its own %i bytes", async (size) => {
    const socket = await RawSocket.open(server.port, TARGET)
    const payload = Buffer.alloc(size, 0xfe)
    socket.send(maskedFrame(Opcode.Ping, payload))
    const pong = await socket.frame(({ opcode }) => opcode === Opcode.Pong, "a pong")
    expect(pong.payload.equals(payload)).toBe(true)
  })
})

describe("a connection is ended", () => {
  it("[1.2] 4400 by a message of no bytes", async () => {
    const socket = await RawSocket.open(server.port, TARGET)
    socket.send(maskedFrame(Opcode.Binary, Buffer.alloc(0)))
    expect(await socket.ending()).toEqual({ code: 4400, reason: expect.stringContaining("QUIRE_FRAME_EMPTY") })
    await expectUnharmed()
  })

  it.each<[string, Buffer]>([
    ["[1.1] text", maskedFrame(Opcode.Text, Buffer.from("hello"))],
    ["[1.1] text of no bytes", maskedFrame(Opcode.Text, Buffer.alloc(0))],
    ["[6.2] text whose character is split between two fragments", split("🙂", 2)],
    ["[6.5] text with a byte order mark and a zero", maskedFrame(Opcode.Text, Buffer.from("\ufeff\0"))],
  ])("4400 by %s: every message is binary", async (_what, bytes) => {
    const socket = await RawSocket.open(server.port, TARGET)
    socket.send(bytes)
    expect(await socket.ending()).toEqual({ code: 4400, reason: expect.stringContaining("QUIRE_FRAME_TEXT") })
    await expectUnharmed()
  })

  it.each([16_385, 65_536, 131_074])("1008 by a message in %i fragments, and none of them is kept", async (count) => {
    const before = residentBytes()
    const socket = await RawSocket.open(server.port, TARGET)
    socket.send(fragmented(question(count), count))
    expect((await socket.ending()).code).toBe(1008)
    await expectUnharmed()
    expect(residentBytes() - before).toBeLessThan(MAY_GROW_BYTES)
  })

  it.each<[string, number]>([
    ["2 GiB", 2 ** 31],
    ["just over what is read", 16_777_216 + 1_048_577],
    ["2^53 − 1", 2 ** 53 - 1],
  ])("[9] 1009 by a frame that announces %s, before anything of it is kept", async (_what, length) => {
    const before = residentBytes()
    const head = Buffer.alloc(14)
    head[0] = 0x82
    head[1] = 0xff
    head.writeBigUInt64BE(BigInt(length), 2)
    const sockets = await Promise.all(Array.from({ length: 20 }, () => RawSocket.open(server.port, TARGET)))
    for (const socket of sockets) socket.send(Buffer.concat([head, Buffer.alloc(16)]))
    for (const socket of sockets) expect((await socket.ending()).code).toBe(1009)
    expect(residentBytes() - before).toBeLessThan(MAY_GROW_BYTES)
    await expectUnharmed()
  })
})

describe("a close is answered", () => {
  it.each([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999])(
    "[7.7] with its own code %i",
    async (code) => {
      const socket = await RawSocket.open(server.port, TARGET)
      socket.send(closeFrame(code))
      expect((await socket.ending()).code).toBe(code)
    },
  )

  it.each([1015, 1016, 1999, 2000, 2999, 5000, 65_535])("[7.9] with 1002 for the forbidden code %i", async (code) => {
    const socket = await RawSocket.open(server.port, TARGET)
    socket.send(closeFrame(code))
    expect((await socket.ending()).code).toBe(1002)
    await expectUnharmed()
  })

  it("[7.3.5] with a reason of 123 bytes", async () => {
    const socket = await RawSocket.open(server.port, TARGET)
    socket.send(closeFrame(1000, "r".repeat(123)))
    expect((await socket.ending()).code).toBe(1000)
  })

  it.each<[string, Buffer]>([
    ["a message", maskedFrame(Opcode.Binary, question(4))],
    ["a ping", maskedFrame(Opcode.Ping, Buffer.from("late"))],
    ["a second close", closeFrame(1001)],
    ["noise", Buffer.alloc(1_000, 0xff)],
  ])("[7.1] once, and what follows it is not read: %s", async (_what, late) => {
    const socket = await RawSocket.open(server.port, TARGET)
    await socket.frame(({ opcode }) => opcode === Opcode.Binary, "the server's step 1")
    socket.send(Buffer.concat([closeFrame(1000), late]))
    expect((await socket.ending()).code).toBe(1000)
    expect(answers(socket)).toBe(0)
    expect(pongs(socket)).toEqual([])
    expect(socket.frames.filter(({ opcode }) => opcode === Opcode.Close)).toHaveLength(1)
    await expectUnharmed()
  })
})

describe("a handshake", () => {
  it("that offers compression gets none", async () => {
    const head = await handshake({ "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" })
    expect(head).toMatch(/^HTTP\/1\.1 101 /)
    expect(head.toLowerCase()).not.toContain("sec-websocket-extensions")
  })

  it.each<[string, Record<string, string>]>([
    ["of another version", { "Sec-WebSocket-Version": "12" }],
    ["without a key", { "Sec-WebSocket-Key": "" }],
    ["with a key that is too short", { "Sec-WebSocket-Key": "AAAA" }],
    ["to another protocol", { Upgrade: "h2c" }],
    ["with a subprotocol that is no token", { "Sec-WebSocket-Protocol": "a,,b c" }],
  ])("%s is refused over HTTP", async (_what, headers) => {
    expect(await handshake(headers)).toMatch(/^HTTP\/1\.1 4\d\d /)
    await expectUnharmed()
  })

  it("that is cut off or no HTTP at all harms nobody", async () => {
    const half = `GET ${TARGET} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSo`
    for (const bytes of [half, "\x16\x03\x01\x02\x00", "\0".repeat(100), "GET / HTTP/9.9\r\n\r\n"])
      await sendAndCut(bytes)
    await expectUnharmed()
  })
})

/** A plain step 1 of somebody who has nothing, made longer: what follows a plain message is not read. */
function question(size: number): Buffer {
  const message = Buffer.alloc(size)
  message.set([0, 0, 1, 0])
  return message
}

async function expectAnswered(socket: RawSocket): Promise<void> {
  await socket.frame(() => answers(socket) > 0, "the answer to a step 1")
}

function answers(socket: RawSocket): number {
  return socket.frames.filter(({ opcode, payload }) => opcode === Opcode.Binary && payload[0] === 0 && payload[1] === 1)
    .length
}

function pongs(socket: RawSocket): string[] {
  const isPong = ({ opcode }: Frame): boolean => opcode === Opcode.Pong
  return socket.frames.filter(isPong).map(({ payload }) => payload.toString())
}

/** A masked frame whose first byte is as given. */
function frame(first: number, payload: Uint8Array): Buffer {
  const bytes = maskedFrame(0, payload)
  bytes[0] = first
  return bytes
}

/** A binary message in so many frames. */
function fragmented(message: Buffer, count: number): Buffer {
  const size = Math.ceil(message.length / count)
  const frames: Buffer[] = []
  for (let at = 0; at < message.length; at += size) {
    const isLast = at + size >= message.length
    frames.push(frame((at === 0 ? Opcode.Binary : 0) | (isLast ? FINAL : 0), message.subarray(at, at + size)))
  }
  return Buffer.concat(frames)
}

/** A text in two frames. */
function split(text: string, at: number): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([frame(Opcode.Text, bytes.subarray(0, at)), frame(FINAL, bytes.subarray(at))])
}

function closeFrame(code: number, reason = ""): Buffer {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason))
  payload.writeUInt16BE(code)
  payload.write(reason, 2)
  return maskedFrame(Opcode.Close, payload)
}

/** The head of the server's answer to a handshake with these fields in place of good ones. */
async function handshake(headers: Readonly<Record<string, string>>): Promise<string> {
  const fields = {
    Host: `127.0.0.1:${server.port}`,
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    ...headers,
  }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  return send(`GET ${TARGET} HTTP/1.1\r\n${lines.join("")}\r\n`, (heard) => heard.includes("\r\n\r\n"))
}

async function sendAndCut(bytes: string): Promise<void> {
  await send(bytes, () => true)
}

/** Sends bytes on a TCP connection; once enough was heard, or the server has ended it, cuts it. */
function send(bytes: string, isEnough: (heard: string) => boolean): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(server.port, "127.0.0.1", () => {
      socket.write(bytes, "latin1", look)
    })
    ownedByTest({ close: () => void socket.destroy() })
    let heard = ""
    const look = (): void => {
      if (isEnough(heard)) end()
    }
    const end = (): void => {
      socket.destroy()
      resolve(heard)
    }
    socket.setEncoding("latin1").on("data", (text: string) => {
      heard += text
      look()
    })
    socket.on("end", end).on("error", end)
  })
}

/** Bytes of the server's process in memory. */
function residentBytes(): number {
  const status = readFileSync(`/proc/${server.process.pid}/status`, "utf8")
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
}

/** The two people at the document write on without having noticed anything. */
async function expectUnharmed(): Promise<void> {
  const text = writer.ydoc.getText("text")
  text.insert(text.length, "x")
  const isThere = (): boolean => witness.ydoc.getText("text").toString() === text.toString()
  await waitUntil(onUpdate(witness.ydoc), isThere, "the writer's letter at the witness")
  await writer.provider.whenSaved(patience())
  expect(server.process.exit).toBeUndefined()
  expect(disturbances).toEqual([])
  expect(server.process.log.filter(({ level }) => level >= 50)).toEqual([])
}
