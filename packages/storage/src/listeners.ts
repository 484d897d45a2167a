/** Functions to call when something happens. One that throws stops neither the others nor its caller. */
export class Listeners<Args extends readonly unknown[]> {
  readonly #listeners = new Set<(...args: Args) => void>()

  /** Call `listener` from now on. Returns the undo. */
  add(listener: (...args: Args) => void): () => void {
    // A wrapper of its own, so that one function added twice is called twice and undone once at a time.
    const entry = (...args: Args): void => listener(...args)
    this.#listeners.add(entry)
    return () => {
      this.#listeners.delete(entry)
    }
  }

  /** Call them all. What one throws goes to the process's edge: the log must not stand still for it. */
  notify(...args: Args): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(...args)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
