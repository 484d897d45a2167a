import type { Sequence } from "@quire/base"

/** What a native session is told once its content is on disk. */
export interface Acknowledgement {
  /** The highest number of a content message up to which all are durable. */
  readonly through: number
  /** The place in the log of the last of them. */
  readonly sequence: Sequence
}

interface Outstanding {
  readonly number: number
  /** Durable when the log has reached this; `undefined` while the content waits for what it builds on. */
  sequence: Sequence | undefined
}

/**
 * The content messages of one native session that are not acknowledged yet. Numbers are those of the wire: 1 for the
 * connection's first step 2 or update. Acknowledgements are cumulative, so one that waits holds back those behind it.
 */
export class Acknowledgements {
  readonly #outstanding: Outstanding[] = []
  #received = 0

  /** True if nothing waits to be acknowledged. */
  get areAllSettled(): boolean {
    return this.#outstanding.length === 0
  }

  /** Counts the next content message. @returns its number. */
  next(): number {
    return ++this.#received
  }

  /** The content is in the log, or will be, at this sequence. */
  expect(number: number, sequence: Sequence): void {
    this.#outstanding.push({ number, sequence })
  }

  /** The content builds on something that is missing; a later step 2 will bring it again. */
  block(number: number): void {
    this.#outstanding.push({ number, sequence: undefined })
  }

  /** A step 2 with this number has everything that was blocked before it. */
  unblock(number: number, sequence: Sequence): void {
    for (const entry of this.#outstanding) {
      if (entry.number <= number && entry.sequence === undefined) entry.sequence = sequence
    }
  }

  /** Takes out what is durable now. */
  settle(durable: Sequence): Acknowledgement | undefined {
    let settled = 0
    let sequence = 0
    for (const entry of this.#outstanding) {
      if (entry.sequence === undefined || entry.sequence > durable) break
      sequence = Math.max(sequence, entry.sequence)
      settled++
    }
    if (settled === 0) return undefined
    const last = this.#outstanding[settled - 1] as Outstanding // settled ≥ 1
    this.#outstanding.splice(0, settled)
    return { through: last.number, sequence: sequence as Sequence }
  }
}
