import { readFile } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { type Clock, QuireError } from "@quire/base"
import type { Logger } from "pino"
import { KEY_SET_LIMITS } from "./jwt-key-set.js"
import { type JwtKey, readKeys } from "./jwt-keys.js"
import { JwtVerifier } from "./jwt-verifier.js"
import { fetchText } from "./keys-fetch.js"
import type { VerifyToken } from "./principal.js"

/** Tokens of embedding applications, in a server that runs. */
export interface Tokens {
  /** Who a token says somebody is. */
  readonly verify: VerifyToken
  /** Reads the keys again; a file that cannot be used leaves the old ones, and is logged. */
  reload(): Promise<void>
  /** Calls `listener` after other keys were taken. @returns the undo. */
  onKeysChanged(listener: () => void): () => void
}

/** The keys of a file, and what about them looks made up. */
export interface KeysOfFile {
  readonly keys: readonly JwtKey[]
  readonly doubts: readonly string[]
}

/**
 * Reads the keys and judges tokens by them from now on.
 *
 * @throws QuireError `QUIRE_JWT_KEYS`
 */
export async function openTokens(file: string, clock: Clock, logger: Logger): Promise<Tokens> {
  const read = async (): Promise<readonly JwtKey[]> => {
    const { keys, doubts } = await readKeysFile(file)
    for (const doubt of doubts) logger.warn({ event: "token.key-doubted", reason: doubt })
    return keys
  }
  const verifier = new JwtVerifier(await read(), {
    clock,
    readKeySet: (place) => readKeySet(file, place),
    keySetFailed: (place, reason) => logger.warn({ event: "token.key-set-failed", place, reason }),
  })
  const listeners = new Set<() => void>()
  return {
    onKeysChanged: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    verify: async (token) => {
      const verdict = await verifier.verify(token)
      if (verdict.ok) return verdict.principal
      logger.info({ event: "token.refused", kind: verdict.kind, reason: verdict.reason })
      return undefined
    },
    reload: async () => {
      try {
        verifier.replace(await read())
        logger.info({ event: "token.keys-reloaded" })
        for (const listener of [...listeners]) listener()
      } catch (error) {
        logger.error({ event: "token.keys-kept", reason: error instanceof Error ? error.message : String(error) })
      }
    },
  }
}

/** @throws QuireError `QUIRE_JWT_KEYS`, with a sentence that holds no secret. */
export async function readKeysFile(file: string): Promise<KeysOfFile> {
  let text: string
  try {
    text = await readFile(file, "utf8")
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown"
    throw new QuireError("QUIRE_JWT_KEYS", `the keys file ${file} cannot be read (${code})`, { hint: HINT })
  }
  const read = readKeys(text)
  if (!read.ok) throw new QuireError("QUIRE_JWT_KEYS", `${file}: ${read.problems.join("; ")}`, { hint: HINT })
  return read
}

/** The text of a key set that a keys file names: an https address, or a file beside it. */
export async function readKeySet(keysFile: string, place: string): Promise<string> {
  if (place.startsWith("https://")) {
    return await fetchText(place, { bytes: KEY_SET_LIMITS.bytes, timeMs: KEY_SET_LIMITS.timeMs })
  }
  const text = await readFile(resolve(dirname(keysFile), place), "utf8")
  if (text.length > KEY_SET_LIMITS.bytes) throw new Error(`it is longer than ${KEY_SET_LIMITS.bytes} bytes`)
  return text
}

const HINT = "docs/embedding.md describes the file."
