import type { Clock } from "@quire/base"

interface Timer {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/** A clock that moves only when told. Timers due at one moment run in the order in which they were scheduled. */
export class FakeClock implements Clock {
  #nowMs: number
  #order = 0
  #timers: Timer[] = []
  readonly #startMs: number

  /** @param startMs the first `now()`; `elapsed()` starts at 0. */
  constructor(startMs = 1_700_000_000_000) {
    this.#nowMs = startMs
    this.#startMs = startMs
  }

  now(): number {
    return this.#nowMs
  }

  elapsed(): number {
    return this.#nowMs - this.#startMs
  }

  schedule(delayMs: number, run: () => void): () => void {
    const timer: Timer = { at: this.#nowMs + delayMs, order: this.#order++, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Timers not run yet: 0 after everything was closed, or something leaks. */
  get pending(): number {
    return this.#timers.length
  }

  /** Moves time forward, running what comes due on the way, also what that schedules. */
  advance(ms: number): void {
    const until = this.#nowMs + ms
    for (;;) {
      const next = this.#due(until)
      if (next === undefined) break
      this.#timers = this.#timers.filter((timer) => timer !== next)
      this.#nowMs = next.at
      next.run()
    }
    this.#nowMs = until
  }

  #due(until: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.at > until) continue
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order)) {
        first = timer
      }
    }
    return first
  }
}

/** Lets every promise that can settle by itself do so. No time passes. */
export async function settle(turns = 20): Promise<void> {
  for (let i = 0; i < turns; i++) await Promise.resolve()
}
