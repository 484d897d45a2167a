import type { Clock, Sequence, SessionId } from "@quire/base"
import { CloseCode, encodeCloseReason, encodeMessage, KEEP_ALIVE } from "@quire/protocol"
import type { RoomLimits } from "./limits.js"
import { flushSpacing, Pace } from "./pace.js"
import { type Parcel, parcelOf } from "./parcel.js"
import type { Reading, Session } from "./session.js"

/** An update on its way to the room's sessions. */
interface Outgoing {
  readonly sequence: Sequence
  readonly sender: SessionId
  /** The update, framed once for everybody. */
  readonly message: Uint8Array
}

/** What is on disk: the last sequence, and its record's checksum. */
export interface Durable {
  readonly sequence: Sequence
  readonly checksum: number
}

/** What fan-out needs of its room. */
export interface FanOutRoom {
  readonly clock: Clock
  readonly limits: RoomLimits
  readonly sessions: ReadonlySet<Session>
  /** Bring a session that was behind, and reads again, up to date. */
  catchUp(session: Session): void
  /** A reader was too slow. */
  drop(session: Session, code: CloseCode, reason: string): void
}

/**
 * Who is sent what, and when. Rules F1 to F7 of SPEC.md:
 * updates leave at once, in the order in which they were taken in; a busy room's flushes are spaced and wait for the
 * commit, so that one buffer serves the senders that want an echo too; a native sender never gets its own update back,
 * a plain one gets it once it is durable; "durable" follows what it speaks of; a slow reader costs bounded memory.
 */
export class FanOut {
  readonly #room: FanOutRoom
  readonly #pace: Pace
  /** Sessions that may have to be told that something of theirs is durable; at each commit only these are looked at. */
  readonly #unsettled = new Set<Session>()
  #outgoing: Outgoing[] = []
  #sentHead: Sequence
  #durable: Durable
  #announced: Sequence
  #cancelFlush: (() => void) | undefined
  #cancelSettle: (() => void) | undefined
  #cancelDurable: (() => void) | undefined
  #waitsForCommit = false
  #announcedAt: number

  constructor(room: FanOutRoom, durable: Durable) {
    this.#room = room
    this.#pace = new Pace(room.clock.elapsed())
    this.#sentHead = durable.sequence
    this.#durable = durable
    this.#announced = durable.sequence
    this.#announcedAt = room.clock.elapsed()
  }

  /** Everything up to this is on disk. */
  get durable(): Durable {
    return this.#durable
  }

