import type { UpdateSummary } from "@quire/protocol"
import type { Knowledge } from "./knowledge.js"
import type { Session } from "./session.js"

interface Held {
  readonly update: Uint8Array
  readonly summary: UpdateSummary
  readonly session: Session
}

/**
 * Updates that build on something nobody has sent, kept in case somebody does. Bounded in bytes: the oldest go first,
 * their senders still have them.
 */
export class Quarantine {
  readonly #limitBytes: number
  #held: Held[] = []
  #sizeBytes = 0

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  /** Keeps one. */
  hold(held: Held): void {
    if (held.update.length > this.#limitBytes) return
    this.#held.push(held)
    this.#sizeBytes += held.update.length
    while (this.#sizeBytes > this.#limitBytes) this.#sizeBytes -= this.#held.shift()?.update.length ?? 0
  }

  /** Takes out those that are complete by now. */
  release(knowledge: Knowledge): readonly Held[] {
    if (this.#held.length === 0) return []
    const released = this.#held.filter(({ summary }) => knowledge.judge(summary).kind !== "incomplete")
    if (released.length === 0) return released
    this.#held = this.#held.filter((held) => !released.includes(held))
    for (const { update } of released) this.#sizeBytes -= update.length
    return released
  }
}
