/** Bytes accepted and not on disk, over all rooms of a process. */
export class UnsavedBudget {
  readonly #limitBytes: number
  readonly #onRelief: () => void
  #bytes = 0
  #wasOver = false

  /** @param onRelief called when the total has fallen to half of the limit, after having been over it. */
  constructor(limitBytes: number, onRelief: () => void) {
    this.#limitBytes = limitBytes
    this.#onRelief = onRelief
  }

  get isOver(): boolean {
    return this.#bytes > this.#limitBytes
  }

  add(bytes: number): void {
    this.#bytes += bytes
    if (this.isOver) this.#wasOver = true
  }

  remove(bytes: number): void {
    this.#bytes -= bytes
    if (!this.#wasOver || this.#bytes > this.#limitBytes / 2) return
    this.#wasOver = false
    this.#onRelief()
  }
}
