// Who has got what: every reader must get every letter once, in order.
import { Latencies } from "./latencies.mjs"
import { deferred, within } from "./participant.mjs"
import { readClocks } from "./read-update.mjs"

/** One writer's letters on their way to many readers. */
export class Delivery {
  latencies = new Latencies()
  #sentAt
  #countedFrom
  /** Of each reader, the next letter it must get. */
  #next = []
  /** Of each letter, how many readers have it. */
  #readers
  #goals = []
  #failed = deferred()

  /** @param countedFrom the first letter whose latencies count. */
  constructor(letters, countedFrom) {
    this.#sentAt = new Float64Array(letters)
    this.#readers = new Uint32Array(letters)
    this.#countedFrom = countedFrom
    // Whoever waits hears of it.
    this.#failed.promise.catch(() => {})
  }

  /** A letter has been handed to the socket. */
  sent(index) {
    this.#sentAt[index] = performance.now()
  }

  /** A new reader's listener. */
  reader() {
    const index = this.#next.push(0) - 1
    return (update) => readClocks(update, (_client, start, end) => this.#got(index, start, end))
  }

  /** Resolves when every reader has that many letters. */
  async whenAllHave(count) {
    if (this.#isWith(count)) return
    const goal = deferred()
    this.#goals.push({ count, goal })
    const lacking = () => `${this.#next.filter((next) => next < count).length} readers lack letters`
    await within(Promise.race([goal.promise, this.#failed.promise]), lacking)
  }

  #isWith(count) {
    return count === 0 || this.#readers[count - 1] === this.#next.length
  }

  #got(reader, start, end) {
    const expected = this.#next[reader]
    if (start !== expected) {
      this.#failed.reject(new Error(`reader ${reader} got letter ${start} where ${expected} was due`))
      return
    }
    const now = performance.now()
    this.#next[reader] = end
    for (let clock = start; clock < end; clock++) {
      this.#readers[clock]++
      if (clock >= this.#countedFrom) this.latencies.add(now - this.#sentAt[clock])
    }
    if (this.#goals.some(({ count }) => this.#isWith(count))) this.#settle()
  }

  #settle() {
    for (const { count, goal } of this.#goals) if (this.#isWith(count)) goal.resolve()
    this.#goals = this.#goals.filter(({ count }) => !this.#isWith(count))
  }
}
