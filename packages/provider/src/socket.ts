import { assertNever, type Clock, type Random } from "@quire/base"
import { Alarm } from "./alarm.js"
import {
  type ConnectionEffect,
  type ConnectionEvent,
  type ConnectionState,
  GIVE_UP_CODE,
  IDLE,
  type Moment,
  next,
} from "./connection.js"

/** A socket's event handler. Written as a method so that the handlers of browsers and of `ws` both fit. */
type Handler<E> = { call(event: E): void }["call"] | null

/** The part of a WebSocket that the provider uses: a browser's fits, and that of the package `ws`. */
export interface SocketLike {
  /** Set to `"arraybuffer"`. */
  binaryType: string
  /** The subprotocol agreed on; empty before `open` and when there is none. */
  readonly protocol: string
  /** The socket may be written to. */
  onopen: Handler<never>
  /** A frame has come: an `ArrayBuffer`, or a string for a text frame. */
  onmessage: Handler<{ readonly data: unknown }>
  /** The socket is gone. */
  onclose: Handler<{ readonly code: number; readonly reason: string }>
  /** Something failed; `onclose` follows. */
  onerror: Handler<never>
  /** Writes one binary frame. */
  send(frame: Uint8Array<ArrayBuffer>): void
  /** Starts closing. */
  close(code?: number, reason?: string): void
}

/** Makes a socket that connects by itself. */
export type SocketConstructor = new (url: string, protocols: string[]) => SocketLike

/** A token, or where to ask for one before each attempt to connect. */
export type TokenSource = string | (() => string | Promise<string>)

/** What a connection needs of the world. */
export interface ConnectionOptions {
  /** The room's address. */
  readonly url: string
  /** Subprotocols to offer. */
  readonly protocols: readonly string[]
  /** The sockets. */
  readonly WebSocket: SocketConstructor
  /** Who says who we are. */
  readonly token: TokenSource
  /** Time. */
  readonly clock: Clock
  /** Jitter. */
  readonly random: Random
}

/** Whom a connection tells. */
export interface ConnectionHandlers {
  /** The socket is open; now is the time to speak first. */
  opened(protocol: string, token: string): void
  /** A binary frame has come. */
  received(frame: Uint8Array): void
  /** An open socket is no more. */
  lost(): void
  /** The state is another one. */
  changed(): void
}

/**
 * Performs the effects of the machine in `connection.ts` on WebSockets, one at a time, and feeds it what they report.
 * Each socket belongs to a generation; once another has begun, its late events touch nothing.
 */
export class Connection {
  readonly #options: ConnectionOptions
  readonly #handlers: ConnectionHandlers
  readonly #alarm: Alarm
  #state: ConnectionState = IDLE
  #generation = 0
  #socket: SocketLike | undefined

  constructor(options: ConnectionOptions, handlers: ConnectionHandlers) {
    this.#options = options
    this.#handlers = handlers
    this.#alarm = new Alarm(options.clock, () => this.#dispatch({ type: "timer", at: this.#moment() }))
  }

  /** Where it stands: the same object until it changes. */
  get state(): ConnectionState {
    return this.#state
  }

  /** Starts connecting, and goes on for ever. */
  open(): void {
    this.#dispatch({ type: "open" })
  }

  /** Leaves. */
  close(): void {
    this.#dispatch({ type: "close" })
  }

  /** Tries early, if it is waiting. */
  nudge(): void {
    this.#dispatch({ type: "nudge", at: this.#moment() })
  }

  /** Takes the connection for a good one: the next loss starts with the shortest wait. */
  synced(): void {
    this.#dispatch({ type: "synced" })
  }

  /** Gives the socket up and connects anew after a wait. */
  drop(reason: string): void {
    this.#dispatch({ type: "lost", code: GIVE_UP_CODE, reason, at: this.#moment() })
  }

  /** Gives the socket up for good, as if the server had closed it with this code (44xx). */
  refuse(code: number, reason: string): void {
    this.#dispatch({ type: "lost", code, reason, at: this.#moment() })
  }

  /** Writes one frame, if the socket is open. */
  send(frame: Uint8Array): void {
    if (this.#state.kind !== "live") return
    // Our encoder makes every frame in a buffer of its own, never in a shared one; lib0's types cannot say so.
    this.#socket?.send(frame as Uint8Array<ArrayBuffer>)
  }

  #dispatch(event: ConnectionEvent): void {
    const before = this.#state
    const [state, effects] = next(before, event)
    if (state === before) return
    this.#state = state
    for (const effect of effects) this.#perform(effect)
    if (before.kind === "live" && state.kind !== "live") this.#handlers.lost()
    this.#handlers.changed()
  }

  #perform(effect: ConnectionEffect): void {
    switch (effect.type) {
      case "connect":
        return this.#connect()
      case "disconnect":
        return this.#disconnect(effect.code, effect.reason)
      case "wake":
        return effect.delayMs === undefined ? this.#alarm.clear() : this.#alarm.set(effect.delayMs)
      default:
        return assertNever(effect)
    }
  }

  #connect(): void {
    const generation = ++this.#generation
    const { token } = this.#options
    if (typeof token === "string") return this.#create(generation, token)
    const ask = async (): Promise<string> => token()
    ask().then(
      (answer) => {
        if (generation === this.#generation) this.#create(generation, answer)
      },
      (error: unknown) => {
        if (generation === this.#generation) this.drop(`no token: ${String(error)}`)
      },
    )
  }

  #create(generation: number, token: string): void {
    const isCurrent = (): boolean => generation === this.#generation
    let socket: SocketLike
    try {
      socket = new this.#options.WebSocket(this.#options.url, [...this.#options.protocols])
    } catch (error) {
      return this.drop(String(error))
    }
    this.#socket = socket
    socket.binaryType = "arraybuffer"
    socket.onopen = () => {
      if (!isCurrent()) return
      this.#dispatch({ type: "connected" })
      this.#handlers.opened(socket.protocol, token)
    }
    socket.onmessage = ({ data }) => {
      if (!isCurrent()) return
      if (data instanceof ArrayBuffer) this.#handlers.received(new Uint8Array(data))
      else this.drop("a frame was not binary")
    }
    socket.onclose = ({ code, reason }) => {
      if (isCurrent()) this.#dispatch({ type: "lost", code, reason, at: this.#moment() })
    }
    // A close event follows every error. The handler stays on abandoned sockets too: `ws` reports the abandoning of a
    // handshake as an error, and one that nobody listens to ends a Node process.
    socket.onerror = () => undefined
  }

  #disconnect(code: number, reason: string): void {
    this.#generation++
    const socket = this.#socket
    this.#socket = undefined
    if (socket === undefined) return
    socket.onopen = null
    socket.onmessage = null
    socket.onclose = null
    socket.close(code, reason)
  }

  #moment(): Moment {
    const { clock, random } = this.#options
    return { nowMs: clock.now(), elapsedMs: clock.elapsed(), fraction: random.fraction() }
  }
}
