import { createPrivateKey, createPublicKey } from "node:crypto"
import { asUserId } from "@quire/base"
import { SeededRandom } from "@quire/testing"
import { describe, expect, it } from "vitest"
import { KEY_SET_LIMITS } from "../../src/auth/jwt-key-set.js"
import { readKeys } from "../../src/auth/jwt-keys.js"
import { JwtVerifier } from "../../src/auth/jwt-verifier.js"
import {
  BAD_TOKENS,
  CLAIMS,
  clockAtNow,
  EC,
  GOOD_TOKENS,
  hmac,
  KEYS_FILE,
  OTHER,
  RSA,
  SECRET,
  signed,
  verifierOf,
} from "./jwt-corpus.js"

describe("a token (T-AUTH-8)", () => {
  const verifier = verifierOf()

  it.each(Object.entries(GOOD_TOKENS))("is taken: %s", async (_name, token) => {
    expect(await verifier.verify(token)).toMatchObject({ ok: true, principal: { kind: "token" } })
  })

  it.each(Object.entries(BAD_TOKENS))("is refused: %s", async (_name, token) => {
    const verdict = await verifier.verify(token)
    expect(verdict).toMatchObject({ ok: false })
  })

  it("is refused in at least 100 ways", () => {
    process.stdout.write(
      `T-AUTH-8: ${Object.keys(BAD_TOKENS).length} bad tokens, ${Object.keys(GOOD_TOKENS).length} good\n`,
    )
    expect(Object.keys(BAD_TOKENS).length).toBeGreaterThan(100)
  })

  it("says who, what and until when", async () => {
    const verdict = await verifier.verify(hmac(CLAIMS))
    expect(verdict).toEqual({
      ok: true,
      principal: {
        kind: "token",
        user: expect.stringMatching(/^jwt:[A-Za-z0-9_-]{16}:ada$/),
        name: "Ada",
        color: expect.stringMatching(/^#[0-9a-f]{6}$/),
        grants: new Map([["team/plan", "editor"]]),
        expiresAtMs: (CLAIMS.exp + 30) * 1_000,
        isVouchedFor: expect.any(Function),
      },
    })
  })

  it("of two issuers with one subject is two people", async () => {
    const verifier = verifierOf({
      keys: [KEYS_FILE.keys[0], { ...KEYS_FILE.keys[0], kid: "b", issuer: "https://b.example" }],
    })
    const users = await Promise.all(
      [hmac(CLAIMS), hmac({ ...CLAIMS, iss: "https://b.example" }, { alg: "HS256", kid: "b" })].map(async (token) => {
        const verdict = await verifier.verify(token)
        return verdict.ok ? verdict.principal.user : asUserId("")
      }),
    )
    expect(new Set(users).size).toBe(2)
  })

  it("that has expired is told apart, because a new one will do", async () => {
    expect(await verifier.verify(BAD_TOKENS["exp past"] ?? "")).toMatchObject({ ok: false, kind: "expired" })
    expect(await verifier.verify(BAD_TOKENS["aud wrong"] ?? "")).toMatchObject({ ok: false, kind: "refused" })
  })

  it("with names made to harm is shown without what cannot be seen, and cut", async () => {
    const verdict = await verifier.verify(hmac({ ...CLAIMS, name: `\u202e\u0000${"n".repeat(500)}` }))
    expect(verdict.ok && verdict.principal.name).toBe("n".repeat(80))
  })

  it("names documents as they are: __proto__ is one like any other", async () => {
    const claims = JSON.stringify({ ...CLAIMS, quire: 0 }).replace(
      '"quire":0',
      '"quire":{"documents":{"__proto__":"viewer"}}',
    )
    const verdict = await verifier.verify(hmac(claims))
    expect(verdict.ok && [...verdict.principal.grants]).toEqual([["__proto__", "viewer"]])
    expect(Object.prototype).not.toHaveProperty("viewer")
  })

  it("changed in any way, 100,000 times, is refused (T-FUZZ)", async () => {
    const random = new SeededRandom(5)
    const whole = (below: number): number => Math.floor(random.fraction() * below)
    const good = [hmac(CLAIMS), signed(CLAIMS, { alg: "ES256", kid: "es" }, EC.privateKey)]
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \0é"
    let accepted = 0
    let tried = 0
    while (tried < 100_000) {
      const token = good[tried % 20 === 0 ? 1 : 0] ?? ""
      let mutant = token
      for (let n = 1 + whole(3); n > 0; n--) {
        const at = whole(mutant.length)
        const letter = letters[whole(letters.length)] ?? "A"
        const kind = whole(4)
        if (kind === 0) mutant = mutant.slice(0, at) + letter + mutant.slice(at + 1)
        else if (kind === 1) mutant = mutant.slice(0, at) + mutant.slice(at + 1 + whole(8))
        else if (kind === 2) mutant = mutant.slice(0, at) + letter.repeat(1 + whole(4)) + mutant.slice(at)
        else mutant = mutant.slice(0, at) + mutant.slice(whole(mutant.length))
      }
      if (mutant === token) continue
      tried++
      if ((await verifier.verify(mutant)).ok) accepted++
    }
    process.stdout.write(`T-FUZZ: ${tried} mutants of a token, ${accepted} accepted\n`)
    expect(accepted).toBe(0)
  })
})

describe("a keys file", () => {
  const key = KEYS_FILE.keys[0]
  const bad: Readonly<Record<string, unknown>> = {
    "no keys": { keys: [] },
    "a list": [],
    "an unknown field": { keys: [key], admin: true },
    "alg none": { keys: [{ ...key, alg: "none" }] },
    "no alg": { keys: [{ ...key, alg: undefined }] },
    "no issuer": { keys: [{ ...key, issuer: undefined }] },
    "an empty audience": { keys: [{ ...key, audience: "" }] },
    "no kid": { keys: [{ ...key, kid: undefined }] },
    "one kid twice": { keys: [key, { ...key, issuer: "https://b.example" }] },
    "neither key nor set": { keys: [{ ...key, key: undefined }] },
    "both key and set": { keys: [{ ...key, jwks: "https://app.example/jwks" }] },
    "a secret of 31 bytes": { keys: [{ ...key, key: SECRET.slice(0, 31) }] },
    "a secret of 47 bytes for HS384": { keys: [{ ...key, alg: "HS384", key: SECRET.slice(0, 47) }] },
    "a secret of 63 bytes for HS512": { keys: [{ ...key, alg: "HS512", key: SECRET.slice(0, 63) }] },
    "a secret of one letter": { keys: [{ ...key, key: "a".repeat(64) }] },
    "a secret written four times": { keys: [{ ...key, key: "Tr0ub4dor&3xyz!?".repeat(4) }] },
    "a public key as a secret": { keys: [{ ...key, key: RSA.publicKey }] },
    "an RSA key for ES256": { keys: [{ ...key, alg: "ES256", key: RSA.publicKey }] },
    "an EC key for RS256": { keys: [{ ...key, alg: "RS256", key: EC.publicKey }] },
    "a key of another curve": { keys: [{ ...key, alg: "ES384", key: EC.publicKey }] },
    "an EC key for EdDSA": { keys: [{ ...key, alg: "EdDSA", key: EC.publicKey }] },
    "a private key": { keys: [{ ...key, alg: "RS256", key: RSA.privateKey }] },
    "a private JWK": {
      keys: [{ ...key, alg: "ES256", key: createPrivateKey(EC.privateKey).export({ format: "jwk" }) }],
    },
    "text for RS256": { keys: [{ ...key, alg: "RS256", key: "hello" }] },
    "a set over http": {
      keys: [{ ...key, alg: "RS256", kid: undefined, key: undefined, jwks: "http://app.example/jwks" }],
    },
    "a set of secrets": { keys: [{ ...key, kid: undefined, key: undefined, jwks: "keys.json" }] },
  }

  it.each(Object.entries(bad))("with %s is refused, and no secret is repeated", (_name, file) => {
    const read = readKeys(JSON.stringify(file))
    expect(read.ok).toBe(false)
    expect(JSON.stringify(read)).not.toContain(SECRET.slice(0, 16))
  })

  it("that is no JSON is refused without quoting it", () => {
    expect(readKeys(`{"keys":[{"key":"${SECRET}"`)).toEqual({ ok: false, problems: ["it is not JSON"] })
  })

  it("with a secret that a person made up is taken, with a doubt", () => {
    const read = readKeys(JSON.stringify({ keys: [{ ...key, key: "please change me, this is no good secret" }] }))
    expect(read.ok && read.doubts).toHaveLength(1)
  })
})

describe("a key set", () => {
  const jwk = (pem: string, kid: string): object => ({ ...createPublicKey(pem).export({ format: "jwk" }), kid })
  const claims = { ...CLAIMS, iss: "https://set.example" }
  const file = {
    keys: [{ alg: "ES256", issuer: "https://set.example", audience: "quire", jwks: "https://set.example/jwks" }],
  }
  const token = (kid: string, pem: string): string => signed(claims, { alg: "ES256", kid }, pem)

  function world(): {
    clock: ReturnType<typeof clockAtNow>
    verifier: JwtVerifier
    state: { text: string; reads: number; failures: number }
  } {
    const clock = clockAtNow()
    const read = readKeys(JSON.stringify(file))
    if (!read.ok) throw new Error(read.problems.join())
    const state = { text: JSON.stringify({ keys: [jwk(EC.publicKey, "one")] }), reads: 0, failures: 0 }
    const verifier = new JwtVerifier(read.keys, {
      clock,
      readKeySet: async () => {
        state.reads++
        if (state.text === "") throw new Error("nobody answers")
        return state.text
      },
      keySetFailed: () => state.failures++,
    })
    return { clock, verifier, state }
  }

  it("is read once for many tokens", async () => {
    const { verifier, state } = world()
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => verifier.verify(token("one", EC.privateKey))))
    expect(verdicts.every(({ ok }) => ok)).toBe(true)
    expect(state.reads).toBe(1)
  })

  it("is read again for a key it did not have, at most once in the cooldown", async () => {
    const { clock, verifier, state } = world()
    await verifier.verify(token("one", EC.privateKey))
    state.text = JSON.stringify({ keys: [jwk(OTHER.publicKey, "two")] })
    expect((await verifier.verify(token("two", OTHER.privateKey))).ok).toBe(false)
    clock.advance(KEY_SET_LIMITS.cooldownMs)
    expect((await verifier.verify(token("two", OTHER.privateKey))).ok).toBe(true)
    for (let n = 0; n < 100; n++) await verifier.verify(token(`made up ${n}`, OTHER.privateKey))
    expect(state.reads).toBe(2)
  })

  it("that cannot be read is asked for no more often, and what was read is good for an hour", async () => {
    const { clock, verifier, state } = world()
    const good = signed({ ...claims, exp: CLAIMS.exp + 86_400 }, { alg: "ES256", kid: "one" }, EC.privateKey)
    expect((await verifier.verify(good)).ok).toBe(true)
    state.text = ""
    clock.advance(KEY_SET_LIMITS.freshMs + 1)
    for (let n = 0; n < 100; n++) expect((await verifier.verify(good)).ok).toBe(true)
    expect(state).toMatchObject({ reads: 2, failures: 1 })
    clock.advance(KEY_SET_LIMITS.staleMs)
    expect((await verifier.verify(good)).ok).toBe(false)
  })

  it("is not asked for a token of another issuer or algorithm", async () => {
    const { verifier, state } = world()
    await verifier.verify(signed(CLAIMS, { alg: "ES256", kid: "x" }, EC.privateKey))
    await verifier.verify(hmac(claims, { alg: "HS256", kid: "x" }))
    expect(state.reads).toBe(0)
  })

  it("gives no secrets: an oct key in it is nobody's", async () => {
    const { verifier, state } = world()
    state.text = JSON.stringify({
      keys: [{ kty: "oct", kid: "one", alg: "ES256", k: Buffer.from(SECRET).toString("base64url") }],
    })
    expect((await verifier.verify(token("one", EC.privateKey))).ok).toBe(false)
    expect((await verifier.verify(hmac(claims, { alg: "HS256", kid: "one" }))).ok).toBe(false)
  })

  it.each(["[]", "null", "{}", '{"keys":1}', "<html>", `{"keys":[${"1,".repeat(200)}1]}`])(
    "that is %s is none",
    async (text) => {
      const { verifier, state } = world()
      state.text = text
      expect((await verifier.verify(token("one", EC.privateKey))).ok).toBe(false)
      expect(state.failures).toBeLessThanOrEqual(1)
    },
  )
})
