import type { Clock } from "@quire/base"
import { Listeners } from "./listeners.js"
import type { LogHealth } from "./log.js"

const OK: LogHealth = { kind: "ok" }

/** Whether appends reach the disk, and who wants to know. */
export class Health {
  readonly #clock: Clock
  readonly #listeners = new Listeners<[]>()
  #now: LogHealth = OK

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The same object until it changes. */
  get(): LogHealth {
    return this.#now
  }

  subscribe(listener: () => void): () => void {
    return this.#listeners.add(listener)
  }

  /** Appends do not reach the disk. `sinceMs` stays that of the first failure in a row. */
  fail(reason: string): void {
    const before = this.#now
    if (before.kind === "failing" && before.reason === reason) return
    this.#now = { kind: "failing", reason, sinceMs: before.kind === "failing" ? before.sinceMs : this.#clock.now() }
    this.#listeners.notify()
  }

  /** Appends reach the disk again. */
  recover(): void {
    if (this.#now === OK) return
    this.#now = OK
    this.#listeners.notify()
  }
}
