/** A durable copy of one document's ydoc on this device, as a port. Several updates make the copy; order is free. */
export interface DeviceCopy {
  /** The copy as one update, or `undefined` if there is none yet. Called once, first. */
  load(): Promise<Uint8Array | undefined>
  /** Adds an update. Resolves once it would survive the end of the browser; several may be under way. */
  append(update: Uint8Array): Promise<void>
}

/** Writes a ydoc's updates into its copy, and knows whether the copy holds all of them. */
export class DeviceWriter {
  readonly #copy: DeviceCopy
  readonly #encodeAll: () => Uint8Array
  readonly #changed: () => void
  #underWay = 0
  /** A write failed: what it held is missing until the next one, which then writes everything. */
  #isBehind = false

  /**
   * @param encodeAll the whole ydoc as one update.
   * @param changed called when `holdsAll` may have changed.
   */
  constructor(copy: DeviceCopy, encodeAll: () => Uint8Array, changed: () => void) {
    this.#copy = copy
    this.#encodeAll = encodeAll
    this.#changed = changed
  }

  /** True if every update handed over is durable. */
  get holdsAll(): boolean {
    return this.#underWay === 0 && !this.#isBehind
  }

  /** Adds an update to the copy. A failure shows in `holdsAll`, and the next write makes up for it. */
  write(update: Uint8Array): void {
    const bytes = this.#isBehind ? this.#encodeAll() : update
    this.#isBehind = false
    this.#underWay++
    this.#copy.append(bytes).then(
      () => this.#done(false),
      () => this.#done(true),
    )
  }

  #done(hasFailed: boolean): void {
    this.#underWay--
    if (hasFailed) this.#isBehind = true
    this.#changed()
  }
}
