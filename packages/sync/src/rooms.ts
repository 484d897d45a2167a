import type { Clock, DocumentId, Random, SessionId } from "@quire/base"
import { CloseCode, encodeCloseReason, type ResumeToken } from "@quire/protocol"
import { Knowledge } from "./knowledge.js"
import { ROOM_LIMITS, type RoomLimits } from "./limits.js"
import { MergedState, MergedStates } from "./merged-state.js"
import type { Documents, Log, Merging, Watch } from "./ports.js"
import { Room, type RoomSetting } from "./room.js"
import type { Session, Visitor } from "./session.js"
import { Turns } from "./turns.js"
import { UnsavedBudget } from "./unsaved-budget.js"

/** What the rooms of a process are made with. */
export interface RoomsOptions {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly documents: Documents
  readonly merging: Merging
  readonly watch: Watch
  /** The constant update every page is born with. */
  readonly birth: Uint8Array
  /** Differences from the defaults. */
  readonly limits?: Partial<RoomLimits>
  /** Bytes of merged states kept for joiners, over all rooms. Default 64 MiB. */
  readonly cacheBytes?: number
  /** Bytes accepted and not on disk, over all rooms. Default 256 MiB. */
  readonly unsavedBytes?: number
  /** Over how many milliseconds so many people should come back after a restart. Default: 5 s whatever their number. */
  readonly returnSpreadMs?: (sessions: number) => number
}

/** How the rooms ended. */
export interface RoomsClosed {
  /** Documents with edits that never reached the disk; their clients still have them. */
  readonly unsaved: readonly { readonly document: DocumentId; readonly bytes: number }[]
}

/** An empty room is kept this long: a reload finds it warm. */
const LINGER_MS = 10_000
const SWEEP_MS = 1_000
/** After a restart clients come back spread over this long, or longer if they are many. */
const RETURN_SPREAD_MS = 5_000
/** So many documents are read at once: a crowd in many documents must not take the process from those inside. */
const OPENING_AT_ONCE = 8

/**
 * One room per document: opened by the first who joins (a crowd shares the load), forgotten some time after the last
 * has left, and never while something waits for the disk. Rules O1 to O6 of SPEC.md.
 */
export class Rooms {
  readonly #options: RoomsOptions
  readonly #setting: RoomSetting
  readonly #rooms = new Map<DocumentId, Room>()
  readonly #opening = new Map<DocumentId, Promise<Room>>()
  readonly #idleSince = new Map<Room, number>()
  readonly #turns = new Turns(OPENING_AT_ONCE)
  readonly #unsubscribe: () => void
  #cancelSweep: () => void
  #nextSession = 1
  #isClosing = false

  constructor(options: RoomsOptions) {
    this.#options = options
    this.#setting = {
      clock: options.clock,
      log: options.log,
      merging: options.merging,
      states: new MergedStates(options.cacheBytes ?? 67_108_864),
      limits: { ...ROOM_LIMITS, ...options.limits },
      unsaved: new UnsavedBudget(options.unsavedBytes ?? 268_435_456, () => this.#resumeWriters()),
      watch: options.watch,
      birth: options.birth,
      born: Knowledge.ofUpdates([options.birth]),
    }
    this.#unsubscribe = options.log.subscribe(() => this.#announceHealth())
    this.#cancelSweep = options.clock.schedule(SWEEP_MS, () => this.#sweep())
  }

