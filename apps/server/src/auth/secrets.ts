import { createHash } from "node:crypto"
import type { Random } from "@quire/base"

/** Bytes of a secret that opens something by itself: far beyond guessing. */
const SECRET_BYTES = 32
/** A secret as it stands in a cookie or an address. */
const SECRET = /^[A-Za-z0-9_-]{43}$/

/** A new secret: 256 random bits in base64url. It is told once and kept nowhere; only its hash is. */
export function newSecret(random: Random): string {
  return Buffer.from(random.bytes(SECRET_BYTES)).toString("base64url")
}

/** What is kept of a secret. A secret has 256 bits, so a plain hash is enough, and it can be looked up. */
export function hashSecret(secret: string): Uint8Array {
  return createHash("sha256").update(`quire secret ${secret}`).digest()
}

/** Whether text from outside may be a secret at all. */
export function isSecret(text: string): boolean {
  return SECRET.test(text)
}

/** A new id of the directory: 128 random bits in base64url. No secret. */
export function newId(random: Random): string {
  return Buffer.from(random.bytes(16)).toString("base64url")
}
