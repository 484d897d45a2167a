import type { Clock } from "@quire/base"

interface Planned {
  readonly atMs: number
  /** The seed's word on what comes first at one moment; the same for all events of one actor at that moment. */
  readonly tie: number
  readonly order: number
  run: (() => void) | undefined
}

/** Virtual time begins here; the same in every run. */
const START_MS = 1_700_000_000_000

/**
 * The one queue of everything that will happen, ordered by virtual time, then by a tie-break out of the seed. Events of
 * one actor at one moment keep the order in which they were planned, as a platform's timers do.
 */
export class Timeline {
  readonly #seed: number
  readonly #heap: Planned[] = []
  #nowMs = 0
  #order = 0
  /** Events run so far. */
  events = 0

  constructor(seed: number) {
    this.#seed = seed
  }

  /** Virtual milliseconds since the run began. */
  get nowMs(): number {
    return this.#nowMs
  }

  /** Plans something, `delayMs` (whole, 0 or more) from now. @returns the undo. */
  plan(actor: number, delayMs: number, run: () => void): () => void {
    const atMs = this.#nowMs + Math.max(0, Math.ceil(delayMs))
    const planned: Planned = { atMs, tie: mix(this.#seed, actor, atMs), order: this.#order++, run }
    this.#push(planned)
    return () => {
      planned.run = undefined
    }
  }

  /** A promise that resolves then, as an event of the actor. */
  after(actor: number, delayMs: number): Promise<void> {
    return new Promise((resolve) => this.plan(actor, delayMs, resolve))
  }

  /** Lets time pass: runs everything due, each event with all its promises. */
  async advance(ms: number): Promise<void> {
    const until = this.#nowMs + ms
    for (;;) {
      const first = this.#heap[0]
      if (first === undefined || first.atMs > until) break
      this.#pop()
      if (first.run === undefined) continue
      this.#nowMs = first.atMs
      this.events++
      first.run()
      await drain()
    }
    this.#nowMs = until
  }

  #push(planned: Planned): void {
    const heap = this.#heap
    let at = heap.push(planned) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      const other = heap[parent] as Planned // a heap has no holes
      if (!isBefore(planned, other)) break
      heap[at] = other
      at = parent
    }
    heap[at] = planned
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop() as Planned // called only when there is a first
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      const right = heap[child + 1]
      if (right !== undefined && isBefore(right, heap[child] as Planned)) child++
      const least = heap[child] as Planned // in range: checked above
      if (!isBefore(least, last)) break
      heap[at] = least
      at = child
    }
    heap[at] = last
  }
}

/** The `Clock` of one actor's one life. After its death nothing that it scheduled happens. */
export class ActorClock implements Clock {
  readonly #timeline: Timeline
  readonly #actor: number
  readonly #isAlive: () => boolean
  readonly #skewMs: () => number

  /** @param skewMs how far the actor's wall clock is off. */
  constructor(timeline: Timeline, actor: number, isAlive: () => boolean, skewMs: () => number) {
    this.#timeline = timeline
    this.#actor = actor
    this.#isAlive = isAlive
    this.#skewMs = skewMs
  }

  now(): number {
    return START_MS + this.#timeline.nowMs + this.#skewMs()
  }

  elapsed(): number {
    return this.#timeline.nowMs
  }

  schedule(delayMs: number, run: () => void): () => void {
    return this.#timeline.plan(this.#actor, delayMs, () => {
      if (this.#isAlive()) run()
    })
  }
}

/** All promises that can settle by themselves do so: a turn of the platform's loop, in which no virtual time passes. */
export function drain(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** A 32-bit number out of several, the same for the same. */
export function mix(...numbers: readonly number[]): number {
  let hash = 0x811c9dc5
  for (const number of numbers) {
    hash = Math.imul(hash ^ (number >>> 0), 0x01000193)
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
    hash ^= hash >>> 12
  }
  return hash >>> 0
}

function isBefore(a: Planned, b: Planned): boolean {
  if (a.atMs !== b.atMs) return a.atMs < b.atMs
  if (a.tie !== b.tie) return a.tie < b.tie
  return a.order < b.order
}