  /** How many rooms are open, and how many sessions they have together. */
  get counts(): { readonly rooms: number; readonly sessions: number } {
    let sessions = 0
    for (const room of this.#rooms.values()) sessions += room.size
    return { rooms: this.#rooms.size, sessions }
  }

  /** True if the document's room is open, or opens just now: joining it reads nothing more. */
  isOpen(document: DocumentId): boolean {
    return this.#rooms.has(document) || this.#opening.has(document)
  }

  /** Lets go of what nobody uses: idle rooms, without waiting for somebody to come back, and states kept for joiners. */
  relieve(): void {
    for (const room of [...this.#rooms.values()]) if (room.isIdle) this.#forget(room)
    this.#setting.states.clear()
  }

  /**
   * A visitor joins a document's room.
   *
   * @param visitor asked once the document is open, for who it is by then; `undefined` if it has gone.
   * @returns the room and the session, or `undefined` when the visitor has gone or the process is stopping.
   * @throws what the log threw: a document that cannot be trusted is not served, least of all as an empty one.
   */
  async enter(
    document: DocumentId,
    visitor: () => Visitor | undefined,
    resume: ResumeToken | undefined,
  ): Promise<{ readonly room: Room; readonly session: Session } | undefined> {
    try {
      const checked = await (await this.#room(document)).checkResume(resume)
      // Found again, because it may have been forgotten meanwhile; from here to `join` nothing waits.
      const room = this.#rooms.get(document) ?? (await this.#room(document))
      const present = visitor()
      if (this.#isClosing || present === undefined) return undefined
      this.#idleSince.delete(room)
      return { room, session: room.join(present, this.#nextSession++ as SessionId, checked) }
    } catch (error) {
      // The log may have closed under a document that was being opened: that is a stop, and no fault of the document.
      if (this.#isClosing) return undefined
      throw error
    }
  }

  /**
   * Stops: no new sessions, nothing more is read; waits until everything accepted is on disk, at most until `deadline` resolves; then says
   * goodbye (1012, with a spread hint when to come back).
   */
  async close(deadline: Promise<void>): Promise<RoomsClosed> {
    this.#isClosing = true
    this.#cancelSweep()
    this.#unsubscribe()
    for (const room of this.#rooms.values()) room.stopReading()
    await Promise.race([this.#allSaved(), deadline])
    const unsaved: { document: DocumentId; bytes: number }[] = []
    const { random, returnSpreadMs } = this.#options
    const spreadMs = Math.max(RETURN_SPREAD_MS, returnSpreadMs?.(this.counts.sessions) ?? 0)
    for (const room of this.#rooms.values()) {
      if (room.unsavedBytes > 0) unsaved.push({ document: room.document, bytes: room.unsavedBytes })
      room.close(CloseCode.Restart, () => {
        const retryMs = 500 + random.fraction() * spreadMs
        return encodeCloseReason("the server restarts", retryMs)
      })
    }
    this.#rooms.clear()
    return { unsaved }
  }

  async #room(document: DocumentId): Promise<Room> {
    const room = this.#rooms.get(document)
    if (room !== undefined) return room
    const opening = this.#opening.get(document)
    if (opening !== undefined) return opening
    const opened = this.#turns.take(() => this.#open(document)).finally(() => this.#opening.delete(document))
    this.#opening.set(document, opened)
    return opened
  }

  async #open(document: DocumentId): Promise<Room> {
    const { log, documents, merging, random } = this.#options
    const loaded = await log.load(document)
    const kind = loaded?.head.kind ?? (await documents.kindOf(document))
    const epoch = Array.from(random.bytes(8), (byte) => byte.toString(16).padStart(2, "0")).join("")
    const room = new Room(this.#setting, { document, loaded, kind, epoch })
    if (loaded !== undefined) this.#setting.states.put(document, MergedState.ofLoaded(loaded, merging))
    this.#rooms.set(document, room)
    return room
  }

  #sweep(): void {
    this.#cancelSweep = this.#options.clock.schedule(SWEEP_MS, () => this.#sweep())
    const now = this.#options.clock.elapsed()
    for (const room of this.#rooms.values()) {
      room.sweep()
      if (!room.isIdle) this.#idleSince.delete(room)
      else if (!this.#idleSince.has(room)) this.#idleSince.set(room, now)
      else if (now - (this.#idleSince.get(room) ?? now) >= LINGER_MS) this.#forget(room)
    }
  }

  #forget(room: Room): void {
    this.#rooms.delete(room.document)
    this.#idleSince.delete(room)
    this.#setting.states.drop(room.document)
    room.close(CloseCode.TryLater, () => "the room is empty")
  }

  #announceHealth(): void {
    const health = this.#options.log.getHealth()
    for (const room of this.#rooms.values()) room.announceHealth(health)
  }

  #resumeWriters(): void {
    for (const room of this.#rooms.values()) room.resumeWriters()
  }

  async #allSaved(): Promise<void> {
    while ([...this.#rooms.values()].some((room) => room.unsavedBytes > 0)) {
      await new Promise<void>((resolve) => this.#options.clock.schedule(10, resolve))
    }
  }
}
