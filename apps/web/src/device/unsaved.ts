/** Asks before the browser leaves while something here would be lost. One for the whole app. */
export class UnsavedGuard {
  readonly #window: EventTarget
  readonly #held = new Set<object>()

  /** @param window where `beforeunload` comes from. */
  constructor(window: EventTarget) {
    this.#window = window
  }

  /** Something is unsaved from now on. Returns the call that says it is safe; harmless when called twice. */
  hold(): () => void {
    const one = {}
    if (this.#held.size === 0) this.#window.addEventListener("beforeunload", ask)
    this.#held.add(one)
    return () => {
      this.#held.delete(one)
      // Only while needed: a page with such a listener is not kept for the back button.
      if (this.#held.size === 0) this.#window.removeEventListener("beforeunload", ask)
    }
  }
}

function ask(event: Event): void {
  event.preventDefault()
}
