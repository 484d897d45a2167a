import type { Clock } from "@quire/base"
import { errors, type JWTVerifyGetKey, type JWTVerifyOptions, jwtVerify } from "jose"
import { CLOCK_TOLERANCE_SECONDS, readClaims } from "./jwt-claims.js"
import { KeySet, type KeySetPorts } from "./jwt-key-set.js"
import type { JwtKey } from "./jwt-keys.js"
import type { TokenPrincipal } from "./principal.js"

/** What a token turned out to be. */
export type TokenVerdict =
  | { readonly ok: true; readonly principal: TokenPrincipal }
  | {
      readonly ok: false
      /** `expired`: it was good once, a new one will do. */
      readonly kind: "expired" | "refused"
      /** Why, as a phrase for the operator's log; never any part of the token. */
      readonly reason: string
    }

/** What tokens are judged with. */
export interface VerifierPorts {
  readonly clock: Clock
  /** Reads the text of a key set: see `KeySetPorts.read`. */
  readonly readKeySet: (place: string) => Promise<string>
  /** Told when a key set cannot be read. */
  readonly keySetFailed: (place: string, reason: string) => void
}

/** Longest token, in bytes. */
export const TOKEN_BYTES = 8_192
/** Longest `kid`, in characters. */
const KID_CHARACTERS = 256
/** Most entries of an `aud` that is a list. */
const AUDIENCES = 16
/** What a token may call itself (RFC 8725, section 3.11, RFC 9068); any other kind was made for something else. */
const TYPES: ReadonlySet<unknown> = new Set([undefined, "JWT", "jwt", "at+jwt", "application/at+jwt"])

/**
 * Judges tokens of embedding applications. The rules of RFC 8725: the key decides the algorithm; `kid` only looks up what
 * is in memory; keys that a token brings along or points to (jwk, jku, x5c, x5u) are not looked at; issuer, audience and
 * expiry are required and compared.
 */
export class JwtVerifier {
  readonly #ports: VerifierPorts
  #keys = new Map<string, JwtKey & { readonly kind: "key" }>()
  #sets: readonly { readonly terms: JwtKey; readonly set: KeySet }[] = []

  constructor(keys: readonly JwtKey[], ports: VerifierPorts) {
    this.#ports = ports
    this.#take(keys)
  }

  /** Other keys from now on. Whoever is inside by a key that is not among them is no longer vouched for. */
  replace(keys: readonly JwtKey[]): void {
    this.#take(keys)
  }

  /** Judges a token. Never rejects: whatever it is made of, the answer is a value. */
  async verify(token: string): Promise<TokenVerdict> {
    const header = readHeader(token)
    if (typeof header === "string") return refused(header)
    for (const { terms, key } of await this.#candidates(header, token)) {
      if (header.alg !== terms.algorithm) continue
      return this.#check(token, terms, key)
    }
    return refused("no key has this kid, algorithm and issuer")
  }

