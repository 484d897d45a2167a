import { type Awareness, removeAwarenessStates } from "y-protocols/awareness"
import type { ActorClock } from "./timeline.js"

const EVERY_MS = 3_000
const RENEW_MS = 15_000
const OUTDATED_MS = 30_000

/**
 * What y-protocols' Awareness does by a timer of the platform, in virtual time: it renews its own state, and drops those
 * of others that were not renewed.
 */
export function tickInVirtualTime(awareness: Awareness, clock: ActorClock): void {
  clearInterval(awareness._checkInterval as NodeJS.Timeout)
  const heardMs = new Map<number, number>([[awareness.clientID, clock.elapsed()]])
  awareness.on("update", ({ added, updated }: { readonly added: number[]; readonly updated: number[] }) => {
    for (const client of [...added, ...updated]) heardMs.set(client, clock.elapsed())
  })
  const tick = (): void => {
    const own = awareness.getLocalState()
    const ageOf = (client: number): number => clock.elapsed() - (heardMs.get(client) ?? 0)
    if (own !== null && ageOf(awareness.clientID) >= RENEW_MS) awareness.setLocalState(own)
    const outdated = [...awareness.getStates().keys()].filter(
      (client) => client !== awareness.clientID && ageOf(client) >= OUTDATED_MS,
    )
    if (outdated.length > 0) removeAwarenessStates(awareness, outdated, "timeout")
    clock.schedule(EVERY_MS, tick)
  }
  clock.schedule(EVERY_MS, tick)
}
