import type { Sequence } from "@quire/base"

/** One update a room has taken in. */
export interface RecentUpdate {
  readonly sequence: Sequence
  readonly update: Uint8Array
}

/**
 * What is kept of the limit when it is exceeded. Dropping moves all that stay: a part at once, not one at each key of a
 * room that has long been full.
 */
const KEPT = 15 / 16

/**
 * A room's memory of its newest updates, bounded in bytes: what answers a reader who is only a little behind. While
 * somebody reads the log for an older part (a hold), nothing that follows that part is dropped.
 */
export class Recent {
  readonly #limitBytes: number
  readonly #updates: RecentUpdate[] = []
  readonly #holds = new Set<{ readonly after: Sequence }>()
  #sizeBytes = 0
  /** Everything after this sequence is here. */
  #floor: Sequence
  #durable: Sequence

  /** @param floor the sequence before the first that will be pushed. */
  constructor(limitBytes: number, floor: Sequence) {
    this.#limitBytes = limitBytes
    this.#floor = floor
    this.#durable = floor
  }

  /** Remembers the next update: sequences come without gaps. */
  push(update: RecentUpdate): void {
    this.#updates.push(update)
    this.#sizeBytes += update.update.length
    this.#trim()
  }

  /** The updates after a sequence, oldest first, or `undefined` if the memory does not reach back that far. */
  after(sequence: Sequence): readonly RecentUpdate[] | undefined {
    if (sequence < this.#floor) return undefined
    return this.#updates.slice(sequence - this.#floor)
  }

  /** Everything up to this is on disk, and may be dropped from here. */
  commit(durable: Sequence): void {
    this.#durable = durable
    this.#trim()
  }

  /** True if everything after the sequence is here. */
  reaches(sequence: Sequence): boolean {
    return sequence >= this.#floor
  }

  /** Keeps everything after a sequence until the undo is called. */
  hold(after: Sequence): () => void {
    const hold = { after }
    this.#holds.add(hold)
    return () => {
      if (this.#holds.delete(hold)) this.#trim()
    }
  }

  #trim(): void {
    if (this.#sizeBytes <= this.#limitBytes) return
    let keepAfter: number = this.#durable
    for (const hold of this.#holds) keepAfter = Math.min(keepAfter, hold.after)
    let drop = 0
    while (this.#sizeBytes > this.#limitBytes * KEPT && drop < this.#updates.length) {
      const oldest = this.#updates[drop] as RecentUpdate // drop < length
      if (oldest.sequence > keepAfter) break
      this.#sizeBytes -= oldest.update.length
      this.#floor = oldest.sequence
      drop++
    }
    if (drop > 0) this.#updates.splice(0, drop)
  }
}
