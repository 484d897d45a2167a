import type { Clock } from "@quire/base"
import type { ServerMessage } from "@quire/protocol"
import { Alarm } from "./alarm.js"

/** Taking in what cost less than this is nothing to rest from. */
const MIN_COST_MS = 1

/** How many times as long as the last taking in took its page is left alone: to paint, and for its person's keys. */
const REST_FACTOR = 6

/** Nobody waits longer than this for what has arrived. */
export const REST_MAX_MS = 100

/** About a frame: where somebody is who has just written arrives with their edit, and is shown with it. */
const TOGETHER_MS = 16

/** What is done with what has arrived. */
export interface ArrivalsOptions {
  /** Time. */
  readonly clock: Clock
  /** False while what arrives is to be taken in at once, whatever it costs. */
  readonly mayRest: () => boolean
  /** Takes in messages, in the order of their arrival. */
  readonly take: (messages: readonly ServerMessage[]) => void
}

/**
 * Gives a page time between the edits of others. Each makes its editor render and paint, which on a long page takes
 * longer than the next is in coming when several people write. So the first is taken in at once, and what comes while
 * the page rests from it is taken in together afterwards. How long it rests is told by what it had to do: nothing where
 * that was little.
 *
 * To everybody else this is a line that takes a little longer: nothing overtakes anything, and what the person does in
 * the meantime was done before the others' edits arrived.
 */
export class Arrivals {
  readonly #options: ArrivalsOptions
  readonly #restOver: Alarm
  #waiting: ServerMessage[] = []
  /** Until when the page rests, on the clock's `elapsed()` scale. */
  #restsUntilMs = Number.NEGATIVE_INFINITY
  /** When the last edit was taken in. */
  #tookMs = Number.NEGATIVE_INFINITY

  constructor(options: ArrivalsOptions) {
    this.#options = options
    this.#restOver = new Alarm(options.clock, () => this.flush())
  }

  /** A message has arrived. */
  add(message: ServerMessage): void {
    const { clock, mayRest } = this.#options
    const nowMs = clock.elapsed()
    const isTogether = message.type === "presence" && this.#waiting.length === 0 && nowMs < this.#tookMs + TOGETHER_MS
    if (isTogether) return this.#options.take([message])
    this.#waiting.push(message)
    if (!mayRest() || nowMs >= this.#restsUntilMs) this.flush()
    else this.#restOver.setBy(this.#restsUntilMs)
  }

  /** Takes in what waits, now. */
  flush(): void {
    this.#restOver.clear()
    const messages = this.#waiting
    if (messages.length === 0) return
    this.#waiting = []
    const { clock, take } = this.#options
    const startMs = clock.elapsed()
    try {
      take(messages)
    } finally {
      const endMs = clock.elapsed()
      this.#tookMs = endMs
      const costMs = endMs - startMs
      this.#restsUntilMs = costMs < MIN_COST_MS ? endMs : endMs + Math.min(REST_MAX_MS, costMs * REST_FACTOR)
    }
  }
}

/** Messages in a row of which the edits may be taken in first. */
export interface Part {
  /** The edits: Yjs updates, v1 encoding. */
  readonly updates: readonly Uint8Array[]
  /** The others, in the order of their arrival. */
  readonly rest: readonly ServerMessage[]
}

/** Divides messages into parts. Presence and receipts lose nothing by coming after later edits; whatever else is said ends a part. */
export function inParts(messages: readonly ServerMessage[]): readonly Part[] {
  const parts: { readonly updates: Uint8Array[]; readonly rest: ServerMessage[] }[] = []
  let part: (typeof parts)[number] | undefined
  for (const message of messages) {
    const isLoose = message.type === "presence" || message.type === "durable" || message.type === "acknowledge"
    if (part === undefined || (!isLoose && message.type !== "update")) {
      part = { updates: [], rest: [] }
      parts.push(part)
    }
    if (message.type === "update") part.updates.push(message.update)
    else part.rest.push(message)
    if (!isLoose && message.type !== "update") part = undefined
  }
  return parts
}
