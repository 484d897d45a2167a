import { once } from "node:events"
import { existsSync, readFileSync } from "node:fs"
import { request } from "node:http"
import { type AddressInfo, connect } from "node:net"
import { CloseCode, decodeCloseReason, encodeMessage } from "@quire/protocol"
import { INTAKE_LIMITS } from "@quire/sync"
import { FakeClock } from "@quire/testing"
import { beforeAll, describe, expect, it } from "vitest"
import { WebSocketServer } from "ws"
import * as Y from "yjs"
import { SocketLink } from "../src/sockets/link.js"
import { Throttle } from "../src/sockets/throttle.js"
import {
  clientForTest,
  onUpdate,
  ownedByTest,
  patience,
  type RunningServer,
  serverForFile,
  temporaryFolder,
  unusedPort,
  waitUntil,
} from "./harness.js"
import { FaultyDisk, InProcessServer } from "./in-process.js"
import { NOT_DRIVEN, PROOFS } from "./limits-proofs.js"
import { maskedFrame, Opcode, RawSocket } from "./raw-socket.js"

/** Every number that an operator may read of, at its edge: here, or where `limits-proofs.ts` says. */

let server: RunningServer
beforeAll(async () => {
  server = await serverForFile()
})

describe("docs/limits.md", () => {
  const rows = limitRows()

  it("has no row without a test, and no test is for a row that is gone", () => {
    expect([...Object.keys(PROOFS), ...Object.keys(NOT_DRIVEN)].sort()).toEqual([...new Set(rows)].sort())
    expect(new Set(rows).size).toBe(rows.length)
  })

  it.each(Object.entries(PROOFS))("%s: the test is there", (_row, [file, name]) => {
    const path = new URL(`../../../${file}`, import.meta.url)
    expect(existsSync(path), file).toBe(true)
    expect(readFileSync(path, "utf8")).toContain(name)
  })
})

describe("a socket that sends fast", () => {
  it("is read from up to the limit, and then as fast as it may: nothing of it is lost", async () => {
    const { sync, port } = await inProcess({ framesBurst: 20, framesPerSecond: 200 })
    const reader = clientForTest(sync, "fast")
    await reader.provider.whenSynced(patience())
    const socket = await RawSocket.open(port, "/sync/fast")
    const { frames, text } = letters(200)
    socket.send(Buffer.concat(frames))
    const hasAll = (): boolean => reader.ydoc.getText("t").toString() === text
    await waitUntil(onUpdate(reader.ydoc), hasAll, "all that was sent")
  })

  it.each([
    [19, true],
    [20, true],
    [21, false],
    [200, false],
  ])("is closed with 4529 and a hint if it never stops: %d frames", async (count, isTaken) => {
    // Nothing runs in, and there is no patience.
    const { sync, port } = await inProcess({ framesBurst: 20, framesPerSecond: 1e-9, strainedMs: 0 })
    const reader = clientForTest(sync, "fast")
    await reader.provider.whenSynced(patience())
    const socket = await RawSocket.open(port, "/sync/fast")
    const { frames, text } = letters(count)
    socket.send(Buffer.concat(frames))
    if (!isTaken) {
      const { code, reason } = await socket.ending()
      expect(code).toBe(CloseCode.SlowDown)
      const { text: sentence, retryMs } = decodeCloseReason(reason)
      expect(sentence).toMatch(/^QUIRE_TOO_FAST: .+ send less, or larger messages$/)
      expect(retryMs).toBe(INTAKE_LIMITS.retryMs)
    }
    // What was read is kept, also that of the frame that was too much, and others go on.
    const taken = text.slice(0, Math.min(count, 21))
    await waitUntil(onUpdate(reader.ydoc), () => reader.ydoc.getText("t").toString() === taken, "what was read")
    reader.ydoc.getText("t").insert(0, "on ")
    await reader.provider.whenSaved(patience())
  })

  it("is closed by the bytes of it, too", async () => {
    const { port } = await inProcess({ bytesBurst: 1_000, bytesPerSecond: 1e-9, strainedMs: 0 })
    const within = await RawSocket.open(port, "/sync/wide")
    within.send(maskedFrame(Opcode.Binary, sized(1_000)))
    const over = await RawSocket.open(port, "/sync/wide")
    over.send(maskedFrame(Opcode.Binary, sized(1_001)))
    expect((await over.ending()).code).toBe(CloseCode.SlowDown)
    within.send(maskedFrame(Opcode.Ping, Buffer.from("here")))
    await within.frame(({ opcode }) => opcode === Opcode.Pong, "an answer on the line that was within")
  })

  it("is not read from until something has run in; one timer serves all, and none is left", () => {
    const clock = new FakeClock()
    const throttle = new Throttle(clock, { ...INTAKE_LIMITS, framesBurst: 10, framesPerSecond: 10 })
    const sockets = [1, 2, 3].map(() => {
      const socket = {
        isHeld: false,
        hold: () => {
          socket.isHeld = true
        },
        release: () => {
          socket.isHeld = false
        },
      }
      const gauge = throttle.gauge(socket, () => expect.unreachable("not closed"))
      return { socket, gauge }
    })
    expect(clock.pending).toBe(0)
    for (const { gauge } of sockets) for (let i = 0; i < 10; i++) gauge.count(1)
    expect(sockets.map(({ socket }) => socket.isHeld)).toEqual([false, false, false])
    expect(clock.pending).toBe(0)
    // What had been read already is counted, too: the second waits twice as long.
    sockets[0]?.gauge.count(1)
    for (let i = 0; i < 2; i++) sockets[1]?.gauge.count(1)
    expect(sockets.map(({ socket }) => socket.isHeld)).toEqual([true, true, false])
    expect(clock.pending).toBe(1)
    clock.advance(100)
    expect(sockets.map(({ socket }) => socket.isHeld)).toEqual([false, true, false])
    clock.advance(100)
    expect(sockets.map(({ socket }) => socket.isHeld)).toEqual([false, false, false])
    expect(clock.pending).toBe(0)
    sockets[2]?.gauge.count(100)
    sockets[2]?.gauge.closed()
    expect(clock.pending).toBe(0)
  })
})

