import type { RoomLimits } from "./limits.js"
import type { Session } from "./session.js"
import type { UnsavedBudget } from "./unsaved-budget.js"

/**
 * What a room has accepted and the disk has not: counted in bytes, bounded by pausing the writers. Readers are never
 * paused. Rule R6.
 */
export class Unsaved {
  readonly #limitBytes: number
  readonly #budget: UnsavedBudget
  readonly #paused = new Set<Session>()
  #bytes = 0

  constructor(limits: RoomLimits, budget: UnsavedBudget) {
    this.#limitBytes = limits.unsavedBytes
    this.#budget = budget
  }

  /** Bytes accepted and not on disk. */
  get bytes(): number {
    return this.#bytes
  }

  /** An update was accepted; over the bound, its writer is not read from. */
  add(session: Session, sizeBytes: number): void {
    this.#bytes += sizeBytes
    this.#budget.add(sizeBytes)
    if (this.#bytes > this.#limitBytes || this.#budget.isOver) {
      this.#paused.add(session)
      session.visitor.link.pause()
    }
  }

  /** It is on disk. */
  saved(sizeBytes: number): void {
    this.#bytes -= sizeBytes
    this.#budget.remove(sizeBytes)
    this.resumeWriters()
  }

  /** Reads from the writers again, if there is space. */
  resumeWriters(): void {
    if (this.#paused.size === 0 || this.#bytes > this.#limitBytes / 2 || this.#budget.isOver) return
    for (const session of this.#paused) session.visitor.link.resume()
    this.#paused.clear()
  }

  /** A session has left. */
  forget(session: Session): void {
    this.#paused.delete(session)
  }
}
