import type { Clock } from "@quire/base"

/** Something to do once, at a moment that may be moved. One alarm holds at most one timer. */
export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #dueMs = 0
  #cancel: (() => void) | undefined

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** True while it is going to ring. */
  get isSet(): boolean {
    return this.#cancel !== undefined
  }

  /** Rings `delayMs` from now, whatever was asked for before. */
  set(delayMs: number): void {
    this.clear()
    this.#dueMs = this.#clock.elapsed() + delayMs
    this.#cancel = this.#clock.schedule(delayMs, () => {
      this.#cancel = undefined
      this.#ring()
    })
  }

  /** Rings no later than `dueMs` on the clock's `elapsed()` scale; an earlier ring stays. */
  setBy(dueMs: number): void {
    if (this.isSet && this.#dueMs <= dueMs) return
    this.set(Math.max(0, dueMs - this.#clock.elapsed()))
  }

  /** Does not ring any more until it is set again. */
  clear(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
