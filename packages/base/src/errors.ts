/** What a `QuireError` carries beside its code and message. */
export interface QuireErrorOptions {
  /** One sentence telling the reader what to do about it. */
  readonly hint?: string
  /** What went wrong underneath. */
  readonly cause?: unknown
}

/**
 * A broken promise, told so that a person can act on it.
 *
 * `code` never changes between releases (docs/errors.md lists them all); `message` holds the offending value and its
 * bound and may be reworded; `hint` says what to do.
 */
export class QuireError extends Error {
  /** Stable name of what happened, `QUIRE_…`. */
  readonly code: string
  /** What the reader should do, when there is something to do. */
  readonly hint: string | undefined

  constructor(code: string, message: string, options: QuireErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.hint = options.hint
  }
}
