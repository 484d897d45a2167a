import { hash, verify } from "@node-rs/argon2"
import { QuireError } from "@quire/base"

/**
 * Cost of a hash: argon2id (the library's default) with 19 MiB, 2 passes, 1 lane, which is what OWASP's Password Storage
 * Cheat Sheet names first.
 */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const
/** So many are computed at once: each takes a thread of the pool that also serves the disk, and its memory. */
const AT_ONCE = 4
/** So many wait for that. More come only from an attack by many addresses. */
const WAITING = 200

/** Length of a password, in characters. */
export const PASSWORD_LENGTH: { readonly least: number; readonly most: number } = { least: 10, most: 256 }

/** The commonest passwords that are long enough. */
const COMMON = new Set([
  "1234567890",
  "0123456789",
  "12345678910",
  "123456789a",
  "1111111111",
  "0000000000",
  "1q2w3e4r5t",
  "1q2w3e4r5t6y",
  "qwertyuiop",
  "qwerty1234",
  "qwerty12345",
  "asdfghjkl1",
  "password12",
  "password123",
  "password1234",
  "passwordpassword",
  "iloveyou12",
  "letmein123",
  "welcome123",
  "changeme123",
  "administrator",
  "abcdefghij",
  "abcdefghijkl",
  "abc1234567",
  "qwertyuiopasdfghjkl",
])

/** Why a password is not taken, as a sentence, or `undefined`. @param own what the person is called, which is no password. */
export function wrongPassword(password: string, own: readonly string[]): string | undefined {
  const length = [...password].length
  const { least, most } = PASSWORD_LENGTH
  if (!password.isWellFormed()) return "the password is not well-formed Unicode"
  if (length < least || length > most) return `the password has ${length} characters: ${least} to ${most} are needed`
  const plain = password.toLowerCase()
  if (COMMON.has(plain) || new Set(plain).size < 3) return "the password is one of those that are tried first"
  if (own.some((text) => text.toLowerCase() === plain)) return "the password is your own name or e-mail address"
  return undefined
}

/** Hashes passwords and compares them, a few at a time, off the thread that serves. */
export class Passwords {
  /** A hash that no password has, so that an unknown person costs as much time as a known one. */
  readonly #nobodys: Promise<string> = hash("nobody's password", COST)
  readonly #waiting: (() => void)[] = []
  #running = 0

  /** What is kept of a password. @throws QuireError `QUIRE_BUSY` if too many wait. */
  async hash(password: string): Promise<string> {
    return await this.#inTurn(() => hash(normal(password), COST))
  }

  /**
   * Whether it is the password of a hash.
   *
   * @param kept the hash; the empty string or `undefined`: `false`, after the same work.
   * @throws QuireError `QUIRE_BUSY` if too many wait.
   */
  async verify(kept: string | undefined, password: string): Promise<boolean> {
    const isKnown = kept !== undefined && kept !== ""
    const against = isKnown ? kept : await this.#nobodys
    const isSame = await this.#inTurn(() => verify(against, normal(password)))
    return isSame && isKnown
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= AT_ONCE) {
      if (this.#waiting.length >= WAITING) {
        throw new QuireError("QUIRE_BUSY", `${WAITING} people are signing in already`, {
          hint: "Try again in a minute.",
        })
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    } else this.#running++
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      // Whoever is next takes this place over.
      if (next === undefined) this.#running--
      else next()
    }
  }
}

/** The same characters, however a keyboard composes them. */
function normal(password: string): string {
  return password.normalize("NFC")
}
