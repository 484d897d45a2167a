import { connect, type Socket } from "node:net"
import { CloseCode, decodeCloseReason } from "@quire/protocol"
import { describe, expect, it } from "vitest"
import {
  type Client,
  clientForTest,
  hurriedClock,
  onUpdate,
  ownedByTest,
  patience,
  type RunningServer,
  serverForTest,
  waitUntil,
} from "../harness.js"
import { type Frame, maskedFrame, Opcode, RawSocket } from "../raw-socket.js"

/** How many may come, from where, and how fast: with the real server and real sockets. */

const TARGET = "/sync/shared"

describe("connections of one address", () => {
  it("are as many as are allowed, whatever the others have", async () => {
    const server = await serverForTest({
      args: ["--trusted-proxy", "127.0.0.1", "--max-connections-per-address", "3"],
    })
    const own = await Promise.all([1, 2, 3].map(() => from(server, "203.0.113.9")))
    expect(own.map(({ status }) => status)).toEqual([101, 101, 101])
    const refused = await from(server, "203.0.113.9")
    expect(refused.status).toBe(429)
    expect(refused.refusal).toBe("QUIRE_ADDRESS_FULL: this address has 3 connections, its limit")
    expect((await from(server, "203.0.113.10")).status).toBe(101)
    // What the client itself wrote into the header stands before what the proxy adds.
    expect((await from(server, "198.51.100.1, 203.0.113.9")).status).toBe(429)
    // One site has all addresses of an IPv6 network.
    const sites = await Promise.all([1, 2, 3].map((last) => from(server, `2001:db8:1:2::${last}`)))
    expect(sites.map(({ status }) => status)).toEqual([101, 101, 101])
    expect((await from(server, "2001:db8:1:2:ffff::4")).status).toBe(429)
    expect((await from(server, "2001:db8:1:3::4")).status).toBe(101)
  })

  it("can be opened again when others of it are closed", async () => {
    const server = await serverForTest({
      args: ["--trusted-proxy", "127.0.0.1", "--max-connections-per-address", "1"],
    })
    for (let i = 0; i < 5; i++) {
      const socket = await untilLetIn(() => from(server, "203.0.113.9"))
      expect((await from(server, "203.0.113.9")).status).toBe(429)
      socket.send(maskedFrame(Opcode.Close, Buffer.of(0x03, 0xe8)))
      expect((await socket.ending()).code).toBe(1000)
    }
  })

  it("are not told by a header that nobody vouches for", async () => {
    const server = await serverForTest({ args: ["--max-connections-per-address", "2"] })
    const sockets = await Promise.all([1, 2, 3, 4].map(() => from(server, "203.0.113.9")))
    // They come from this machine, which may be a proxy's and is not counted by itself.
    expect(sockets.map(({ status }) => status)).toEqual([101, 101, 101, 101])
  })
})

describe("connections in all", () => {
  it("are as many as are allowed: further ones are refused, and who is inside writes on", async () => {
    const server = await serverForTest({ args: ["--max-connections", "5"] })
    const [anna, ben] = [clientForTest(server.sync, "shared"), clientForTest(server.sync, "shared")]
    await Promise.all([anna, ben].map(({ provider }) => provider.whenSynced(patience())))
    for (let i = 0; i < 3; i++) expect((await RawSocket.open(server.port, TARGET)).status).toBe(101)
    const flood = await Promise.all(Array.from({ length: 200 }, () => RawSocket.open(server.port, TARGET)))
    expect(new Set(flood.map(({ status }) => status))).toEqual(new Set([503]))
    expect(flood[0]?.refusal).toBe("QUIRE_FULL: the server has 5 connections, its limit")
    expect(flood[0]?.headers).toMatch(/^Retry-After: \d+$/m)
    await expectWriting(anna, ben)
    // The API has doors of its own: the page can say what is wrong.
    expect((await fetch(`${server.http}/api/health`)).status).toBe(200)
  })
})

describe("people who come at once", () => {
  it("are let in one after the other; whoever finds the queue full is told when to come back", async () => {
    const server = await serverForTest({ args: ["--joins-per-second", "20"] })
    const crowd = await Promise.all(Array.from({ length: 200 }, () => RawSocket.open(server.port, TARGET)))
    expect(new Set(crowd.map(({ status }) => status))).toEqual(new Set([101]))
    const fates = await Promise.all(crowd.map(fateOf))
    const hints = fates.flatMap((fate) => (fate.kind === "turned-away" ? [fate.retryMs] : []))
    const welcome = fates.filter(({ kind }) => kind === "welcome").length
    // Twenty at once, a hundred wait; the flow while they come lets in a few more.
    expect(welcome).toBeGreaterThanOrEqual(120)
    expect(hints.length).toBe(200 - welcome)
    expect(new Set(hints).size).toBeGreaterThan(hints.length * 0.9)
    for (const hint of hints) expect(hint).toBeGreaterThanOrEqual(1_000)
  })

  it("come in when they come back, with what they wrote meanwhile", async () => {
    const server = await serverForTest({ args: ["--joins-per-second", "5"] })
    const clients = Array.from({ length: 40 }, () => clientForTest(server.sync, "shared", { clock: hurriedClock(5) }))
    for (const [i, { ydoc }] of clients.entries()) ydoc.getMap("people").set(`${i}`, true)
    await Promise.all(clients.map(({ provider }) => provider.whenSaved(patience())))
    const reader = clientForTest(server.sync, "shared")
    await reader.provider.whenSynced(patience())
    expect(reader.ydoc.getMap("people").size).toBe(40)
  })
})

