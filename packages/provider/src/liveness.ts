/** A line on which no frame has come for this long is dead: a server sends one at least every 25 s. */
export const SILENCE_MS = 45_000

/** With an acknowledgement outstanding, it is dead sooner. */
export const AWAITED_SILENCE_MS = 10_000

/**
 * When a silent line must be given up.
 *
 * @param lastFrameMs when the last frame came, or the socket opened.
 * @param awaitedSinceMs when the oldest message left whose acknowledgement is due; `undefined` if none is, or if it
 *   cannot come soon: a failing store has been announced, or the server never acknowledges.
 * @returns a moment on the same scale.
 */
export function silenceDueMs(lastFrameMs: number, awaitedSinceMs: number | undefined): number {
  const dueMs = lastFrameMs + SILENCE_MS
  if (awaitedSinceMs === undefined) return dueMs
  return Math.min(dueMs, Math.max(lastFrameMs, awaitedSinceMs) + AWAITED_SILENCE_MS)
}