  /** Sends an update to everybody but its sender, soon. */
  push(outgoing: Outgoing): void {
    this.#outgoing.push(outgoing)
    if (this.#cancelFlush !== undefined) return
    const waitMs = this.#pace.waitMs(this.#room.clock.elapsed(), this.#spacingMs())
    this.#scheduleFlush(waitMs, waitMs > 0)
  }

  /** The log has reached a sequence: acknowledge, echo and announce. */
  committed(durable: Durable): void {
    this.#durable = durable
    if (this.#waitsForCommit && durable.sequence >= this.#lastOutgoing()) this.#flush()
    this.#settleSoon()
    this.#announceSoon()
  }

  /** Something of a session's is to be acknowledged or echoed once the log has reached a sequence; it may have. */
  settleAt(session: Session, sequence: Sequence): void {
    if (!session.isOpen) return
    this.#unsettled.add(session)
    if (this.#durable.sequence >= sequence) this.#settleSoon()
  }

  /** Looks for what can be acknowledged or echoed, after the work in hand. */
  #settleSoon(): void {
    if (this.#unsettled.size === 0) return
    this.#cancelSettle ??= this.#room.clock.schedule(0, () => {
      this.#cancelSettle = undefined
      for (const session of this.#unsettled) this.#settle(session)
    })
  }

  /** A session has left. */
  forget(session: Session): void {
    this.#unsettled.delete(session)
  }

  /** Tells a session that has just been sent everything how far that is durable. */
  tellDurable(session: Session): void {
    if (!session.isNative || this.#durable.sequence <= session.toldDurable) return
    session.toldDurable = this.#durable.sequence
    this.send(session, parcelOf([this.#durableMessage(this.#headOf(session))]))
  }

  /** Sends to one session, now. */
  send(session: Session, parcel: Parcel): void {
    session.sentAt = this.#room.clock.elapsed()
    session.visitor.link.send(parcel)
  }

  /** Sends presence to everybody who reads fast enough for it. */
  sendPresence(parcel: Parcel): void {
    for (const session of this.#room.sessions) {
      const { link } = session.visitor
      if (link.queuedBytes() <= this.#room.limits.quietBytes + session.allowanceBytes) this.send(session, parcel)
    }
  }

  /** The link has taken all that was queued. */
  drained(session: Session): void {
    session.allowanceBytes = 0
    if (session.reading.kind === "behind") this.#room.catchUp(session)
  }

  /** Once a second or so: drops readers that are too slow, keeps quiet lines alive. */
  sweep(): void {
    const { clock, limits, sessions } = this.#room
    const now = clock.elapsed()
    for (const session of sessions) {
      const { reading } = session
      const isLate = reading.kind === "behind" && now - reading.sinceMs > limits.dropMs
      if (isLate || this.#isOverflowing(session)) this.#dropSlow(session)
      else if (now - session.sentAt > limits.keepAliveMs) this.send(session, KEEP_ALIVE_PARCEL)
    }
  }

  /** Stops the timers. */
  close(): void {
    this.#cancelFlush?.()
    this.#cancelSettle?.()
    this.#cancelDurable?.()
    this.#cancelFlush = this.#cancelSettle = this.#cancelDurable = undefined
  }

  /** Sends at once what waits, then acknowledges: for shutting down. */
  finish(): void {
    if (this.#outgoing.length > 0) this.#flush()
    for (const session of this.#unsettled) this.#settle(session)
  }

  #spacingMs(): number {
    return flushSpacing(this.#room.sessions.size, this.#room.limits)
  }

  #scheduleFlush(delayMs: number, mayWaitForCommit: boolean): void {
    this.#cancelFlush = this.#room.clock.schedule(delayMs, () => {
      this.#cancelFlush = undefined
      if (mayWaitForCommit && this.#wantsCommit()) {
        this.#waitsForCommit = true
        this.#scheduleFlush(this.#room.limits.commitWaitMs, false)
      } else this.#flush()
    })
  }

  /** True if waiting for the commit would save the plain senders a second write. */
  #wantsCommit(): boolean {
    if (this.#durable.sequence >= this.#lastOutgoing()) return false
    for (const session of this.#unsettled) if (session.echoes.length > 0) return true
    return false
  }

  #flush(): void {
    this.#cancelFlush?.()
    this.#cancelFlush = undefined
    this.#waitsForCommit = false
    const nowMs = this.#room.clock.elapsed()
    const isNewsDurable = this.#durable.sequence > this.#announced
    const batch = new FlushBatch(this.#outgoing, nowMs, isNewsDurable ? this.#durable : undefined)
    this.#outgoing = []
    this.#sentHead = batch.head
    this.#pace.spend(nowMs, this.#spacingMs())
    if (isNewsDurable) this.#announce()
    for (const session of this.#room.sessions) this.#deliver(session, batch)
    // What waited for this flush as well as for the disk.
    if (this.#durable.sequence >= batch.head) this.#settleSoon()
  }

  /** Runs for every reader of every flush: allocates nothing, and asks nothing that is the same for all. */
  #deliver(session: Session, batch: FlushBatch): void {
    const { reading, visitor, allowanceBytes } = session
    if (reading.kind !== "current") return
    const { limits } = this.#room
    const queuedBytes = visitor.link.queuedBytes()
    if (queuedBytes > limits.behindBytes + allowanceBytes) {
      session.reading = { kind: "behind", through: reading.through, sinceMs: batch.nowMs }
      return
    }
    session.reading = batch.reading
    if (batch.tellsDurable && session.isNative) session.toldDurable = this.#durable.sequence
    const parcel = session.isNative
      ? batch.forNative(session.id)
      : batch.forPlain(session.id, batch.isSender(session.id) && this.#takeEchoes(session, batch))
    if (parcel === undefined) return
    session.sentAt = batch.nowMs
    visitor.link.send(parcel)
    // Most of it may have gone to the socket at once, so the link is asked before anybody is dropped.
    const mayOverflow = queuedBytes + parcel.sizeBytes > limits.dropBytes + allowanceBytes
    if (mayOverflow && this.#isOverflowing(session)) this.#dropSlow(session)
  }

  /** Takes the echoes out that this flush can serve: a plain sender's own updates in it, once all are durable. */
  #takeEchoes(session: Session, batch: FlushBatch): boolean {
    const own = session.echoes.filter((echo) => echo.isSentOn && echo.sequence >= batch.first)
    const last = own[own.length - 1]
    if (last === undefined || last.sequence > this.#durable.sequence) return false
    session.echoes = session.echoes.filter((echo) => !own.includes(echo))
    return true
  }

  #settle(session: Session): void {
    const acknowledgement = session.acknowledgements.settle(this.#durable.sequence)
    if (acknowledgement !== undefined) {
      this.send(session, parcelOf([encodeMessage({ type: "acknowledge", ...acknowledgement })]))
    }
    const ready: Uint8Array[] = []
    for (const echo of session.echoes) {
      // What waits for the next flush is echoed by it, in its place.
      if (echo.sequence > this.#durable.sequence || echo.sequence > this.#sentHead) break
      ready.push(echo.message)
    }
    if (ready.length > 0) {
      session.echoes = session.echoes.slice(ready.length)
      this.send(session, parcelOf(ready))
    }
    if (session.echoes.length === 0 && session.acknowledgements.areAllSettled) this.#unsettled.delete(session)
  }

  /** The timer is left to run where a flush has announced meanwhile: a busy room would set it anew at each keystroke. */
  #announceSoon(): void {
    if (this.#cancelDurable !== undefined || this.#durable.sequence <= this.#announced) return
    const sinceMs = this.#room.clock.elapsed() - this.#announcedAt
    this.#cancelDurable = this.#room.clock.schedule(Math.max(0, this.#room.limits.durableMs - sinceMs), () => {
      this.#cancelDurable = undefined
      if (this.#room.clock.elapsed() - this.#announcedAt < this.#room.limits.durableMs) this.#announceSoon()
      else this.#announceAlone()
    })
  }

  #announceAlone(): void {
    // What was taken in but not sent yet must not be announced as sent; the flush that sends it will.
    if (this.#durable.sequence > this.#sentHead || this.#durable.sequence <= this.#announced) return
    this.#announce()
    const parcel = parcelOf([this.#durableMessage(this.#sentHead)])
    for (const session of this.#room.sessions) {
      if (!session.isNative || session.reading.kind !== "current") continue
      if (session.toldDurable >= this.#durable.sequence) continue
      session.toldDurable = this.#durable.sequence
      this.send(session, parcel)
    }
  }

  #announce(): void {
    this.#announced = this.#durable.sequence
    this.#announcedAt = this.#room.clock.elapsed()
  }

  #durableMessage(head: Sequence): Uint8Array {
    return encodeMessage({ type: "durable", ...this.#durable, head })
  }

  #headOf(session: Session): Sequence {
    return session.reading.kind === "joining" ? this.#sentHead : session.reading.through
  }

  #lastOutgoing(): Sequence {
    return this.#outgoing[this.#outgoing.length - 1]?.sequence ?? this.#sentHead
  }

  #isOverflowing(session: Session): boolean {
    return session.visitor.link.queuedBytes() > this.#room.limits.dropBytes + session.allowanceBytes
  }

  #dropSlow(session: Session): void {
    const reason = encodeCloseReason("QUIRE_READER_SLOW: this connection reads too slowly; it will catch up", 1_000)
    this.#room.drop(session, CloseCode.TryLater, reason)
  }
}

const KEEP_ALIVE_PARCEL = parcelOf([KEEP_ALIVE])

/** One flush: what leaves, and the parcels already made of it. */
class FlushBatch {
  readonly first: Sequence
  readonly head: Sequence
  /** When it leaves, in elapsed milliseconds. */
  readonly nowMs: number
  /** How far everybody who gets it has been sent what the room has: one fact for all of them. */
  readonly reading: Reading
  readonly #outgoing: readonly Outgoing[]
  /** What is durable, if those who can be told have not been. */
  readonly #durable: Durable | undefined
  #senders: ReadonlySet<SessionId> | undefined
  #durableMessage: Uint8Array | undefined
  #native: Parcel | undefined
  #plain: Parcel | undefined

  constructor(outgoing: readonly Outgoing[], nowMs: number, durable: Durable | undefined) {
    this.#outgoing = outgoing
    this.#durable = durable
    this.nowMs = nowMs
    // A flush is only made of something.
    this.first = (outgoing[0] as Outgoing).sequence
    this.head = (outgoing[outgoing.length - 1] as Outgoing).sequence
    this.reading = { kind: "current", through: this.head }
  }

  /** Whether native sessions learn from it what is durable. */
  get tellsDurable(): boolean {
    return this.#durable !== undefined
  }

  isSender(session: SessionId): boolean {
    if (this.#outgoing.length === 1) return (this.#outgoing[0] as Outgoing).sender === session // it has one
    this.#senders ??= new Set(this.#outgoing.map(({ sender }) => sender))
    return this.#senders.has(session)
  }

  forNative(session: SessionId): Parcel | undefined {
    if (this.isSender(session)) return this.#withoutOwn(session, this.#durableNews())
    this.#native ??= parcelOf(this.#messages(this.#durableNews()))
    return this.#native
  }

  forPlain(session: SessionId, isEchoed: boolean): Parcel | undefined {
    if (!isEchoed && this.isSender(session)) return this.#withoutOwn(session, undefined)
    this.#plain ??= parcelOf(this.#messages(undefined))
    return this.#plain
  }

  /** Made only where a native session is there to be told. */
  #durableNews(): Uint8Array | undefined {
    if (this.#durable === undefined) return undefined
    this.#durableMessage ??= encodeMessage({ type: "durable", ...this.#durable, head: this.head })
    return this.#durableMessage
  }

  #withoutOwn(session: SessionId, durable: Uint8Array | undefined): Parcel | undefined {
    const others = this.#outgoing.filter(({ sender }) => sender !== session).map(({ message }) => message)
    if (durable !== undefined) others.push(durable)
    return others.length === 0 ? undefined : parcelOf(others)
  }

  #messages(durable: Uint8Array | undefined): Uint8Array[] {
    const messages = this.#outgoing.map(({ message }) => message)
    if (durable !== undefined) messages.push(durable)
    return messages
  }
}
