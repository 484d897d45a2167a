import type { FakeClock } from "@quire/testing"
import { PATIENCE_MS, turn } from "../harness.js"

/**
 * Lets sockets do their work, and time pass beside it, until the condition holds.
 *
 * @param stepMs how much time passes each time that the sockets have had their turn; 0: none at all.
 * @param what a noun phrase for the error that ends a wait which takes too long.
 */
export async function passUntil(clock: FakeClock, stepMs: number, isMet: () => boolean, what: string): Promise<void> {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  while (!isMet()) {
    if (signal.aborted) throw new Error(`waited ${PATIENCE_MS / 1_000} s for ${what}`)
    clock.advance(stepMs)
    await turn()
  }
}
