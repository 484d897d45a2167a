interface Waiter {
  readonly isMet: () => boolean
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

/** Promises for conditions that come true when something else changes. Whoever changes it calls `check`. */
export class Waiting {
  readonly #waiters = new Set<Waiter>()

  /** Resolves at the first `check` at which the condition holds. @throws the signal's reason, or that of `fail`. */
  until(isMet: () => boolean, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = (): void => waiter.reject(signal?.reason)
      const end = (): void => {
        this.#waiters.delete(waiter)
        signal?.removeEventListener("abort", abort)
      }
      const waiter: Waiter = {
        isMet,
        resolve: () => {
          end()
          resolve()
        },
        reject: (reason) => {
          end()
          reject(reason)
        },
      }
      signal?.addEventListener("abort", abort)
      this.#waiters.add(waiter)
    })
  }

  /** Resolves what has come true. */
  check(): void {
    for (const waiter of [...this.#waiters]) if (waiter.isMet()) waiter.resolve()
  }

  /** Rejects everything that waits. */
  fail(reason: unknown): void {
    for (const waiter of [...this.#waiters]) waiter.reject(reason)
  }
}
