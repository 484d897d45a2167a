/** Something that was opened and must be closed. Closing twice is harmless. */
export interface Closable {
  close(): Promise<void> | void
}

/** What a process has opened, to be closed in reverse. */
export class Owned {
  readonly #things: Closable[] = []

  /** Takes ownership. @returns the thing itself. */
  add<T extends Closable>(thing: T): T {
    this.#things.push(thing)
    return thing
  }

  /** Closes everything, newest first. One failure does not spare the others; the first is thrown at the end. */
  async closeInReverse(): Promise<void> {
    const failures: unknown[] = []
    for (let thing = this.#things.pop(); thing !== undefined; thing = this.#things.pop()) {
      try {
        await thing.close()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }
}