describe("a close reason", () => {
  it.each([
    ["x".repeat(122), "x".repeat(122)],
    ["x".repeat(123), "x".repeat(123)],
    ["x".repeat(124), `${"x".repeat(120)}…`],
    ["x".repeat(1_230), `${"x".repeat(120)}…`],
    // A character is not split.
    [`x${"ü".repeat(62)}`, `x${"ü".repeat(59)}…`],
    [`x${"🙂".repeat(31)}`, `x${"🙂".repeat(29)}…`],
  ])("has room for 123 bytes: %s", async (reason, told) => {
    const front = ownedByTest(new WebSocketServer({ host: "127.0.0.1", port: 0 }))
    await once(front, "listening")
    front.on("connection", (ws, { socket }) => new SocketLink(ws, socket).close(CloseCode.TryLater, reason))
    const { port } = front.address() as AddressInfo // it listens on a port
    const socket = await RawSocket.open(port, "/")
    expect(await socket.ending()).toEqual({ code: CloseCode.TryLater, reason: told })
  })
})

describe("a request over HTTP", () => {
  it.each([
    [65_535, 201],
    [65_536, 201],
    [65_537, 413],
    [655_360, 413],
  ])("has a body of so many bytes: %d", async (size, status) => {
    const json = '{"title":"sized"}'
    const answer = await post(json + " ".repeat(size - json.length))
    expect(answer.status).toBe(status)
    if (status === 413) expect(answer.text).toContain("QUIRE_BODY_TOO_LARGE")
  })

  it.each([
    [199, 201],
    [200, 201],
    [201, 400],
    [2_000, 400],
  ])("has a title of so many UTF-16 units: %d", async (length, status) => {
    const answer = await post(JSON.stringify({ title: "x".repeat(length) }))
    expect(answer.status).toBe(status)
    if (status === 400) expect(answer.text).toContain("QUIRE_TITLE")
  })

  it.each([
    [16_382, 200],
    [16_383, 200],
    [16_384, 431],
    [16_385, 431],
    [163_840, 431],
  ])("has headers of so many bytes: %d", async (size, status) => {
    expect(await statusOf("/api/health", size)).toBe(status)
    // The door of the sockets is the same.
    if (status === 431) expect(await statusOf("/sync/shared", size)).toBe(status)
  })

  it("goes on being answered after those that were refused", async () => {
    expect((await fetch(`${server.http}/api/health`)).status).toBe(200)
  })
})

async function inProcess(intake: Partial<typeof INTAKE_LIMITS>): Promise<InProcessServer> {
  const options = { intake: { ...INTAKE_LIMITS, ...intake } }
  return ownedByTest(
    await InProcessServer.start(await temporaryFolder(), await unusedPort(), new FaultyDisk(), options),
  )
}

/** So many updates that type a letter each, as frames, and the text they make. */
function letters(count: number): { readonly frames: Buffer[]; readonly text: string } {
  const ydoc = new Y.Doc()
  const frames: Buffer[] = []
  ydoc.on("update", (update: Uint8Array) => {
    frames.push(maskedFrame(Opcode.Binary, encodeMessage({ type: "update", update })))
  })
  const text = ydoc.getText("t")
  for (let i = 0; i < count; i++) text.insert(i, String.fromCharCode(97 + (i % 26)))
  return { frames, text: text.toString() }
}

/** A question who is here, of so many bytes: of a plain client's message the rest is not read. */
function sized(sizeBytes: number): Uint8Array {
  const message = Buffer.alloc(sizeBytes)
  message[0] = 3
  return message
}

function post(body: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" }
    const options = {
      agent: false,
      host: "127.0.0.1",
      port: server.port,
      method: "POST",
      path: "/api/documents",
      headers,
    }
    const sent = request(options, (response) => {
      let text = ""
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk
      })
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }))
    })
    sent.on("error", reject)
    sent.end(body)
  })
}

/** The status that the server answers a request with whose address, and names and values of headers, are so many bytes. */
function statusOf(path: string, headerBytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, "127.0.0.1")
    let answer = ""
    socket.on("error", reject).on("data", (bytes) => {
      answer += bytes.toString("latin1")
      const status = /^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]
      if (status === undefined) return
      socket.destroy()
      resolve(Number(status))
    })
    const counted = `${path}HostxConnectioncloseX-Long`.length
    const filler = "x".repeat(headerBytes - counted)
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: ${filler}\r\n\r\n`)
  })
}

/** The first cells of all tables of docs/limits.md, each with its section in front. */
function limitRows(): string[] {
  const lines = readFileSync(new URL("../../../docs/limits.md", import.meta.url), "utf8").split("\n")
  let section = ""
  const rows: string[] = []
  for (const line of lines) {
    const heading = /^## ([^(]+?)(?: \(|$)/.exec(line)?.[1]
    if (heading !== undefined) section = heading
    const cell = /^\| (.+?) \|/.exec(line)?.[1]
    if (cell !== undefined && cell !== "what" && !/^-+$/.test(cell)) rows.push(`${section}: ${cell}`)
  }
  return rows
}
