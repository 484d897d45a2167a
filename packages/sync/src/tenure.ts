import type { Clock } from "@quire/base"
import { CloseCode } from "@quire/protocol"
import type { GateAnswer } from "./gate.js"

/** An answer that lets somebody in. */
export type LetIn = GateAnswer & { readonly ok: true }

/** Whom a tenure tells. */
export interface TenureHandlers {
  /** Rights or identity may be others now: see `answer`. */
  changed(): void
  /** It is over, with the close code and `CODE: sentence`. Nothing follows. */
  ended(close: CloseCode, reason: string): void
  /** A new token was not taken, and changes nothing. */
  refused(code: string, text: string): void
  /** The gate could not look at a new token. */
  failed(error: unknown): void
}

/** New tokens of one connection are looked at no more often than this: checking a signature costs more than sending one. */
export const REFRESH_EVERY_MS = 1_000

/** One connection's time with a gate's answer: what its lease says, and new tokens in place. Rules A5 and A6 of SPEC.md. */
export class Tenure {
  readonly #clock: Clock
  readonly #handlers: TenureHandlers
  readonly #unwatch: () => void
  readonly #lease: LetIn["lease"]
  #answer: LetIn
  /** Counts what the lease has said. */
  #changes = 0
  /** The newest token that nobody has looked at. */
  #token: string | undefined
  #isRefreshing = false
  #cancelPause: (() => void) | undefined
  #isOver = false

  constructor(clock: Clock, answer: LetIn, handlers: TenureHandlers) {
    this.#clock = clock
    this.#answer = answer
    this.#handlers = handlers
    this.#lease = answer.lease
    this.#unwatch = answer.lease?.watch((next) => this.#hear(next)) ?? (() => undefined)
  }

  /** What holds now. */
  get answer(): LetIn {
    return this.#answer
  }

  /** The client shows a new token. Where nothing can expire it means nothing. */
  refresh(token: string): void {
    if (this.#isOver || this.#lease === undefined) return
    this.#token = token
    this.#refreshNext()
  }

  /** The connection has ended. Idempotent. */
  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#cancelPause?.()
    this.#unwatch()
  }

  #hear(next: GateAnswer): void {
    if (this.#isOver) return
    this.#changes++
    if (next.ok && next.user === this.#answer.user) {
      this.#answer = next
      return this.#handlers.changed()
    }
    this.end()
    if (next.ok) this.#handlers.ended(CloseCode.Unauthorized, ANOTHER_NOW)
    else this.#handlers.ended(next.close, next.reason)
  }

  #refreshNext(): void {
    const token = this.#token
    if (this.#isOver || this.#isRefreshing || token === undefined || this.#lease === undefined) return
    this.#token = undefined
    this.#isRefreshing = true
    const changesBefore = this.#changes
    this.#lease.refresh(token).then(
      (answer) => this.#refreshed(answer, changesBefore),
      (error: unknown) => this.#refreshFailed(error),
    )
  }

  #refreshed(answer: GateAnswer, changesBefore: number): void {
    if (this.#isOver) return
    this.#pause()
    if (!answer.ok) return this.#handlers.refused("QUIRE_TOKEN_REFUSED", REFUSED)
    if (answer.user !== this.#answer.user) return this.#handlers.refused("QUIRE_TOKEN_OTHER_USER", OTHER_USER)
    // What the lease has said since the question was asked is newer than this.
    if (this.#changes !== changesBefore) return
    this.#answer = answer
    this.#handlers.changed()
  }

  #refreshFailed(error: unknown): void {
    if (this.#isOver) return
    this.#pause()
    this.#handlers.failed(error)
    this.#handlers.refused("QUIRE_TOKEN_REFUSED", REFUSED)
  }

  #pause(): void {
    this.#cancelPause = this.#clock.schedule(REFRESH_EVERY_MS, () => {
      this.#cancelPause = undefined
      this.#isRefreshing = false
      this.#refreshNext()
    })
  }
}

const ANOTHER_NOW = "QUIRE_SIGN_IN: somebody else is signed in here now: reload the page"
const REFUSED = "The new token was not taken; the old one holds until it expires."
const OTHER_USER = "The new token names somebody else: it was not taken. Connect anew to go on as that person."
