import type { Clock } from "@quire/base"

/** How long the browser goes on being told to ask us: a key's edit is saved soon, and then comes the next key. */
const LINGER_MS = 2_000

/** Asks before the browser leaves while something here would be lost. One for the whole app. */
export class UnsavedGuard {
  readonly #window: EventTarget
  readonly #clock: Clock
  readonly #held = new Set<object>()
  #isListening = false
  #stopTimer: (() => void) | undefined

  /** @param window where `beforeunload` comes from. */
  constructor(window: EventTarget, clock: Clock) {
    this.#window = window
    this.#clock = clock
  }

  /** Something is unsaved from now on. Returns the call that says it is safe; harmless when called twice. */
  hold(): () => void {
    const one = {}
    this.#held.add(one)
    if (!this.#isListening) {
      this.#isListening = true
      this.#window.addEventListener("beforeunload", this.#ask)
    }
    return () => {
      this.#held.delete(one)
      if (this.#held.size === 0) this.#rest()
    }
  }

  /** Only while needed: a page with such a listener is not kept for the back button. */
  #rest(): void {
    this.#stopTimer ??= this.#clock.schedule(LINGER_MS, () => {
      this.#stopTimer = undefined
      if (this.#held.size > 0 || !this.#isListening) return
      this.#isListening = false
      this.#window.removeEventListener("beforeunload", this.#ask)
    })
  }

  readonly #ask = (event: Event): void => {
    if (this.#held.size > 0) event.preventDefault()
  }
}
