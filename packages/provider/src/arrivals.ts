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

/** Messages in a row that may be taken in in this order: to be told who is where before their edits shows both at once. */
export interface Part {
  /** Who is where. */
  readonly presence: readonly ServerMessage[]
  /** The edits: Yjs updates, v1 encoding. */
  readonly updates: readonly Uint8Array[]
  /** What is said of edits, which are in the ydoc by then; or one message of any other kind. */
  readonly rest: readonly ServerMessage[]
}

/** Divides messages into parts, each kind in the order of its arrival. What is no edit, presence or receipt is a part alone. */
export function inParts(messages: readonly ServerMessage[]): readonly Part[] {
  const parts: { presence: ServerMessage[]; updates: Uint8Array[]; rest: ServerMessage[] }[] = []
  let open: (typeof parts)[number] | undefined
  const current = (): (typeof parts)[number] => {
    if (open !== undefined) return open
    open = { presence: [], updates: [], rest: [] }
    parts.push(open)
    return open
  }
  for (const message of messages) {
    if (message.type === "update") current().updates.push(message.update)
    else if (message.type === "presence") current().presence.push(message)
    else if (message.type === "durable" || message.type === "acknowledge") current().rest.push(message)
    else {
      parts.push({ presence: [], updates: [], rest: [message] })
      open = undefined
    }
  }
  return parts
}
