/** The waits between attempts to connect, in milliseconds. */
export const BACKOFF = {
  /** Longest wait after the first failure; it doubles with each further one. */
  baseMs: 1_000,
  /** Longest wait of all, unless the server asks for more. */
  capMs: 30_000,
  /** Shortest wait of all: a server that closes at once is not asked in a loop. */
  floorMs: 250,
} as const

/**
 * How long to wait before trying again. "Full jitter": anything between nothing and a ceiling that doubles, so that a
 * crowd that lost its server does not come back as a crowd. A server's hint is a minimum, stretched by up to a quarter
 * for the same reason.
 *
 * @param attempt attempts that have failed since the last sync, 1 or more.
 * @param fraction randomness, from 0 (included) to 1 (left out).
 * @param hintMs the wait that the server asked for, if it did.
 * @returns whole milliseconds, at least `BACKOFF.floorMs`.
 */
export function backoffMs(attempt: number, fraction: number, hintMs = 0): number {
  const ceiling = Math.min(BACKOFF.capMs, BACKOFF.baseMs * 2 ** Math.max(0, attempt - 1))
  return Math.ceil(Math.max(BACKOFF.floorMs, fraction * ceiling, hintMs * (1 + fraction / 4)))
}
