import type { Clock } from "@quire/base"
import { LIMITS } from "@quire/protocol"
import {
  type Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from "y-protocols/awareness"
import { Alarm } from "./alarm.js"

/** Shortest time between two announcements of one's own state: ten a second. */
export const ANNOUNCE_EVERY_MS = 100

/** Others stay on the screen for so long without a connection: a short loss must not make their carets flicker. */
export const KEEP_OTHERS_MS = 5_000

/** What presence needs of the provider. */
export interface PresenceOptions {
  /** The page's awareness; it stays the page's. */
  readonly awareness: Awareness
  /** Time. */
  readonly clock: Clock
  /** The origin of what others sent. */
  readonly origin: object
  /** Sends an awareness update to the server and the other tabs, as far as they are there. */
  readonly publish: (entries: Uint8Array) => void
  /** The page's own state is too large to be sent: its size and the limit, in bytes. */
  readonly tooLarge: (sizeBytes: number, limitBytes: number) => void
}

/** Announces this client's own awareness state, never anybody else's, and takes in what others announce. */
export class Presence {
  readonly #options: PresenceOptions
  readonly #throttle: Alarm
  readonly #removal: Alarm
  /** Clients heard of through another tab: they do not leave with the socket. */
  readonly #inTabs = new Set<number>()
  #lastMs = Number.NEGATIVE_INFINITY
  #hasConnected = false

  constructor(options: PresenceOptions) {
    this.#options = options
    this.#throttle = new Alarm(options.clock, () => this.announce())
    this.#removal = new Alarm(options.clock, () => this.#remove((client) => !this.#inTabs.has(client)))
  }

  /** Starts listening to the page. */
  start(): void {
    this.#options.awareness.on("update", this.#changed)
  }

  /** Others are gone from here, and this client from the other tabs; the page's own state stays as it is. */
  stop(): void {
    const { awareness, publish } = this.#options
    awareness.off("update", this.#changed)
    this.#throttle.clear()
    this.#removal.clear()
    this.#remove(() => true)
    // The same clock with no state: y-protocols takes that as "gone" and accepts the next renewal.
    publish(encodeAwarenessUpdate(awareness, [awareness.clientID], new Map()))
  }

  /** The line is open: says at once who is here. */
  connected(): void {
    this.#removal.clear()
    if (this.#hasConnected) this.#overtakeFarewell()
    this.#hasConnected = true
    if (this.#options.awareness.getLocalState() !== null) this.announce()
  }

  /** The others may have been told that this client left, under its next clock: only the one after that is news to them. */
  #overtakeFarewell(): void {
    const { clientID, meta } = this.#options.awareness
    const own = meta.get(clientID)
    if (own !== undefined) meta.set(clientID, { ...own, clock: own.clock + 2 })
  }

  /** The line is gone. */
  disconnected(): void {
    this.#removal.set(KEEP_OTHERS_MS)
  }

  /** Sends the newest own state now. */
  announce(): void {
    const { awareness, clock, publish, tooLarge } = this.#options
    this.#throttle.clear()
    this.#lastMs = clock.elapsed()
    const sizeBytes = new TextEncoder().encode(JSON.stringify(awareness.getLocalState())).length
    if (sizeBytes > LIMITS.presenceStateBytes) return tooLarge(sizeBytes, LIMITS.presenceStateBytes)
    publish(encodeAwarenessUpdate(awareness, [awareness.clientID]))
  }

  /**
   * Takes in what others announced. Nobody else may set this client's own state; malformed bytes change as little as
   * they can, and throw nothing.
   */
  receive(entries: Uint8Array, from: "server" | "tab"): void {
    const { awareness, origin } = this.#options
    const own = awareness.getLocalState()
    const note = (changes: Changes): void => {
      for (const client of [...changes.added, ...changes.updated]) this.#inTabs.add(client)
    }
    if (from === "tab") awareness.on("update", note)
    try {
      applyAwarenessUpdate(awareness, entries, origin)
    } catch {
      // A state that is no JSON, or a listener of the page that failed on it: the next announcement mends both.
    } finally {
      awareness.off("update", note)
    }
    if (awareness.getLocalState() !== own) awareness.setLocalState(own)
  }

  readonly #changed = ({ added, updated, removed }: Changes): void => {
    const { awareness, clock } = this.#options
    const isOwn = (client: number): boolean => client === awareness.clientID
    if (!added.some(isOwn) && !updated.some(isOwn) && !removed.some(isOwn)) return
    const dueMs = this.#lastMs + ANNOUNCE_EVERY_MS
    if (clock.elapsed() >= dueMs) this.announce()
    else this.#throttle.setBy(dueMs)
  }

  #remove(isGone: (client: number) => boolean): void {
    const { awareness, origin } = this.#options
    const gone = [...awareness.getStates().keys()].filter((client) => client !== awareness.clientID && isGone(client))
    if (gone.length === 0) return
    removeAwarenessStates(awareness, gone, origin)
    // The server will name those still here with the clocks we know, and y-protocols ignores a clock that it knows.
    for (const client of gone) awareness.meta.delete(client)
  }
}

/** What y-protocols reports: client ids. */
interface Changes {
  readonly added: readonly number[]
  readonly updated: readonly number[]
  readonly removed: readonly number[]
}
