import type { Clock } from "@quire/base"
import { endOfToken, readFromHost, type ToHost } from "./host-message.js"

/** Another token is asked for this long before the end, or halfway there if that is later. */
const AHEAD_MS = 60_000
/** One that did not come is asked for again after this. */
const AGAIN_MS = 10_000

/** What a host takes from the browser. */
export interface HostPorts {
  /** The window of the page in the frame. */
  readonly window: Pick<Window, "parent" | "addEventListener">
  readonly clock: Clock
}

/**
 * The application around the frame, and the token by which it says who sits there. Only the parent window is listened to:
 * which pages that may be, the server has told the browser (`frame-ancestors`). What is said before the first answer goes
 * to whoever the parent is and tells nothing; from then on it goes to the origin that answered.
 */
export class Host {
  readonly #ports: HostPorts
  readonly #listeners = new Set<() => void>()
  #token: string | undefined
  #origin: string | undefined
  #cancel: (() => void) | undefined

  constructor(ports: HostPorts) {
    this.#ports = ports
    ports.window.addEventListener("message", (event) => this.#hear(event))
    this.#say({ quire: 1, kind: "ready" })
  }

  /** The newest token; empty before the first. */
  readonly token = (): string => this.#token ?? ""

  /** Calls `listener` after each new token. @returns the undo. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves once there is a token. */
  async whenKnown(): Promise<void> {
    if (this.#token !== undefined) return
    await new Promise<void>((resolve) => {
      const stop = this.subscribe(() => {
        stop()
        resolve()
      })
    })
  }

  /** Asks for another token, until one comes. */
  wantToken(): void {
    this.#cancel?.()
    this.#cancel = this.#ports.clock.schedule(AGAIN_MS, () => this.wantToken())
    this.#say({ quire: 1, kind: "token-wanted" })
  }

  /** Tells whether everything that was written is on the server's disk. */
  tellSaved(isSaved: boolean): void {
    this.#say({ quire: 1, kind: "status", isSaved })
  }

  #hear({ source, origin, data }: MessageEvent<unknown>): void {
    if (source !== this.#ports.window.parent || (this.#origin ?? origin) !== origin) return
    const message = readFromHost(data)
    if (message === undefined || message.token === this.#token) return
    this.#origin = origin
    this.#token = message.token
    this.#plan(message.token)
    for (const listener of this.#listeners) listener()
  }

  #plan(token: string): void {
    const { clock } = this.#ports
    this.#cancel?.()
    this.#cancel = undefined
    const endMs = endOfToken(token)
    if (endMs === undefined) return
    const leftMs = Math.max(0, endMs - clock.now())
    // A longer wait than a timer can count is cut by the browser to none.
    const waitMs = Math.min(Math.max(leftMs - AHEAD_MS, leftMs / 2), 2 ** 31 - 1)
    this.#cancel = clock.schedule(waitMs, () => this.wantToken())
  }

  #say(message: ToHost): void {
    this.#ports.window.parent.postMessage(message, this.#origin ?? "*")
  }
}