describe("sockets that say nothing, or not enough", () => {
  it("make room for whoever has something to say", async () => {
    const server = await serverForTest()
    const [anna, ben] = [clientForTest(server.sync, "shared"), clientForTest(server.sync, "shared")]
    await Promise.all([anna, ben].map(({ provider }) => provider.whenSynced(patience())))
    const starts = [
      "",
      "GET / HT",
      "GET /sync/shared HTTP/1.1\r\nHost: x\r\nX-Slow: ",
      "POST /api/documents HTTP/1.1\r\nHost: x\r\n",
    ]
    const silent = await Promise.all(Array.from({ length: 3_000 }, (_, i) => silentSocket(server, starts[i % 4] ?? "")))
    await waitUntil(
      (look) => {
        for (const socket of silent) socket.once("close", look)
        return () => undefined
      },
      () => silent.filter(({ destroyed }) => destroyed).length >= 2_000,
      "the end of the sockets beyond a thousand",
    )
    expect((await fetch(`${server.http}/api/health`)).status).toBe(200)
    const late = clientForTest(server.sync, "shared")
    await late.provider.whenSynced(patience())
    await expectWriting(anna, late)
    await expectWriting(ben, anna)
  })

  it("make room while their requests' bodies trickle in", async () => {
    const server = await serverForTest()
    const start =
      "POST /api/documents HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
    const slow = await Promise.all(Array.from({ length: 1_500 }, () => silentSocket(server, start)))
    await waitUntil(
      (look) => {
        for (const socket of slow) socket.once("close", look)
        return () => undefined
      },
      () => slow.filter(({ destroyed }) => destroyed).length >= 400,
      "the end of the requests beyond a thousand",
    )
    const made = await fetch(`${server.http}/api/documents`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ title: "in between" }),
    })
    expect(made.ok).toBe(true)
  })
})

/** Opens a socket as a proxy on this machine would for somebody at that address. */
function from(server: RunningServer, address: string): Promise<RawSocket> {
  return RawSocket.open(server.port, TARGET, { headers: { "X-Forwarded-For": address } })
}

/** Tries again until the server has noticed that the connection before has ended. */
async function untilLetIn(open: () => Promise<RawSocket>): Promise<RawSocket> {
  const { signal } = patience()
  for (;;) {
    const socket = await open()
    if (socket.status === 101) return socket
    signal.throwIfAborted()
  }
}

type Fate = { readonly kind: "welcome" } | { readonly kind: "turned-away"; readonly retryMs: number }

/** Whether a plain client hears the room's first message, or is closed before. */
async function fateOf(socket: RawSocket): Promise<Fate> {
  const first = await socket.frame(({ opcode }: Frame) => opcode === Opcode.Binary || opcode === Opcode.Close, "a word")
  if (first.opcode === Opcode.Binary) return { kind: "welcome" }
  const { code, reason } = await socket.ending()
  expect(code).toBe(CloseCode.TryLater)
  const { text, retryMs } = decodeCloseReason(reason)
  expect(text).toMatch(/^QUIRE_BUSY: /)
  return { kind: "turned-away", retryMs: retryMs ?? 0 }
}

/** A TCP connection that sends the beginning of something, and waits. */
function silentSocket(server: RunningServer, start: string): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(server.port, "127.0.0.1")
    ownedByTest({ close: () => void socket.destroy() })
    socket.on("error", () => socket.destroy())
    socket.once("close", () => resolve(socket))
    socket.once("connect", () => {
      socket.write(start, () => resolve(socket))
      socket.resume()
    })
  })
}

/** One writes a word, it is saved, and the other has it. */
async function expectWriting(writer: Client, reader: Client): Promise<void> {
  const words = writer.ydoc.getArray<string>("words")
  const word = `word ${words.length}`
  words.push([word])
  await writer.provider.whenSaved(patience())
  const isThere = (): boolean => reader.ydoc.getArray<string>("words").toArray().includes(word)
  await waitUntil(onUpdate(reader.ydoc), isThere, `${word} at the reader`)
}
