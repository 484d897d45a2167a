import type { Clock } from "@quire/base"
import type * as Y from "yjs"
import { Alarm } from "./alarm.js"

/**
 * Yjs sets an update aside that builds on something not here, and takes it in when that comes. A server that keeps its
 * rules never leaves such a gap for long; one that lost a frame, or a plain server that was handed half a story, does,
 * and nothing in the protocol would ever ask again. This does.
 */

/** Set-aside content is waited for this long after it was seen on a synced connection, before it is asked for. */
export const PENDING_MS = 10_000

/** The wait doubles with each asking, up to this. */
export const PENDING_MAX_MS = 300_000

/** What the watch needs of the exchange. */
export interface PendingWatchOptions {
  /** The page's ydoc. */
  readonly ydoc: Y.Doc
  /** Time. */
  readonly clock: Clock
  /** Sends our step 1 once more. */
  readonly ask: () => void
  /** Called with true when asking did not help, and with false once everything is here after all. */
  readonly missing: (isMissing: boolean) => void
}

/** Asks again for what set-aside updates build on, while the connection is in sync. */
export class PendingWatch {
  readonly #options: PendingWatchOptions
  readonly #alarm: Alarm
  #isSynced = false
  #asked = 0
  #isMissing = false

  constructor(options: PendingWatchOptions) {
    this.#options = options
    this.#alarm = new Alarm(options.clock, () => this.#askAgain())
  }

  /** The server has answered our step 1 on this connection. */
  synced(): void {
    this.#isSynced = true
    this.look()
  }

  /** The connection is gone: the next one begins with a step 1 of its own. */
  disconnected(): void {
    this.#isSynced = false
    this.#asked = 0
    this.#alarm.clear()
  }

  /** Looks whether something is set aside. To be called whenever an update was taken in. */
  look(): void {
    const { store } = this.#options.ydoc
    if (store.pendingStructs !== null || store.pendingDs !== null) {
      if (this.#isSynced && !this.#alarm.isSet) this.#alarm.set(Math.min(PENDING_MAX_MS, PENDING_MS * 2 ** this.#asked))
      return
    }
    this.#asked = 0
    this.#alarm.clear()
    this.#tell(false)
  }

  #askAgain(): void {
    this.#tell(this.#asked > 0)
    this.#asked++
    this.#options.ask()
    this.look()
  }

  #tell(isMissing: boolean): void {
    if (isMissing === this.#isMissing) return
    this.#isMissing = isMissing
    this.#options.missing(isMissing)
  }
}
