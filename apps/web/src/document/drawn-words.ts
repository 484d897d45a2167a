import type { Clock } from "@quire/base"
import type { SaveWords } from "./save-words.js"

/**
 * How long all has to have been saved before the light leaves "Saving…". Longer than from one key to the next, so that
 * the light stays as it is while somebody writes: each change of it is a rendering and a frame of its own.
 */
export const SETTLE_MS = 400

/** Where the words come from. */
export interface WordsSource {
  /** What is true now. */
  readonly read: () => SaveWords
  /** Calls `listener` whenever that may have changed. Returns the undo. */
  readonly subscribe: (listener: () => void) => () => void
  /** Time. */
  readonly clock: Clock
}

/**
 * What the save light says. "Saved" is taken back at once, and said again only when it has been true for a while; in
 * between "Saving…" stays. So it may be late with good news, and never with bad: whatever else is true is said at once.
 */
export class DrawnWords {
  readonly #source: WordsSource
  readonly #listeners = new Set<() => void>()
  #words: SaveWords
  #stopHearing: (() => void) | undefined
  #stopTimer: (() => void) | undefined
  /** Since when all has been saved while the light says "Saving…", on the clock's `elapsed()` scale. */
  #savedSinceMs: number | undefined

  constructor(source: WordsSource) {
    this.#source = source
    this.#words = source.read()
  }

  /** What to draw: the same object until something in it changes. */
  readonly get = (): SaveWords => {
    // While nobody listens, nothing has been heard.
    if (this.#listeners.size === 0) this.#keep(this.#source.read())
    return this.#words
  }

  /** Calls `listener` after the words to draw have changed. Returns the undo. */
  readonly subscribe = (listener: () => void): (() => void) => {
    const entry = (): void => listener()
    this.#listeners.add(entry)
    this.#stopHearing ??= this.#source.subscribe(() => this.#look())
    return () => {
      this.#listeners.delete(entry)
      if (this.#listeners.size > 0) return
      this.#stopHearing?.()
      this.#stopTimer?.()
      this.#stopHearing = undefined
      this.#stopTimer = undefined
      this.#savedSinceMs = undefined
    }
  }

  #look(): void {
    const next = this.#source.read()
    const mayHold = next.state === "saved" && this.#words.state === "saving"
    if (mayHold) {
      this.#savedSinceMs ??= this.#source.clock.elapsed()
      // One timer at a time, which looks when it rings: a key costs none.
      if (this.#heldMs() < SETTLE_MS) return this.#lookLater(SETTLE_MS)
    }
    this.#savedSinceMs = undefined
    if (!this.#keep(next)) return
    for (const listener of [...this.#listeners]) listener()
  }

  #heldMs(): number {
    const nowMs = this.#source.clock.elapsed()
    return nowMs - (this.#savedSinceMs ?? nowMs)
  }

  #lookLater(delayMs: number): void {
    this.#stopTimer ??= this.#source.clock.schedule(delayMs, () => {
      this.#stopTimer = undefined
      if (this.#savedSinceMs === undefined) return
      const restMs = SETTLE_MS - this.#heldMs()
      if (restMs > 0) this.#lookLater(restMs)
      else this.#look()
    })
  }

  /** @returns whether they are other words. */
  #keep(next: SaveWords): boolean {
    const now = this.#words
    const isSame =
      now.state === next.state && now.label === next.label && now.aside === next.aside && now.spoken === next.spoken
    if (!isSame) this.#words = next
    return !isSame
  }
}
