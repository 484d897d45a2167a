import { createHmac, createPrivateKey, generateKeyPairSync, sign } from "node:crypto"
import { FakeClock } from "@quire/testing"
import { readKeys } from "../../src/auth/jwt-keys.js"
import { JwtVerifier } from "../../src/auth/jwt-verifier.js"

/** When it is in these tests, in seconds since the epoch of Unix. */
export const NOW = 1_800_000_000
export const SECRET = "k7Qw2vZp9sX4nB6mR1tY8uE3cD5fG0hJ-aLzXy_WvUtSrQpOnMlKjIhGfEdCbA98"
export const RSA = pair("rsa")
const SMALL_RSA = generateKeyPairSync("rsa", { modulusLength: 1_024 })
export const EC = pair("ec")
export const ED = pair("ed25519")
/** A key of nobody's. */
export const OTHER = pair("ec")

/** A key pair as PEM. */
export function pair(kind: "rsa" | "ec" | "ed25519"): { readonly publicKey: string; readonly privateKey: string } {
  const made =
    kind === "rsa"
      ? generateKeyPairSync("rsa", { modulusLength: 2_048 })
      : kind === "ec"
        ? generateKeyPairSync("ec", { namedCurve: "P-256" })
        : generateKeyPairSync("ed25519")
  return {
    publicKey: made.publicKey.export({ type: "spki", format: "pem" }).toString(),
    privateKey: made.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  }
}

/** The keys file of these tests. */
export const KEYS_FILE = {
  keys: [
    { kid: "hs", alg: "HS256", issuer: "https://app.example", audience: "quire", key: SECRET },
    { kid: "rs", alg: "RS256", issuer: "https://app.example", audience: "quire", key: RSA.publicKey },
    { kid: "es", alg: "ES256", issuer: "https://app.example", audience: "quire", key: EC.publicKey },
    { kid: "ed", alg: "EdDSA", issuer: "https://other.example", audience: "quire", key: ED.publicKey },
  ],
} as const

/** A clock at `NOW`. */
export function clockAtNow(): FakeClock {
  return new FakeClock(NOW * 1_000)
}

/** A verifier with those keys. */
export function verifierOf(file: unknown = KEYS_FILE, clock = clockAtNow()): JwtVerifier {
  const read = readKeys(JSON.stringify(file))
  if (!read.ok) throw new Error(read.problems.join("; "))
  const readKeySet = async (): Promise<string> => Promise.reject(new Error("there is no key set here"))
  return new JwtVerifier(read.keys, { clock, readKeySet, keySetFailed: () => undefined })
}

/** Claims of a good token. */
export const CLAIMS = {
  iss: "https://app.example",
  aud: "quire",
  sub: "ada",
  exp: NOW + 600,
  name: "Ada",
  quire: { documents: { "team/plan": "editor" } },
} as const

/** base64url of text or JSON. */
export function part(value: unknown): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url")
}

