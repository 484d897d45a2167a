/** Time as the cores see it. The real one is the process's; in tests it moves when the test says so. */
export interface Clock {
  /** Milliseconds since the epoch, for stamping what people read. May jump; never use it for intervals. */
  now(): number
  /** Milliseconds that only ever grow, for measuring intervals. The zero point means nothing. */
  elapsed(): number
  /**
   * Call `run` once, `delayMs` from now (0: after the work in hand, before new input where the platform can).
   *
   * @returns the undo: afterwards `run` is not called any more. Harmless when called late or twice.
   */
  schedule(delayMs: number, run: () => void): () => void
}
