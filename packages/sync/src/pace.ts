/**
 * When a room's next flush may leave: at once while the room is quiet, spaced while it is busy. A busy room is one
 * that used up its credit: one flush per `everyMs` on average, with a few in reserve, so that two people typing never
 * wait for each other.
 */
export class Pace {
  readonly #everyMs: number
  readonly #reserve: number
  #credit: number
  #countedAt: number

  constructor(everyMs: number, nowMs: number, reserve = 4) {
    this.#everyMs = everyMs
    this.#reserve = reserve
    this.#credit = reserve
    this.#countedAt = nowMs
  }

  /** Milliseconds until the next flush may leave; 0 in a quiet room. */
  waitMs(nowMs: number): number {
    this.#count(nowMs)
    return this.#credit >= 1 ? 0 : (1 - this.#credit) * this.#everyMs
  }

  /** A flush leaves now. */
  spend(nowMs: number): void {
    this.#count(nowMs)
    this.#credit = Math.max(0, this.#credit - 1)
  }

  #count(nowMs: number): void {
    this.#credit = Math.min(this.#reserve, this.#credit + (nowMs - this.#countedAt) / this.#everyMs)
    this.#countedAt = nowMs
  }
}
