import type { SessionId } from "@quire/base"
import { encodePresence, GONE, LIMITS, type PresenceEntry } from "@quire/protocol"

/** A client's last words, and whose they are. */
interface Present {
  readonly entry: PresenceEntry
  readonly session: SessionId
  /** When a renewal (same state, higher clock) was last passed on, in elapsed milliseconds. */
  readonly renewedAt: number
}

/** Renewals without a change are passed on at most this often: readers drop a silent client after 30 s (y-protocols). */
export const RENEWAL_MS = 10_000

/** Clients that left and whose last clock is remembered: more than anybody may still be echoing. */
const REMEMBERED = 1_000

/**
 * Who is in a room: the newest raw state per client id. A socket speaks only for its own client id, which it gets by
 * its hello, or (plain) by the first id it announces; what else it relays is dropped. The core of rules P1 to P6, SPEC.md.
 */
export class PresenceTable {
  readonly #present = new Map<number, Present>()
  readonly #owners = new Map<SessionId, number>()
  /** Plain sessions that have announced something. */
  readonly #spoken = new Set<SessionId>()
  /** Last clocks of clients that left, so that somebody's echo of them is not taken for themselves. */
  readonly #departed = new Map<number, number>()
  readonly #changed = new Set<number>()
  /** Clocks of clients that left since the last take, so that their leaving can be told. */
  readonly #left = new Map<number, number>()

  /** Native sessions name their client id in the hello. A newer connection takes the id over. */
  claim(session: SessionId, client: number): void {
    this.#owners.set(session, client)
    // It is the same client on another line: to the others it has never left.
    const present = this.#present.get(client)
    if (present !== undefined) this.#present.set(client, { ...present, session })
  }

  /**
   * Takes in what a session announces.
   *
   * @param maySpeakFor whether nobody else who is here speaks for a client id.
   * @param stamp makes of a state what the others get to see, or drops it; left out, they see it as it came.
   * @returns whether there is something to tell the others.
   */
  announce(
    session: SessionId,
    entries: readonly PresenceEntry[],
    { nowMs, maySpeakFor, stamp }: Omit<Announcement, "isIntroduction">,
  ): boolean {
    let isNews = false
    // What a stock client says first, and alone, is its own state; only then come its echoes of others.
    const isIntroduction = entries.length === 1 && !this.#spoken.has(session)
    this.#spoken.add(session)
    const announcement = { nowMs, maySpeakFor, stamp, isIntroduction }
    for (const entry of entries) if (this.#take(session, entry, announcement)) isNews = true
    return isNews
  }

  /**
   * Makes a session's last state anew, under the next clock: the client itself hears of it like everybody, and goes on
   * from there. @returns whether there is something to tell the others.
   */
  restamp(session: SessionId, stamp: Stamp): boolean {
    const client = this.#owners.get(session)
    const present = client === undefined ? undefined : this.#present.get(client)
    if (client === undefined || present === undefined || present.session !== session) return false
    const state = stamp(present.entry.state)
    if (state === undefined || state === present.entry.state) return false
    this.#present.set(client, { ...present, entry: { client, clock: present.entry.clock + 1, state } })
    this.#changed.add(client)
    return true
  }

  /** A session has ended: its client is gone. @returns whether there is something to tell the others. */
  leave(session: SessionId): boolean {
    const client = this.#owners.get(session)
    this.#owners.delete(session)
    this.#spoken.delete(session)
    if (client === undefined) return false
    const present = this.#present.get(client)
    if (present === undefined || present.session !== session) return false
    this.#present.delete(client)
    this.#remember(client, present.entry.clock)
    if (present.entry.state === GONE) return false
    this.#changed.add(client)
    this.#left.set(client, present.entry.clock + 1)
    return true
  }

  /** What changed since it was last taken, as one awareness update, or `undefined`. */
  takeChanges(): Uint8Array | undefined {
    if (this.#changed.size === 0) return undefined
    const entries: PresenceEntry[] = []
    for (const client of this.#changed) {
      const present = this.#present.get(client)
      if (present !== undefined) entries.push(present.entry)
      else entries.push({ client, clock: this.#left.get(client) ?? 1, state: GONE })
    }
    this.#changed.clear()
    this.#left.clear()
    return encodePresence(entries)
  }

  /** Everybody here, as one awareness update, or `undefined` if nobody is. */
  everybody(): Uint8Array | undefined {
    const entries: PresenceEntry[] = []
    for (const { entry } of this.#present.values()) if (entry.state !== GONE) entries.push(entry)
    return entries.length === 0 ? undefined : encodePresence(entries)
  }

  #take(session: SessionId, said: PresenceEntry, announcement: Announcement): boolean {
    const { nowMs, stamp } = announcement
    const present = this.#present.get(said.client)
    if (!this.#mayAnnounce(session, said, announcement)) return false
    const state = stamp === undefined ? said.state : stamp(said.state)
    if (state === undefined) return false
    const entry = stamp === undefined ? said : { ...said, state }
    const isOlder = present !== undefined && entry.clock <= present.entry.clock
    // Equal clocks count once: a client that says it is gone keeps its clock (y-protocols).
    const isLeaving = present !== undefined && entry.clock === present.entry.clock && entry.state === GONE
    if (isOlder && !(isLeaving && present.entry.state !== GONE)) return false
    if (entry.state.length > LIMITS.presenceStateBytes) return false
    const isRenewal = present !== undefined && present.entry.state === entry.state
    const isQuiet = isRenewal && nowMs - present.renewedAt < RENEWAL_MS
    this.#present.set(entry.client, { entry, session, renewedAt: isQuiet ? present.renewedAt : nowMs })
    if (isQuiet) return false
    this.#left.delete(entry.client)
    this.#changed.add(entry.client)
    return true
  }

  #mayAnnounce(session: SessionId, entry: PresenceEntry, announcement: Announcement): boolean {
    const { isIntroduction, maySpeakFor } = announcement
    const own = this.#owners.get(session)
    if (own !== undefined) return own === entry.client && maySpeakFor(own)
    // Plain clients relay what they hear; only something newer than all that was heard can be one's own.
    const departed = isIntroduction ? undefined : this.#departed.get(entry.client)
    const heard = this.#present.get(entry.client)?.entry.clock ?? departed
    const isOwn = entry.state !== GONE && (heard === undefined || entry.clock > heard) && maySpeakFor(entry.client)
    if (isOwn) this.#owners.set(session, entry.client)
    return isOwn
  }

  #remember(client: number, clock: number): void {
    this.#departed.delete(client)
    this.#departed.set(client, clock)
    if (this.#departed.size <= REMEMBERED) return
    const [oldest] = this.#departed.keys()
    if (oldest !== undefined) this.#departed.delete(oldest)
  }
}

/** Makes of a state what the others get to see; `undefined` drops it. */
type Stamp = (state: string) => string | undefined

/** How an entry came. */
interface Announcement {
  readonly nowMs: number
  readonly stamp?: Stamp | undefined
  /** Whether nobody else who is here speaks for a client id. */
  readonly maySpeakFor: (client: number) => boolean
  /** It is the first that its session has said, and says nothing else. */
  readonly isIntroduction: boolean
}
