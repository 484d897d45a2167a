import { randomBytes } from "node:crypto"
import { connect, type Socket } from "node:net"
import { encodeMessage, type Message } from "@quire/protocol"
import { ownedByTest, type Subscribe, waitUntil } from "./harness.js"

/** Opcodes of RFC 6455, section 5.2, as far as the tests need them. */
export const Opcode = { Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 } as const

/** A frame from the server. */
export interface Frame {
  readonly opcode: number
  readonly payload: Buffer
}

/** How the server ended a connection: the close frame's content, if it sent one. */
export interface Ending {
  /** The close code; 1005 for a close frame without one, 1006 if the socket ended without a close frame. */
  readonly code: number
  readonly reason: string
}

/** What the opening handshake is sent with. */
export interface HandshakeOptions {
  /** Further header fields. */
  readonly headers?: Readonly<Record<string, string>>
  /** Subprotocol to offer. */
  readonly subprotocol?: string
}

/**
 * A WebSocket client that sends whatever it is told: made of a TCP socket, so that it can break every rule. It answers
 * nothing by itself.
 */
export class RawSocket {
  /** The status of the server's answer to the handshake: 101 if it agreed. */
  readonly status: number
  /** The body of an answer that did not agree. */
  readonly refusal: string
  /** The header lines of the answer. */
  readonly headers: string
  readonly #socket: Socket
  readonly #subscribe: Subscribe
  readonly #bytes: () => Buffer
  readonly #isEnded: () => boolean

  private constructor(socket: Socket, head: Head, incoming: Incoming) {
    this.#socket = socket
    this.status = head.status
    this.headers = head.headers
    this.refusal = head.status === 101 ? "" : head.rest().toString("utf8")
    this.#bytes = head.rest
    this.#subscribe = incoming.subscribe
    this.#isEnded = incoming.isEnded
  }

  /** Shakes hands. Closed after the test. @param target path and query, as they are to stand in the request line. */
  static async open(port: number, target: string, options: HandshakeOptions = {}): Promise<RawSocket> {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true })
    ownedByTest({ close: () => void socket.destroy() })
    const incoming = listenTo(socket)
    const { headers = {}, subprotocol } = options
    const fields = {
      Host: `127.0.0.1:${port}`,
      Upgrade: "websocket",
      Connection: "Upgrade",
      "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
      "Sec-WebSocket-Version": "13",
      ...(subprotocol === undefined ? {} : { "Sec-WebSocket-Protocol": subprotocol }),
      ...headers,
    }
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
    socket.write(`GET ${target} HTTP/1.1\r\n${lines.join("")}\r\n`)
    const endOfHead = (): number => incoming.bytes().indexOf("\r\n\r\n")
    await waitUntil(
      incoming.subscribe,
      () => endOfHead() >= 0 || incoming.isEnded(),
      "the server's answer to the handshake",
    )
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(incoming.bytes().toString("latin1"))?.[1])
    if (status !== 101) await waitUntil(incoming.subscribe, incoming.isEnded, "the end of a refused handshake")
    const from = endOfHead() + 4
    const answered = incoming.bytes().toString("latin1", 0, from).replaceAll("\r", "")
    return new RawSocket(socket, { status, headers: answered, rest: () => incoming.bytes().subarray(from) }, incoming)
  }

  /** Everything the server has sent. */
  get frames(): readonly Frame[] {
    return parseFrames(this.#bytes())
  }

  /** Sends bytes as they are. What the server no longer takes is lost. */
  send(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes)
  }

  /** Sends bytes, and waits until the system has taken them. */
  async sent(bytes: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.write(bytes, () => resolve()))
  }

  /** Ends the TCP connection without a word. */
  cut(): void {
    this.#socket.resetAndDestroy()
  }

  /** Sends a message of the protocol, as a binary frame. */
  say(message: Message): void {
    this.send(maskedFrame(Opcode.Binary, encodeMessage(message)))
  }

  /** Waits for a frame from the server. @param what for the error, if it does not come. */
  async frame(isIt: (frame: Frame) => boolean, what: string): Promise<Frame> {
    await waitUntil(this.#subscribe, () => this.frames.some(isIt) || this.#isEnded(), what)
    const found = this.frames.find(isIt)
    if (found === undefined) throw new Error(`the connection ended without ${what}`)
    return found
  }

  /** Waits until the server has ended the connection. */
  async ending(): Promise<Ending> {
    // A close frame is the end of what the server says; it then waits for an answer, which this client does not give.
    const closeFrame = (): Frame | undefined => this.frames.find(({ opcode }) => opcode === Opcode.Close)
    await waitUntil(this.#subscribe, () => closeFrame() !== undefined || this.#isEnded(), "the connection's end")
    const payload = closeFrame()?.payload
    if (payload === undefined) return { code: 1006, reason: "" }
    if (payload.length < 2) return { code: 1005, reason: "" }
    return { code: payload.readUInt16BE(0), reason: payload.subarray(2).toString("utf8") }
  }
}

/** A client's frame: masked, final. */
export function maskedFrame(opcode: number, payload: Uint8Array): Buffer {
  const mask = randomBytes(4)
  const { length } = payload
  const size = length < 126 ? Buffer.of(0x80 | length) : longSize(length)
  const masked = Buffer.from(payload)
  for (let i = 0; i < length; i++) masked[i] = (masked[i] ?? 0) ^ (mask[i % 4] ?? 0)
  return Buffer.concat([Buffer.of(0x80 | opcode), size, mask, masked])
}

function longSize(length: number): Buffer {
  if (length < 65_536) {
    const size = Buffer.of(0x80 | 126, 0, 0)
    size.writeUInt16BE(length, 1)
    return size
  }
  const size = Buffer.alloc(9)
  size[0] = 0x80 | 127
  size.writeBigUInt64BE(BigInt(length), 1)
  return size
}

interface Head {
  readonly status: number
  readonly headers: string
  readonly rest: () => Buffer
}

interface Incoming {
  readonly bytes: () => Buffer
  readonly isEnded: () => boolean
  readonly subscribe: Subscribe
}

function listenTo(socket: Socket): Incoming {
  const listeners = new Set<() => void>()
  let chunks: Buffer[] = []
  let isEnded = false
  const tell = (): void => {
    for (const listener of [...listeners]) listener()
  }
  const end = (): void => {
    isEnded = true
    tell()
  }
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk)
    tell()
  })
  socket.on("end", end).on("error", end).on("close", end)
  return {
    bytes: () => {
      if (chunks.length > 1) chunks = [Buffer.concat(chunks)]
      return chunks[0] ?? Buffer.alloc(0)
    },
    isEnded: () => isEnded,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** The whole frames at the beginning of what came. A server neither masks nor, here, fragments. */
function parseFrames(bytes: Buffer): Frame[] {
  const frames: Frame[] = []
  for (let at = 0; at + 2 <= bytes.length; ) {
    const size = (bytes[at + 1] ?? 0) & 0x7f
    const headBytes = size < 126 ? 2 : size === 126 ? 4 : 10
    if (at + headBytes > bytes.length) break
    const length = size < 126 ? size : size === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
    const end = at + headBytes + length
    if (end > bytes.length) break
    frames.push({ opcode: (bytes[at] ?? 0) & 0x0f, payload: bytes.subarray(at + headBytes, end) })
    at = end
  }
  return frames
}
