import { createPublicKey, type KeyObject } from "node:crypto"
import { z } from "zod"

/** The signatures that are known; each key is bound to one. `none` is none of them. */
export const ALGORITHMS = [
  "HS256",
  "HS384",
  "HS512",
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const
/** One of them. */
export type JwtAlgorithm = (typeof ALGORITHMS)[number]

/** What every key of the file says. */
interface KeyTerms {
  /** The only algorithm that this key is used with, whatever a token says. */
  readonly algorithm: JwtAlgorithm
  /** The only `iss` that is believed with it. */
  readonly issuer: string
  /** What `aud` must be, or contain. */
  readonly audience: string
}

/** Whom an application that embeds Quire signs as. */
export type JwtKey =
  | (KeyTerms & { readonly kind: "key"; readonly kid: string; readonly key: KeyObject | Uint8Array })
  | (KeyTerms & {
      readonly kind: "set"
      /** An https URL, or a file's path as it stands in the keys file. */
      readonly jwks: string
    })

/** The keys of a file, or sentences about what is wrong with it. No sentence holds a secret. */
export type KeysRead =
  | { readonly ok: true; readonly keys: readonly JwtKey[]; readonly doubts: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] }

/** Most keys of a file. */
const MOST_KEYS = 100
/** RSA moduli shorter than this can be factored by those who want to (NIST SP 800-131A). */
const RSA_BITS = 2_048
/** A secret is at least as long as its hash (RFC 7518, section 3.2). */
const SECRET_BYTES = { HS256: 32, HS384: 48, HS512: 64 } as const
/** Fewer different bytes are in no 32 random ones, not even written as hexadecimal digits. */
const DIFFERENT_BYTES = 8
const CURVES = { ES256: "prime256v1", ES384: "secp384r1", ES512: "secp521r1" } as const
/** What people write where a secret should be. */
const WORDS = /secret|passw|change|example|quire|test|admin|letmein|qwert|0123|1234|abcd/i

const FILE = z.strictObject({
  keys: z
    .array(
      z.strictObject({
        kid: z.string().min(1).max(256).optional(),
        alg: z.enum(ALGORITHMS),
        issuer: z.string().min(1).max(512),
        audience: z.string().min(1).max(512),
        key: z.union([z.string().min(1), z.record(z.string(), z.unknown())]).optional(),
        jwks: z.string().min(1).optional(),
      }),
    )
    .min(1, "it has no keys")
    .max(MOST_KEYS, `it has more than ${MOST_KEYS} keys`),
})
type Entry = z.infer<typeof FILE>["keys"][number]

/** Reads a keys file (docs/embedding.md has its form). Every key is judged before any is used: a weak one, and none is. */
export function readKeys(text: string): KeysRead {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { ok: false, problems: ["it is not JSON"] } // the parser's own words may quote a secret
  }
  const file = FILE.safeParse(json)
  if (!file.success) {
    const problems = file.error.issues.map(({ path, message }) => `${path.join(".") || "the file"}: ${message}`)
    return { ok: false, problems }
  }
  const keys: JwtKey[] = []
  const problems: string[] = []
  const doubts: string[] = []
  const kids = new Set<string>()
  for (const [index, entry] of file.data.keys.entries()) {
    const name = entry.kid === undefined ? `keys.${index}` : `keys.${index} ("${entry.kid}")`
    const read = readEntry(entry)
    if (typeof read === "string") problems.push(`${name}: ${read}`)
    else if (read.kind === "key" && kids.has(read.kid)) problems.push(`${name}: another key has the same kid`)
    else {
      if (read.kind === "key") kids.add(read.kid)
      keys.push(read)
      if (typeof entry.key === "string" && entry.alg.startsWith("HS") && WORDS.test(entry.key)) {
        doubts.push(`${name}: the secret looks like something a person made up; take random bytes`)
      }
    }
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, keys, doubts }
}

/** The key, or what is wrong with it. */
function readEntry(entry: Entry): JwtKey | string {
  const terms: KeyTerms = { algorithm: entry.alg, issuer: entry.issuer, audience: entry.audience }
  if ((entry.key === undefined) === (entry.jwks === undefined)) return 'it needs either "key" or "jwks"'
  if (entry.jwks !== undefined) {
    if (entry.alg.startsWith("HS")) return "a key set is public, and a secret must not be: use an RSA, EC or EdDSA key"
    if (entry.kid !== undefined) return 'the keys of a set have their own kid: leave "kid" out'
    if (/^[a-z]+:\/\//i.test(entry.jwks) && !isHttps(entry.jwks)) return "a key set is fetched over https only"
    return { ...terms, kind: "set", jwks: entry.jwks }
  }
  if (entry.kid === undefined) return 'it needs a "kid", by which tokens name it'
  const key = isHmac(entry.alg) ? readSecret(entry.alg, entry.key) : readPublic(entry.alg, entry.key)
  return typeof key === "string" ? key : { ...terms, kind: "key", kid: entry.kid, key }
}

function readSecret(algorithm: keyof typeof SECRET_BYTES, key: Entry["key"]): Uint8Array | string {
  if (typeof key === "string" && key.includes("-----BEGIN")) return `${algorithm} takes a secret, and this is a PEM key`
  if (typeof key === "object" && (key.kty !== "oct" || typeof key.k !== "string")) {
    return `${algorithm} takes a secret: text, or a JWK with kty "oct"`
  }
  const bytes = typeof key === "object" ? Buffer.from(String(key.k), "base64url") : Buffer.from(key ?? "", "utf8")
  const least = SECRET_BYTES[algorithm]
  if (bytes.length < least) return `the secret has ${bytes.length} bytes; ${algorithm} needs ${least} random ones`
  if (new Set(bytes).size < DIFFERENT_BYTES || isRepeated(bytes)) return "the secret is not random"
  return new Uint8Array(bytes)
}

/** True if the second half repeats the first: something short, written again and again. */
function isRepeated(bytes: Buffer): boolean {
  for (let period = 1; period <= bytes.length / 2; period++) {
    if (bytes.subarray(period).equals(bytes.subarray(0, bytes.length - period))) return true
  }
  return false
}

function readPublic(algorithm: JwtAlgorithm, key: Entry["key"]): KeyObject | string {
  if (typeof key === "string" && key.includes("PRIVATE KEY")) return "this is a private key: give the public one"
  if (typeof key === "object" && "d" in key) return "this is a private key: give the public one"
  let read: KeyObject
  try {
    read = typeof key === "object" ? createPublicKey({ key, format: "jwk" }) : createPublicKey(key ?? "")
  } catch {
    return `${algorithm} takes a public key, as PEM or JWK, and this is neither`
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = read
  if (algorithm === "EdDSA") return type === "ed25519" ? read : "EdDSA takes an Ed25519 key"
  if (algorithm === "ES256" || algorithm === "ES384" || algorithm === "ES512") {
    const curve = CURVES[algorithm]
    return type === "ec" && details?.namedCurve === curve ? read : `${algorithm} takes a key of the curve ${curve}`
  }
  if (type !== "rsa") return `${algorithm} takes an RSA key`
  const bits = details?.modulusLength ?? 0
  return bits >= RSA_BITS ? read : `the RSA key has ${bits} bits, the least is ${RSA_BITS}`
}

function isHmac(algorithm: JwtAlgorithm): algorithm is keyof typeof SECRET_BYTES {
  return algorithm in SECRET_BYTES
}

function isHttps(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === "https:"
}