/** A token signed with a secret, whatever its header says. */
export function hmac(claims: unknown, header: unknown = { alg: "HS256", kid: "hs" }, secret: string = SECRET): string {
  const text = `${part(header)}.${part(claims)}`
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`
}

/** A token signed with a private key, by SHA-256 where the key's kind wants a hash. */
export function signed(claims: unknown, header: unknown, privateKey: string): string {
  const text = `${part(header)}.${part(claims)}`
  const key = createPrivateKey(privateKey)
  const hash = key.asymmetricKeyType === "ed25519" ? null : "sha256"
  const signature = sign(hash, Buffer.from(text), { key, dsaEncoding: "ieee-p1363" })
  return `${text}.${signature.toString("base64url")}`
}

function without(...names: readonly (keyof typeof CLAIMS)[]): object {
  return Object.fromEntries(Object.entries(CLAIMS).filter(([name]) => !names.includes(name as keyof typeof CLAIMS)))
}

const GOOD = hmac(CLAIMS)
const [HEADER = "", PAYLOAD = "", SIGNATURE = ""] = GOOD.split(".")
const unsigned = (header: unknown): string => `${part(header)}.${PAYLOAD}.`
const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`
const jwkOf = (pem: string): unknown => createPrivateKey(pem).export({ format: "jwk" })
const grants = (quire: unknown): string => hmac({ ...CLAIMS, quire })

/** Tokens that are good. */
export const GOOD_TOKENS: Readonly<Record<string, string>> = {
  "a secret": GOOD,
  RSA: signed(CLAIMS, { alg: "RS256", kid: "rs" }, RSA.privateKey),
  EC: signed(CLAIMS, { alg: "ES256", kid: "es", typ: "JWT" }, EC.privateKey),
  EdDSA: signed({ ...CLAIMS, iss: "https://other.example" }, { alg: "EdDSA", kid: "ed" }, ED.privateKey),
  "a list with our audience": hmac({ ...CLAIMS, aud: ["wiki", "quire"] }),
  "without a name": hmac(without("name")),
  "without documents": hmac(without("quire")),
  "an unknown claim": hmac({ ...CLAIMS, admin: true }),
  "header keys that are not looked at": hmac(CLAIMS, {
    alg: "HS256",
    kid: "hs",
    jwk: jwkOf(OTHER.privateKey),
    jku: "https://evil.example/jwks",
    x5u: "https://evil.example/cert",
    x5c: ["AAAA"],
  }),
  "30 s after its end, within the tolerance": hmac({ ...CLAIMS, exp: NOW - 29 }),
  "29 s before its beginning": hmac({ ...CLAIMS, nbf: NOW + 29 }),
}

/** Tokens that must be refused, by what is wrong with them: T-AUTH-8. */
export const BAD_TOKENS: Readonly<Record<string, string>> = {
  // No signature, or another algorithm than the key's
  "alg none": unsigned({ alg: "none", kid: "hs" }),
  "alg None": unsigned({ alg: "None", kid: "hs" }),
  "alg NONE with a signature": `${part({ alg: "NONE", kid: "hs" })}.${PAYLOAD}.${SIGNATURE}`,
  "alg empty": unsigned({ alg: "", kid: "hs" }),
  "alg missing": hmac(CLAIMS, { kid: "hs" }),
  "alg null": hmac(CLAIMS, { alg: null, kid: "hs" }),
  "alg a list": hmac(CLAIMS, { alg: ["HS256"], kid: "hs" }),
  "alg a number": hmac(CLAIMS, { alg: 256, kid: "hs" }),
  "alg in lower case": hmac(CLAIMS, { alg: "hs256", kid: "hs" }),
  "alg HS512 for a key of HS256": hmac(CLAIMS, { alg: "HS512", kid: "hs" }),
  "HS256 with the RSA public key as the secret": hmac(CLAIMS, { alg: "HS256", kid: "rs" }, RSA.publicKey),
  "HS256 with the trimmed public key": hmac(CLAIMS, { alg: "HS256", kid: "rs" }, RSA.publicKey.trim()),
  "HS256 with the EC public key": hmac(CLAIMS, { alg: "HS256", kid: "es" }, EC.publicKey),
  "HS256 with the EdDSA public key": hmac(CLAIMS, { alg: "HS256", kid: "ed" }, ED.publicKey),
  "the right secret under the RSA key's kid": hmac(CLAIMS, { alg: "HS256", kid: "rs" }),
  "PS256 for a key of RS256": signed(CLAIMS, { alg: "PS256", kid: "rs" }, RSA.privateKey),
  "a small RSA key": signed(
    CLAIMS,
    { alg: "RS256", kid: "rs" },
    SMALL_RSA.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  ),
  "an empty secret": hmac(CLAIMS, { alg: "HS256", kid: "hs" }, ""),
  "another secret": hmac(CLAIMS, { alg: "HS256", kid: "hs" }, `${SECRET}x`),
  "somebody else's EC key": signed(CLAIMS, { alg: "ES256", kid: "es" }, OTHER.privateKey),
  "an ES256 signature of zeros": `${part({ alg: "ES256", kid: "es" })}.${PAYLOAD}.${Buffer.alloc(64).toString("base64url")}`,
  "an ES256 signature in DER": `${part({ alg: "ES256", kid: "es" })}.${PAYLOAD}.${sign("sha256", Buffer.from("x"), EC.privateKey).toString("base64url")}`,
  "a signature of nothing": `${HEADER}.${PAYLOAD}.`,
  "half a signature": `${HEADER}.${PAYLOAD}.${SIGNATURE.slice(0, 20)}`,
  "a signature and more": `${GOOD}AA`,
  "another payload under the signature": `${HEADER}.${part({ ...CLAIMS, sub: "root" })}.${SIGNATURE}`,
  // kid, and keys that a token brings along
  "kid of a file": hmac(CLAIMS, { alg: "HS256", kid: "../../dev/null" }, ""),
  "kid of SQL": hmac(CLAIMS, { alg: "HS256", kid: "x' UNION SELECT 'a" }, "a"),
  "kid of 8 KiB": hmac(CLAIMS, { alg: "HS256", kid: "k".repeat(8_192) }),
  "kid of 257 characters": hmac(CLAIMS, { alg: "HS256", kid: "k".repeat(257) }),
  "kid unknown": hmac(CLAIMS, { alg: "HS256", kid: "hs2" }),
  "kid missing": hmac(CLAIMS, { alg: "HS256" }),
  "kid null": hmac(CLAIMS, { alg: "HS256", kid: null }),
  "kid a number": hmac(CLAIMS, { alg: "HS256", kid: 0 }),
  "kid a list": hmac(CLAIMS, { alg: "HS256", kid: ["hs"] }),
  "kid __proto__": hmac(CLAIMS, { alg: "HS256", kid: "__proto__" }, ""),
  "kid constructor": hmac(CLAIMS, { alg: "HS256", kid: "constructor" }, ""),
  "kid in another case": hmac(CLAIMS, { alg: "HS256", kid: "HS" }),
  "an embedded jwk": signed(CLAIMS, { alg: "ES256", kid: "es", jwk: jwkOf(OTHER.privateKey) }, OTHER.privateKey),
  "an embedded jwk without kid": signed(CLAIMS, { alg: "ES256", jwk: jwkOf(OTHER.privateKey) }, OTHER.privateKey),
  "a jku": signed(CLAIMS, { alg: "ES256", kid: "o", jku: "https://evil.example/jwks" }, OTHER.privateKey),
  "an x5u": signed(CLAIMS, { alg: "ES256", kid: "o", x5u: "https://evil.example/c" }, OTHER.privateKey),
  "an x5c": signed(CLAIMS, { alg: "ES256", kid: "es", x5c: ["MIIB"] }, OTHER.privateKey),
  // Form
  crit: hmac(CLAIMS, { alg: "HS256", kid: "hs", crit: ["exp"], exp: NOW + 9 }),
  "crit empty": hmac(CLAIMS, { alg: "HS256", kid: "hs", crit: [] }),
  "crit b64": hmac(CLAIMS, { alg: "HS256", kid: "hs", crit: ["b64"], b64: false }),
  "b64 without crit": hmac(CLAIMS, { alg: "HS256", kid: "hs", b64: true }),
  "typ of a logout token": hmac(CLAIMS, { alg: "HS256", kid: "hs", typ: "logout+jwt" }),
  "typ of a proof": hmac(CLAIMS, { alg: "HS256", kid: "hs", typ: "dpop+jwt" }),
  "typ false": hmac(CLAIMS, { alg: "HS256", kid: "hs", typ: false }),
  nothing: "",
  "one dot": `${HEADER}.${PAYLOAD}`,
  "two dots and nothing else": "..",
  "an empty header": `.${PAYLOAD}.${SIGNATURE}`,
  "an empty payload": `${HEADER}..${SIGNATURE}`,
  "four parts": `${GOOD}.${SIGNATURE}`,
  "five parts, as if encrypted": `${GOOD}.AAAA.AAAA`,
  "a dot at the end": `${GOOD}.`,
  "a space in front": ` ${GOOD}`,
  "a line break behind": `${GOOD}\n`,
  "the word Bearer": `Bearer ${GOOD}`,
  padding: `${HEADER}=.${PAYLOAD}.${SIGNATURE}`,
  "a zero byte": `${GOOD}\0`,
  "base64 with plus and slash": `${HEADER}.${PAYLOAD}.${"+/".repeat(21)}A`,
  "the spare bits of the signature": `${GOOD.slice(0, -1)}${nextLetter(GOOD.at(-1) ?? "A")}`,
  "more than 8 KiB": hmac({ ...CLAIMS, pad: "x".repeat(8_192) }),
  "64 MiB": "a.".repeat(1 << 20),
  "a header that is a list": hmac(CLAIMS, []),
  "a header that is text": hmac(CLAIMS, '"HS256"'),
  "a header that is no JSON": hmac(CLAIMS, "{alg:HS256}"),
  "a header of 3,000 brackets": hmac(CLAIMS, nested(1_500)),
  "claims that are a list": hmac([CLAIMS]),
  "claims that are null": hmac("null"),
  "claims that are text": hmac('"ada"'),
  "claims that are no JSON": hmac("{"),
  "claims of 5,000 brackets": hmac(nested(2_500)),
  // iss, aud, sub
  "iss missing": hmac(without("iss")),
  "iss wrong": hmac({ ...CLAIMS, iss: "https://evil.example" }),
  "iss with a slash more": hmac({ ...CLAIMS, iss: "https://app.example/" }),
  "iss in upper case": hmac({ ...CLAIMS, iss: "HTTPS://APP.EXAMPLE" }),
  "iss a list with ours": hmac({ ...CLAIMS, iss: ["https://app.example"] }),
  "iss false": hmac({ ...CLAIMS, iss: false }),
  "another key's iss": hmac({ ...CLAIMS, iss: "https://other.example" }),
  "aud missing": hmac(without("aud")),
  "aud wrong": hmac({ ...CLAIMS, aud: "wiki" }),
  "aud with more behind": hmac({ ...CLAIMS, aud: "quire.example" }),
  "aud in upper case": hmac({ ...CLAIMS, aud: "QUIRE" }),
  "aud an empty list": hmac({ ...CLAIMS, aud: [] }),
  "aud a list without ours": hmac({ ...CLAIMS, aud: ["wiki", "mail"] }),
  "aud a list in a list": hmac({ ...CLAIMS, aud: [["quire"]] }),
  "aud a list with a number": hmac({ ...CLAIMS, aud: ["quire", 1] }),
  "aud a list of hundreds": hmac({ ...CLAIMS, aud: [...Array.from({ length: 300 }, () => "x"), "quire"] }),
  "aud an object": hmac({ ...CLAIMS, aud: { quire: true } }),
  "aud true": hmac({ ...CLAIMS, aud: true }),
  "sub missing": hmac(without("sub")),
  "sub empty": hmac({ ...CLAIMS, sub: "" }),
  "sub false": hmac({ ...CLAIMS, sub: false }),
  "sub a number": hmac({ ...CLAIMS, sub: 1 }),
  "sub null": hmac({ ...CLAIMS, sub: null }),
  "sub of 257 characters": hmac({ ...CLAIMS, sub: "s".repeat(257) }),
  "sub with a line break": hmac({ ...CLAIMS, sub: "ada\nroot" }),
  "sub with half a character": hmac('{"iss":"https://app.example","aud":"quire","exp":1800000600,"sub":"\\ud800"}'),
  "name an object": hmac({ ...CLAIMS, name: { toString: "x" } }),
  "name false": hmac({ ...CLAIMS, name: false }),
  // Times
  "exp missing": hmac(without("exp")),
  "exp text": hmac({ ...CLAIMS, exp: String(NOW + 600) }),
  "exp null": hmac({ ...CLAIMS, exp: null }),
  "exp true": hmac({ ...CLAIMS, exp: true }),
  "exp a list": hmac({ ...CLAIMS, exp: [NOW + 600] }),
  "exp beyond numbers": hmac(JSON.stringify(CLAIMS).replace(String(NOW + 600), "1e999")),
  "exp negative": hmac({ ...CLAIMS, exp: -1 }),
  "exp past": hmac({ ...CLAIMS, exp: NOW - 31 }),
  "exp in milliseconds": hmac({ ...CLAIMS, exp: (NOW + 600) * 1_000 }),
  "exp in 32 days": hmac({ ...CLAIMS, exp: NOW + 32 * 86_400 }),
  "nbf future": hmac({ ...CLAIMS, nbf: NOW + 31 }),
  "nbf text": hmac({ ...CLAIMS, nbf: "0" }),
  "nbf false": hmac({ ...CLAIMS, nbf: false }),
  "iat text": hmac({ ...CLAIMS, iat: "0" }),
  // What it gives
  "quire false": grants(false),
  "quire null": grants(null),
  "quire text": grants("owner"),
  "quire a list": grants(["team/plan"]),
  "documents false": grants({ documents: false }),
  "documents a list": grants({ documents: ["team/plan"] }),
  "documents text": grants({ documents: "*" }),
  "a role false": grants({ documents: { "team/plan": false } }),
  "a role true": grants({ documents: { "team/plan": true } }),
  "a role in upper case": grants({ documents: { "team/plan": "Editor" } }),
  "a role with a space": grants({ documents: { "team/plan": "editor " } }),
  "a role unknown": grants({ documents: { "team/plan": "admin" } }),
  "a role a list": grants({ documents: { "team/plan": ["editor"] } }),
  "a role of the prototype": grants({ documents: { "team/plan": "constructor" } }),
  "one good role and one bad": grants({ documents: { a: "editor", b: "root" } }),
  "a document without a name": grants({ documents: { "": "editor" } }),
  "a document with a control character": grants({ documents: { "a\u0000": "editor" } }),
  "a document of 257 bytes": grants({ documents: { ["d".repeat(257)]: "editor" } }),
  "501 documents": grants({ documents: Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`${i}`, "viewer"])) }),
  "claims nested 700 deep": grants({ documents: JSON.parse(`${'{"a":'.repeat(700)}1${"}".repeat(700)}`) as unknown }),
}

function nextLetter(letter: string): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
  return letters[(letters.indexOf(letter) + 1) % 64] ?? "A"
}
