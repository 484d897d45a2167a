/** Milliseconds that things took. */
export class Latencies {
  #values = []
  #sorted

  add(ms) {
    this.#values.push(ms)
    this.#sorted = undefined
  }

  /** The value that so large a share (0 to 1) of all do not exceed; `undefined` if there are none. */
  at(share) {
    this.#sorted ??= Float64Array.from(this.#values).sort()
    return this.#sorted[Math.min(this.#sorted.length - 1, Math.floor(this.#sorted.length * share))]
  }
}
