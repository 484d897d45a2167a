import type { Random, Sequence } from "@quire/base"
import { asSequence } from "@quire/base"
import {
  type ClientMessage,
  decodeClientMessage,
  encodeMessage,
  type Grant,
  type Message,
  SUBPROTOCOL,
} from "@quire/protocol"
import { FakeClock } from "@quire/testing"
import * as Y from "yjs"
import { Provider, type ProviderOptions, type SocketLike } from "../src/index.js"

/** A socket whose server is the test. */
export class FakeSocket implements SocketLike {
  readonly url: string
  readonly offered: readonly string[]
  binaryType = ""
  protocol = ""
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number; reason: string }) => void) | null = null
  onerror: (() => void) | null = null
  /** Everything the client has sent and the test has not taken yet. */
  #sent: Uint8Array[] = []
  closedWith: { code: number | undefined; reason: string | undefined } | undefined

  constructor(url: string, offered: readonly string[]) {
    this.url = url
    this.offered = offered
  }

  send(frame: Uint8Array): void {
    this.#sent.push(frame)
  }

  close(code?: number, reason?: string): void {
    this.closedWith ??= { code, reason }
  }

  /** The server accepts. */
  accept(protocol = SUBPROTOCOL): void {
    this.protocol = protocol
    this.onopen?.()
  }

  /** The server says this. */
  say(...messages: Message[]): void {
    for (const message of messages) this.sayBytes(encodeMessage(message))
  }

  /** The server says these bytes. */
  sayBytes(bytes: Uint8Array): void {
    this.onmessage?.({ data: bytes.slice().buffer })
  }

  /** The server closes, or the network does. */
  hangUp(code = 1006, reason = ""): void {
    this.onclose?.({ code, reason })
  }

  /** What the client has said since the last call. */
  take(): ClientMessage[] {
    const messages = this.#sent.map((frame) => decodeClientMessage(frame, "native"))
    this.#sent = []
    return messages
  }

  /** The content messages among what the client has said since the last call. */
  takeContent(): Uint8Array[] {
    return this.take().flatMap((message) =>
      message.type === "step2" || message.type === "update" ? [message.update] : [],
    )
  }
}

export const EPOCH = "00112233445566aa"
export const NOTHING: Uint8Array = Uint8Array.of(0, 0)
export const EMPTY_VECTOR: Uint8Array = Uint8Array.of(0)

/** Jitter of one half, always. */
export const EVEN: Random = { bytes: (length) => new Uint8Array(length), fraction: () => 0.5 }

export function seq(value: number): Sequence {
  return asSequence(value)
}

/** A provider whose sockets are answered by the test. */
export interface World {
  readonly clock: FakeClock
  readonly ydoc: Y.Doc
  readonly provider: Provider
  readonly sockets: FakeSocket[]
  /** The newest socket. */
  socket(): FakeSocket
  /** Accepts the newest socket and brings it in sync: welcome, step 1, step 2; what the client said is taken. */
  join(options?: { readonly grant?: Grant; readonly vector?: Uint8Array; readonly update?: Uint8Array }): FakeSocket
  /** One local transaction, and the end of its turn. */
  type(text: string): void
  text(): string
}

export function createWorld(options: Partial<ProviderOptions> = {}): World {
  const clock = new FakeClock()
  const ydoc = options.ydoc ?? new Y.Doc()
  const sockets: FakeSocket[] = []
  class Socket extends FakeSocket {
    constructor(url: string, offered: readonly string[]) {
      super(url, offered)
      sockets.push(this)
    }
  }
  const provider = new Provider({
    url: "ws://127.0.0.1:4400/sync",
    document: "my-doc",
    ydoc,
    WebSocket: Socket,
    clock,
    random: EVEN,
    ...options,
  })
  const socket = (): FakeSocket => {
    const last = sockets.at(-1)
    if (last === undefined) throw new Error("no socket was made")
    return last
  }
  return {
    clock,
    ydoc,
    provider,
    sockets,
    socket,
    join: ({ grant = "write", vector = EMPTY_VECTOR, update = NOTHING } = {}) => {
      const made = socket()
      made.accept()
      made.say(
        { type: "welcome", epoch: EPOCH, grant, schema: 0, isResumed: false },
        { type: "step1", stateVector: vector },
        { type: "step2", update },
      )
      made.take()
      return made
    },
    type: (text) => {
      const body = ydoc.getText("body")
      body.insert(body.length, text)
      clock.advance(0)
    },
    text: () => ydoc.getText("body").toString(),
  }
}

/** An update that another client made. */
export function foreignUpdate(text: string): Uint8Array {
  const other = new Y.Doc()
  other.getText("body").insert(0, text)
  return Y.encodeStateAsUpdate(other)
}

/** The text of a ydoc that got these updates. */
export function textOf(updates: readonly Uint8Array[]): string {
  const ydoc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(ydoc, update)
  return ydoc.getText("body").toString()
}

/** An acknowledgement of everything up to message `through`. */
export function ack(through: number): Message {
  return { type: "acknowledge", through, sequence: seq(through) }
}
