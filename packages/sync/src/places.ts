import type { UserId } from "@quire/base"
import type { RoomLimits } from "./limits.js"

/** Nobody in particular, and so not counted: the gate does not know one such from another. */
const ANONYMOUS = "" as UserId

/** Why somebody finds no place. */
export interface NoPlace {
  /** The stable code. */
  readonly code: "QUIRE_ROOM_FULL" | "QUIRE_USER_FULL"
  /** What to do. */
  readonly reason: string
}

/** How many sessions there are of each person, in all rooms of a process. Rule O7 of SPEC.md. */
export class Places {
  readonly #byUser = new Map<UserId, number>()

  /** Why a person cannot come into a room of so many, if so. */
  lack(user: UserId, roomSize: number, { sessions, sessionsPerUser }: RoomLimits): NoPlace | undefined {
    if (roomSize >= sessions) {
      return { code: "QUIRE_ROOM_FULL", reason: `${sessions} people are in this document, its limit` }
    }
    if (user === ANONYMOUS || this.of(user) < sessionsPerUser) return undefined
    return { code: "QUIRE_USER_FULL", reason: `you have ${sessionsPerUser} documents open, the limit: close some` }
  }

  /** How many sessions a person has. */
  of(user: UserId): number {
    return this.#byUser.get(user) ?? 0
  }

  /** A session of a person begins. */
  take(user: UserId): void {
    if (user !== ANONYMOUS) this.#byUser.set(user, this.of(user) + 1)
  }

  /** It has ended. */
  free(user: UserId): void {
    const left = this.of(user) - 1
    if (left > 0) this.#byUser.set(user, left)
    else this.#byUser.delete(user)
  }
}
