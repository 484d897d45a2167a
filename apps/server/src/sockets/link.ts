import { Socket } from "node:net"
import type { Duplex } from "node:stream"
import { TLSSocket } from "node:tls"
import { type CloseCode, ProtocolError } from "@quire/protocol"
import type { Connection, Link, Parcel } from "@quire/sync"
import type { RawData, WebSocket } from "ws"
import { framedPieces } from "./frame.js"
import type { Gauge } from "./throttle.js"

/** Bytes of a close reason (RFC 6455, section 5.5: a control frame carries 125, two of them are the code). */
const REASON_BYTES = 123
/**
 * A peer that does not answer the closing handshake is cut after this long. When the server stops, this comes on top
 * of the time for writing (main.ts), and both must fit into the time that stopping may take.
 */
const CLOSE_MS = 2_000

/**
 * A `ws` socket as a `Link`. Frames are written to the TCP socket by us, prebuilt, so that one buffer serves a whole
 * room; everything else (handshake, reading, pings, closing) is `ws`'s. Compression is off, so its sender never holds
 * half a frame back and the two can share the socket.
 */
export class SocketLink implements Link {
  readonly #ws: WebSocket
  readonly #socket: Duplex
  #connection: Connection | undefined
  #isPaused = false
  #isHeld = false
  /** Whether the socket has more queued than it likes, so that it will say when that is gone. */
  #isFull = false
  #missedPongs = 0

  constructor(ws: WebSocket, socket: Duplex) {
    this.#ws = ws
    this.#socket = socket
  }

  /**
   * Feeds a connection from the socket. Call in the turn of the upgrade, or the first frames are lost.
   *
   * @param gauge counts what is read, behind the connection: a frame that was read is taken, however fast it came.
   */
  attach(connection: Connection, gauge: Gauge): void {
    this.#connection = connection
    this.#ws.on("message", (data: RawData, isBinary: boolean) => {
      const frame = data as Buffer // one Buffer: binaryType is "nodebuffer"
      if (isBinary) connection.receive(frame)
      else connection.refuse(textFrame())
      gauge.count(frame.length)
    })
    this.#ws.on("pong", () => {
      this.#missedPongs = 0
    })
    this.#ws.on("close", () => {
      gauge.closed()
      connection.closed()
    })
    // A malformed frame: ws closes with 1002, 1007 or 1009 by itself. Without a listener the process would end.
    this.#ws.on("error", () => connection.closed())
  }

  send(parcel: Parcel): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return
    const pieces = framedPieces(parcel)
    const [only] = pieces
    if (pieces.length === 1) this.#socket.write(only)
    else {
      this.#socket.cork()
      for (const piece of pieces) this.#socket.write(piece)
      this.#socket.uncork()
    }
    if (this.#socket.writableNeedDrain && !this.#isFull) this.#awaitDrain()
  }

  /** Only while there is something to wait for: most sockets never are full. */
  #awaitDrain(): void {
    this.#isFull = true
    this.#socket.once("drain", () => {
      this.#isFull = false
      this.#connection?.drained()
    })
  }

  queuedBytes(): number {
    return this.#socket.writableLength
  }

  pause(): void {
    this.#isPaused = true
    this.#ws.pause()
  }

  resume(): void {
    this.#isPaused = false
    this.#readAgain()
  }

  /** Like `pause`, for a peer that sends too fast: each is lifted by itself. */
  hold(): void {
    this.#isHeld = true
    this.#ws.pause()
  }

  /** Ends `hold`. */
  release(): void {
    this.#isHeld = false
    this.#readAgain()
  }

  #readAgain(): void {
    if (this.#isPaused || this.#isHeld) return
    this.#missedPongs = 0
    this.#ws.resume()
  }

  close(code: CloseCode, reason: string): void {
    this.#ws.resume()
    this.#ws.close(code, fit(reason))
    setTimeout(() => this.terminate(), CLOSE_MS).unref()
  }

  /** Asks whether the peer is alive; a peer that has not answered twice is cut. A paused one cannot answer. */
  ping(): void {
    if (this.#isPaused || this.#isHeld || this.#ws.readyState !== this.#ws.OPEN) return
    if (this.#missedPongs >= 2) return this.terminate()
    this.#missedPongs++
    this.#ws.ping()
  }

  /**
   * Ends without a word. If the peer has not even taken what is queued, the connection is reset: the system would keep
   * megabytes of it for a peer that reads slowly or is gone, and the peer would read old news for minutes.
   */
  terminate(): void {
    const isReset = this.#socket instanceof Socket && !(this.#socket instanceof TLSSocket) // which cannot be
    if (isReset && this.#socket.writableLength > 0) this.#socket.resetAndDestroy()
    else this.#ws.terminate()
  }
}

function textFrame(): ProtocolError {
  return new ProtocolError("QUIRE_FRAME_TEXT", "a text frame, where every frame is binary", {
    hint: "Set binaryType and send a Uint8Array.",
  })
}

/** The reason, cut to what fits without splitting a character. */
function fit(reason: string): string {
  if (Buffer.byteLength(reason) <= REASON_BYTES) return reason
  let text = reason.slice(0, REASON_BYTES)
  while (Buffer.byteLength(text) > REASON_BYTES - 3 || !text.isWellFormed()) text = text.slice(0, -1)
  return `${text}…`
}