  #take(keys: readonly JwtKey[]): void {
    this.#keys = new Map(keys.flatMap((key) => (key.kind === "key" ? [[key.kid, key]] : [])))
    this.#sets = keys.flatMap((key) => {
      if (key.kind === "key") return []
      const { clock, readKeySet, keySetFailed } = this.#ports
      const ports: KeySetPorts = {
        clock,
        read: () => readKeySet(key.jwks),
        failed: (reason) => keySetFailed(key.jwks, reason),
      }
      return [{ terms: key, set: new KeySet(ports) }]
    })
  }

  /** Whether a key, or a set of keys, is among those of now, and for the same issuer and audience. */
  #isBelieved(terms: JwtKey): boolean {
    if (terms.kind === "set") return this.#sets.some(({ terms: now }) => now.kind === "set" && isSame(now, terms))
    const now = this.#keys.get(terms.kid)
    return now !== undefined && isSame(now, terms)
  }

  async #candidates(header: Header, token: string): Promise<{ terms: JwtKey; key: Key }[]> {
    const own = header.kid === undefined ? undefined : this.#keys.get(header.kid)
    if (own !== undefined) return [{ terms: own, key: own.key }]
    const issuer = this.#sets.length > 0 ? claimedIssuer(token) : undefined
    const found: { terms: JwtKey; key: Key }[] = []
    for (const { terms, set } of this.#sets) {
      if (terms.issuer !== issuer || terms.algorithm !== header.alg) continue
      const keys = await set.find(header.kid)
      if (keys !== undefined) found.push({ terms, key: keys })
    }
    return found
  }

  async #check(token: string, terms: JwtKey, key: Key): Promise<TokenVerdict> {
    const nowMs = this.#ports.clock.now()
    const options: JWTVerifyOptions = {
      algorithms: [terms.algorithm],
      issuer: terms.issuer,
      audience: terms.audience,
      requiredClaims: ["iss", "aud", "exp", "sub"],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(nowMs),
    }
    try {
      const { payload } = await (typeof key === "function"
        ? jwtVerify(token, key, options)
        : jwtVerify(token, key, options))
      if (!isAudience(payload.aud)) return refused("aud is neither text nor a short list of texts")
      const principal = readClaims(payload, nowMs / 1_000)
      if (typeof principal === "string") return refused(principal)
      return { ok: true, principal: { ...principal, isVouchedFor: () => this.#isBelieved(terms) } }
    } catch (error) {
      if (error instanceof errors.JWTExpired) return { ok: false, kind: "expired", reason: "it has expired" }
      return refused(error instanceof errors.JOSEError ? error.code : "it cannot be verified")
    }
  }
}

function isSame(a: JwtKey, b: JwtKey): boolean {
  if (a.algorithm !== b.algorithm || a.issuer !== b.issuer || a.audience !== b.audience) return false
  if (a.kind === "set" || b.kind === "set") return a.kind === "set" && b.kind === "set" && a.jwks === b.jwks
  if (a.key instanceof Uint8Array || b.key instanceof Uint8Array) {
    return a.key instanceof Uint8Array && b.key instanceof Uint8Array && Buffer.compare(a.key, b.key) === 0
  }
  return a.key.equals(b.key)
}

type Key = Parameters<typeof jwtVerify>[1] | JWTVerifyGetKey

interface Header {
  readonly alg: string
  readonly kid: string | undefined
}

/** The header of a token in the one form it may have, or what is wrong. */
function readHeader(token: string): Header | string {
  if (token.length > TOKEN_BYTES) return `it is longer than ${TOKEN_BYTES} bytes`
  const parts = token.split(".")
  if (parts.length !== 3) return "it has not three parts"
  if (!parts.every(isCanonical)) return "a part is not base64url in its one form"
  const header = parseObject(parts[0] ?? "")
  if (header === undefined) return "its header is no JSON object"
  const { alg, kid, typ } = header
  if (Object.hasOwn(header, "crit") || Object.hasOwn(header, "b64")) return "its header asks for extensions"
  if (typeof alg !== "string") return "its header names no algorithm"
  if (kid !== undefined && (typeof kid !== "string" || kid.length > KID_CHARACTERS)) return "its kid is no short text"
  if (!TYPES.has(typ)) return "it is a token for something else (typ)"
  return { alg, kid }
}

/** base64url has spare bits at its end: with them set, a token would have several forms, and one is enough. */
function isCanonical(part: string): boolean {
  return part !== "" && Buffer.from(part, "base64url").toString("base64url") === part
}

function parseObject(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"))
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>) // an object: its keys are text
      : undefined
  } catch {
    return undefined // whoever wrote it is told that it is no JSON object
  }
}

/** Whom an unverified token says it is from: chooses which keys to try, and proves nothing. */
function claimedIssuer(token: string): unknown {
  return parseObject(token.split(".")[1] ?? "")?.iss
}

function isAudience(aud: unknown): boolean {
  if (typeof aud === "string") return true
  return Array.isArray(aud) && aud.length <= AUDIENCES && aud.every((entry) => typeof entry === "string")
}

function refused(reason: string): TokenVerdict {
  return { ok: false, kind: "refused", reason }
}
