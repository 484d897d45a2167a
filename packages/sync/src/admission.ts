import type { Clock, Random } from "@quire/base"

/** How many may come in, and how fast. */
export interface AdmissionLimits {
  /** So many a second, when they come without a pause. */
  readonly perSecond: number
  /** So many at once after a pause. */
  readonly burst: number
  /** So many wait for their turn; the others are told when to come back. */
  readonly queued: number
}

/** The limits that belong to a rate: a second's worth at once, five seconds' worth waiting. */
export function admissionLimits(perSecond: number): AdmissionLimits {
  return { perSecond, burst: perSecond, queued: 5 * perSecond }
}

/** What somebody who asked is told. */
export type Admitted =
  | { readonly ok: true }
  | {
      readonly ok: false
      /** Come back after this long: a different time for each, in whole milliseconds. */
      readonly retryMs: number
    }

/** Those who wait are looked at this often. */
const TURN_MS = 20
/** Of those turned away, the last comes back this late; a longer crowd comes back more densely. */
const LONGEST_MS = 30_000
/** Nobody is asked to come back sooner than this, nor everybody at the very moment when there is a place. */
const SHORTEST_MS = 1_000

/**
 * Lets a crowd in at a rate that the process bears: a bucket of tokens, one for each who comes in, and a bounded queue in
 * front of it. Addresses take turns, so one that comes in masses delays itself. While there is no crowd nobody waits.
 * A process that is late lets in fewer, because it looks at the queue less often and takes no more at a time.
 * Rule O4 of SPEC.md.
 */
export class Admission {
  readonly #clock: Clock
  readonly #random: Random
  readonly #limits: AdmissionLimits
  readonly #perTurn: number
  /** Who waits, by address; the first address is the next to have its turn. */
  readonly #queues = new Map<string, Set<(admitted: Admitted) => void>>()
  #waiting = 0
  #tokens: number
  #filledAt: number
  /** Places are promised up to this moment. */
  #bookedUntil = 0
  #cancel: (() => void) | undefined

  constructor(ports: { readonly clock: Clock; readonly random: Random }, limits: AdmissionLimits) {
    this.#clock = ports.clock
    this.#random = ports.random
    this.#limits = limits
    this.#perTurn = Math.max(1, Math.ceil((2 * limits.perSecond * TURN_MS) / 1_000))
    this.#tokens = limits.burst
    this.#filledAt = ports.clock.elapsed()
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting
  }

  /**
   * Somebody asks to come in.
   *
   * @param address whom the place in the queue is counted for.
   * @param answer called once, at once if there is no crowd.
   * @returns the undo: whoever has gone is not answered, and takes no place.
   */
  ask(address: string, answer: (admitted: Admitted) => void): () => void {
    this.#fill()
    if (this.#waiting === 0 && this.#tokens >= 1) {
      this.#tokens--
      answer({ ok: true })
      return () => undefined
    }
    if (this.#waiting >= this.#limits.queued && !this.#makeRoomFor(address)) {
      answer(this.#later())
      return () => undefined
    }
    const queue = this.#queues.get(address) ?? new Set()
    queue.add(answer)
    this.#queues.set(address, queue)
    this.#waiting++
    this.#cancel ??= this.#clock.schedule(TURN_MS, () => this.#turn())
    return () => this.#forget(address, answer)
  }

  /** How long so many should take to come back, so that they are let in without waiting. In milliseconds. */
  spreadMs(count: number): number {
    return (count / this.#limits.perSecond) * 1_000
  }

  /** Sends away who waits. */
  close(): void {
    this.#cancel?.()
    this.#cancel = undefined
    for (const queue of this.#queues.values()) for (const answer of queue) answer(this.#later())
    this.#queues.clear()
    this.#waiting = 0
  }

  #turn(): void {
    this.#cancel = undefined
    this.#fill()
    for (let left = this.#perTurn; left > 0 && this.#tokens >= 1 && this.#waiting > 0; left--) {
      this.#tokens--
      this.#next()?.({ ok: true })
    }
    if (this.#waiting > 0) this.#cancel ??= this.#clock.schedule(TURN_MS, () => this.#turn())
  }

  /** Takes out who is next: the longest waiting of the address that has not had a turn for longest. */
  #next(): ((admitted: Admitted) => void) | undefined {
    for (const [address, queue] of this.#queues) {
      const [answer] = queue
      if (answer === undefined) break
      this.#forget(address, answer)
      if (queue.size > 0) {
        this.#queues.delete(address)
        this.#queues.set(address, queue)
      }
      return answer
    }
    return undefined
  }

  #forget(address: string, answer: (admitted: Admitted) => void): void {
    const queue = this.#queues.get(address)
    if (queue?.delete(answer) !== true) return
    this.#waiting--
    if (queue.size === 0) this.#queues.delete(address)
  }

  /** Sends away the newest of the address with most in the queue, if that is not the one who asks. */
  #makeRoomFor(address: string): boolean {
    let longest: { readonly address: string; readonly size: number } | undefined
    for (const [other, { size }] of this.#queues) {
      if (longest === undefined || size > longest.size) longest = { address: other, size }
    }
    if (longest === undefined || longest.size <= (this.#queues.get(address)?.size ?? 0) + 1) return false
    const newest = [...(this.#queues.get(longest.address) ?? [])].pop()
    if (newest === undefined) return false
    this.#forget(longest.address, newest)
    newest(this.#later())
    return true
  }

  /** Books a place after everybody who waits and everybody who was sent away before. */
  #later(): Admitted {
    const now = this.#clock.elapsed()
    const stepMs = 1_000 / this.#limits.perSecond
    this.#bookedUntil = Math.max(this.#bookedUntil, now + this.#waiting * stepMs) + stepMs
    const aheadMs = this.#bookedUntil - now
    const placeMs = aheadMs < LONGEST_MS ? aheadMs : this.#random.fraction() * LONGEST_MS
    return { ok: false, retryMs: Math.round(placeMs + SHORTEST_MS * (1 + this.#random.fraction())) }
  }

  #fill(): void {
    const now = this.#clock.elapsed()
    const { perSecond, burst } = this.#limits
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) / 1_000) * perSecond)
    this.#filledAt = now
  }
}
