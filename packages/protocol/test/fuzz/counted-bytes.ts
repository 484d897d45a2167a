/** Bytes that count how often one of them is read, in themselves and in every view of them. */
export class CountedBytes {
  /** The bytes, for whoever is to be watched. */
  readonly bytes: Uint8Array
  /** Single bytes read so far. */
  reads = 0

  constructor(bytes: Uint8Array) {
    this.bytes = this.#watch(bytes)
  }

  #watch(bytes: Uint8Array): Uint8Array {
    return new Proxy(bytes, {
      get: (target, name) => {
        if (typeof name === "string" && /^\d+$/.test(name)) this.reads++
        if (name === "subarray") return (from?: number, to?: number) => this.#watch(target.subarray(from, to))
        const value: unknown = Reflect.get(target, name, target)
        return typeof value === "function" ? value.bind(target) : value
      },
    })
  }
}
