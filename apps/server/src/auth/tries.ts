import type { Clock } from "@quire/base"

/** Keys that are remembered; beyond, the one not used for longest is forgotten. */
const KEYS = 20_000
const MINUTE_MS = 60_000

/** So many tries a minute for each key: a bucket of that many tokens, which fill up again over a minute. */
export class Tries {
  readonly #clock: Clock
  readonly #perMinute: number
  readonly #buckets = new Map<string, { readonly tokens: number; readonly atMs: number }>()

  constructor(clock: Clock, perMinute: number) {
    this.#clock = clock
    this.#perMinute = perMinute
  }

  /** Uses a try up. @returns 0 if there was one; otherwise in how many seconds there is one again. */
  take(key: string): number {
    const tokens = this.#tokens(key)
    if (tokens < 1) return this.#waitSeconds(tokens)
    this.#buckets.delete(key)
    this.#buckets.set(key, { tokens: tokens - 1, atMs: this.#clock.elapsed() })
    if (this.#buckets.size > KEYS) {
      for (const oldest of this.#buckets.keys()) {
        this.#buckets.delete(oldest)
        break
      }
    }
    return 0
  }

  /** In how many seconds there is a try; 0: now. Uses none up. */
  waitSeconds(key: string): number {
    const tokens = this.#tokens(key)
    return tokens < 1 ? this.#waitSeconds(tokens) : 0
  }

  #tokens(key: string): number {
    const bucket = this.#buckets.get(key)
    if (bucket === undefined) return this.#perMinute
    const gained = ((this.#clock.elapsed() - bucket.atMs) / MINUTE_MS) * this.#perMinute
    return Math.min(this.#perMinute, bucket.tokens + gained)
  }

  #waitSeconds(tokens: number): number {
    return Math.max(1, Math.ceil(((1 - tokens) / this.#perMinute) * 60))
  }
}
