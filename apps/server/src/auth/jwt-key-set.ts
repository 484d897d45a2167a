import type { Clock } from "@quire/base"
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from "jose"

/** What a key set is read with. */
export interface KeySetPorts {
  readonly clock: Clock
  /** The set's text, of at most `KEY_SET_LIMITS.bytes` and within `KEY_SET_LIMITS.timeMs`; rejects otherwise. */
  readonly read: () => Promise<string>
  /** Told when it cannot be read. */
  readonly failed: (reason: string) => void
}

/** Bounds of a key set. */
export const KEY_SET_LIMITS = {
  /** Of its text. */
  bytes: 262_144,
  /** For one attempt to read it. */
  timeMs: 5_000,
  /** It is read again after this long. */
  freshMs: 600_000,
  /** At most one attempt in this time, failed ones too: whoever sends tokens must not make us call the issuer. */
  cooldownMs: 30_000,
  /** While it cannot be read, what was read is good for this long. */
  staleMs: 3_600_000,
  /** Most keys. */
  keys: 100,
} as const

/** An issuer's public keys, fetched when they are needed, and again when they are old or a token names an unknown one. */
export class KeySet {
  readonly #ports: KeySetPorts
  #known: { readonly keys: JWTVerifyGetKey; readonly kids: ReadonlySet<string>; readonly atMs: number } | undefined
  #triedAtMs: number | undefined
  #reading: Promise<void> | undefined

  constructor(ports: KeySetPorts) {
    this.#ports = ports
  }

  /** The keys, as jose wants them, or `undefined` if there are none that may be used. @param kid what a token names. */
  async find(kid: string | undefined): Promise<JWTVerifyGetKey | undefined> {
    const age = this.#age()
    const isUnknown = kid !== undefined && this.#known?.kids.has(kid) !== true
    if (age > KEY_SET_LIMITS.freshMs || isUnknown) await this.#read()
    return this.#age() <= KEY_SET_LIMITS.staleMs ? this.#known?.keys : undefined
  }

  #age(): number {
    return this.#known === undefined ? Number.POSITIVE_INFINITY : this.#ports.clock.elapsed() - this.#known.atMs
  }

  async #read(): Promise<void> {
    if (this.#reading !== undefined) return this.#reading
    const now = this.#ports.clock.elapsed()
    if (this.#triedAtMs !== undefined && now - this.#triedAtMs < KEY_SET_LIMITS.cooldownMs) return
    this.#triedAtMs = now
    this.#reading = this.#attempt().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #attempt(): Promise<void> {
    try {
      const set = publicKeys(await this.#ports.read())
      const kids = new Set(set.keys.flatMap(({ kid }) => (kid === undefined ? [] : [kid])))
      this.#known = { keys: createLocalJWKSet(set), kids, atMs: this.#ports.clock.elapsed() }
    } catch (error) {
      this.#ports.failed(error instanceof Error ? error.message : String(error))
    }
  }
}

/** The public keys of a set's text. Secrets have no place in it and are left out. @throws Error if it is no key set. */
export function publicKeys(text: string): JSONWebKeySet {
  const set: unknown = JSON.parse(text)
  const keys = typeof set === "object" && set !== null && "keys" in set ? set.keys : undefined
  if (!Array.isArray(keys)) throw new Error("it is not a key set")
  if (keys.length > KEY_SET_LIMITS.keys) throw new Error(`it has ${keys.length} keys, limit ${KEY_SET_LIMITS.keys}`)
  return { keys: keys.filter((key) => typeof key === "object" && key !== null && key.kty !== "oct" && !("d" in key)) }
}
