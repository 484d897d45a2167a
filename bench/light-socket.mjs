// A WebSocket client (RFC 6455) on a bare TCP socket that does as little as a client can: frames it sends were made and
// masked beforehand, frames it gets are handed on as views. So what the load costs stays small beside the server.
import { once } from "node:events"
import { connect } from "node:net"

const BINARY_FINAL = 0x82
const PONG_FINAL = 0x8a
const MASKED = 0x80
const Opcode = { Binary: 2, Close: 8, Ping: 9 }
/** Any key that is not zero: servers may skip unmasking for zero. */
const MASK = Buffer.of(0x51, 0x75, 0x69, 0x72)

/** One binary message as a client's frame, to be made before the clock runs. */
export function clientFrame(payload, firstByte = BINARY_FINAL) {
  const { length } = payload
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8
  const frame = Buffer.alloc(2 + lengthBytes + MASK.length + length)
  frame[0] = firstByte
  frame[1] = MASKED | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127)
  if (lengthBytes === 2) frame.writeUInt16BE(length, 2)
  if (lengthBytes === 8) frame.writeBigUInt64BE(BigInt(length), 2)
  MASK.copy(frame, 2 + lengthBytes)
  const start = 2 + lengthBytes + MASK.length
  for (let i = 0; i < length; i++) frame[start + i] = payload[i] ^ MASK[i & 3]
  return frame
}

/**
 * A WebSocket. `onMessage` gets each binary message as a view that is good until it returns; `onLost` is told once, with
 * the reason, when the connection ends or never begins.
 */
export class LightSocket {
  /** Why the server closed it, or `undefined` while it is open or after `close()`. */
  lost
  /** Resolves once the server has agreed; rejects if it does not. Messages may come in the same turn. */
  opened
  #tcp
  #onMessage
  #onLost
  #pending
  #isClosed = false

  /** Begins to connect; `opened` says when it is done. */
  constructor({ port, path, subprotocol, headers = {}, onMessage, onLost }) {
    this.#onMessage = onMessage
    this.#onLost = onLost
    const request = handshake(port, path, { subprotocol, headers })
    this.#tcp = connect({ port, host: "127.0.0.1", noDelay: true }, () => this.#tcp.write(request))
    this.#tcp.on("close", () => this.#lose("the connection was cut"))
    this.opened = new Promise((resolve, reject) => {
      this.#tcp.on("error", (error) => {
        this.#lose(error.message)
        reject(error)
      })
      this.#awaitAgreement(resolve, reject)
    })
  }

  /** Sends frames made by `clientFrame`. */
  send(frame) {
    this.#tcp.write(frame)
  }

  /** Leaves without waiting for the server's goodbye. Resolves once the socket is gone. */
  close() {
    this.#isClosed = true
    if (this.#tcp.closed) return Promise.resolve()
    const closed = once(this.#tcp, "close")
    this.#tcp.end(clientFrame(Buffer.of(0x03, 0xe8), 0x88))
    this.#tcp.destroySoon()
    return closed
  }

  #awaitAgreement(resolve, reject) {
    let head = Buffer.alloc(0)
    const onHead = (chunk) => {
      head = Buffer.concat([head, chunk])
      const end = head.indexOf("\r\n\r\n")
      if (end < 0) return
      this.#tcp.off("data", onHead)
      const status = head.toString("latin1", 0, head.indexOf("\r\n"))
      if (!status.startsWith("HTTP/1.1 101")) {
        this.#lose(`the server answered "${status}"`)
        return reject(new Error(this.lost))
      }
      this.#tcp.on("data", (bytes) => this.#take(bytes))
      resolve()
      if (head.length > end + 4) this.#take(head.subarray(end + 4))
    }
    this.#tcp.on("data", onHead)
  }

  #lose(reason) {
    if (this.#isClosed || this.lost !== undefined) return
    this.lost = reason
    this.#onLost?.(reason)
  }

  #take(chunk) {
    let bytes = this.#pending === undefined ? chunk : Buffer.concat([this.#pending, chunk])
    for (;;) {
      const frame = readFrame(bytes)
      if (frame === undefined) break
      this.#handle(frame)
      bytes = bytes.subarray(frame.sizeBytes)
    }
    this.#pending = bytes.length === 0 ? undefined : bytes
  }

  #handle({ opcode, payload }) {
    if (opcode === Opcode.Binary) this.#onMessage(payload)
    else if (opcode === Opcode.Ping) this.send(clientFrame(payload, PONG_FINAL))
    else if (opcode === Opcode.Close)
      this.#lose(`closed with ${payload.readUInt16BE(0)} ${payload.toString("utf8", 2)}`)
    else this.#lose(`a frame with opcode ${opcode}`)
  }
}

function handshake(port, path, { subprotocol, headers }) {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: cXVpcmUtYmVuY2gtMDAwMQ==",
  ]
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  if (subprotocol !== undefined) lines.push(`Sec-WebSocket-Protocol: ${subprotocol}`)
  return `${lines.join("\r\n")}\r\n\r\n`
}

/** The first whole frame in the bytes; servers do not mask, and the ones here do not split messages. */
function readFrame(bytes) {
  if (bytes.length < 2) return undefined
  let length = bytes[1] & 0x7f
  let start = 2
  if (length === 126) {
    if (bytes.length < 4) return undefined
    length = bytes.readUInt16BE(2)
    start = 4
  } else if (length === 127) {
    if (bytes.length < 10) return undefined
    length = Number(bytes.readBigUInt64BE(2))
    start = 10
  }
  const sizeBytes = start + length
  if (bytes.length < sizeBytes) return undefined
  return { opcode: bytes[0] & 0x0f, payload: bytes.subarray(start, sizeBytes), sizeBytes }
}
