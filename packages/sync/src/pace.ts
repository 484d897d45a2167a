import type { RoomLimits } from "./limits.js"

/**
 * How far apart a room's flushes are, in milliseconds: the more readers, the more a flush costs, and the more is saved
 * by putting two updates into one write. So a room takes about the same share of the process whatever its size.
 * ADR 0019.
 */
export function flushSpacing(readers: number, limits: RoomLimits): number {
  return Math.min(limits.flushLongestMs, Math.max(limits.flushMs, readers * limits.flushPerReaderMs))
}

/**
 * When a room's next flush may leave: at once while the room is quiet, spaced while it is busy. A busy room is one
 * that used up its credit: one flush per `everyMs` on average, with a few in reserve, so that two people typing never
 * wait for each other.
 */
export class Pace {
  readonly #reserve: number
  #credit: number
  #countedAt: number

  constructor(nowMs: number, reserve = 4) {
    this.#reserve = reserve
    this.#credit = reserve
    this.#countedAt = nowMs
  }

  /** Milliseconds until the next flush may leave; 0 in a quiet room. */
  waitMs(nowMs: number, everyMs: number): number {
    this.#count(nowMs, everyMs)
    return this.#credit >= 1 ? 0 : (1 - this.#credit) * everyMs
  }

  /** A flush leaves now. */
  spend(nowMs: number, everyMs: number): void {
    this.#count(nowMs, everyMs)
    this.#credit = Math.max(0, this.#credit - 1)
  }

  #count(nowMs: number, everyMs: number): void {
    this.#credit = Math.min(this.#reserve, this.#credit + (nowMs - this.#countedAt) / everyMs)
    this.#countedAt = nowMs
  }
}
