import { asSequence, type Clock, type DocumentId, type Sequence, type SessionId } from "@quire/base"
import {
  type ClientMessage,
  CloseCode,
  decodeStateVector,
  EMPTY_UPDATE,
  encodeCloseReason,
  encodeMessage,
  type Grant,
  KEEP_ALIVE,
  ProtocolError,
  type ResumeToken,
  type UpdateSummary,
  walkUpdate,
  withoutClients,
} from "@quire/protocol"
import { authorise, CLOCK_JUMP, DOCUMENT_FULL, grantFor, type Refusal } from "./authorise.js"
import { DocumentSize } from "./document-size.js"
import { type Durable, FanOut } from "./fan-out.js"
import type { Identity } from "./gate.js"
import { type Answer, Answering, type AnswerRoom, currentState } from "./join.js"
import { Knowledge, type News } from "./knowledge.js"
import type { RoomLimits } from "./limits.js"
import { beginsWithBirth } from "./lost-page.js"
import type { MergedStates } from "./merged-state.js"
import { Owners } from "./owners.js"
import { parcelOf } from "./parcel.js"
import type { Places } from "./places.js"
import type { DocumentKind, DocumentOrigin, LoadedDocument, Log, LogHealth, Merging, Watch } from "./ports.js"
import { PresenceWindow } from "./presence-window.js"
import { Quarantine } from "./quarantine.js"
import { Recent } from "./recent.js"
import { type ResumeCheck, Resuming } from "./resuming.js"
import { Session, type Visitor } from "./session.js"
import {
  farewellNotice,
  incompleteNotice,
  readOnlyNotice,
  refusalNotice,
  refusedMessage,
  rightsMessage,
  troubleMessage,
  wentBackNotice,
} from "./told.js"
import { Unsaved } from "./unsaved.js"
import type { UnsavedBudget } from "./unsaved-budget.js"

/** What a room is made with; shared by all rooms of a process. */
export interface RoomSetting {
  readonly clock: Clock
  readonly log: Log
  readonly merging: Merging
  readonly states: MergedStates
  readonly limits: RoomLimits
  readonly unsaved: UnsavedBudget
  readonly places: Places
  readonly watch: Watch
  /** The constant update every page is born with. */
  readonly birth: Uint8Array
  /** What that update brings: what is known of a page that nobody has written to. Never learns. */
  readonly born: Knowledge
}

/** A document as its room finds it. */
export interface OpenedDocument {
  readonly document: DocumentId
  readonly loaded: LoadedDocument | undefined
  /** The kind it was made with, before its first update. */
  readonly kind: DocumentKind | undefined
  /** The epoch it gets if it is new. */
  readonly epoch: string
}

/** A content message that was taken in, or had nothing new. */
interface Content {
  /** Its number among the session's content messages; 0 for plain sessions. */
  readonly number: number
  readonly update: Uint8Array
  readonly isStep2: boolean
  /** True if it was news. */
  readonly isSentOn: boolean
}

/**
 * One open document as one server serves it. It holds no Y.Doc: what it knows of the body is a state vector, a delete
 * set and the newest updates. The road of an update is `receive` → `#content` → `#takeIn`: judged, sent on at once,
 * appended, and acknowledged once durable. SPEC.md numbers the rules.
 *
 * Invariants:
 * - `#head` ≥ durable; sequences are given in the order in which updates are sent on, and appended in that order.
 * - `knowledge` is exactly what the log holds up to `#head`.
 * - What is not durable is in `recent`.
 */
export class Room {
  readonly document: DocumentId
  readonly #setting: RoomSetting
  readonly #sessions = new Set<Session>()
  readonly #fanOut: FanOut
  readonly #recent: Recent
  readonly #presence: PresenceWindow
  readonly #answering: Answering
  readonly #unsaved: Unsaved
  readonly #size: DocumentSize
  readonly #resuming: Resuming
  readonly #quarantine: Quarantine
  readonly #owners: Owners
  readonly #epoch: string
  readonly #createdMs: number
  readonly #knowledge: Knowledge
  #kind: DocumentKind | undefined
  #schema: number
  #head: Sequence
  #failure: string | undefined

  constructor(setting: RoomSetting, opened: OpenedDocument) {
    const { loaded } = opened
    this.document = opened.document
    this.#setting = setting
    this.#epoch = loaded?.head.epoch ?? opened.epoch
    this.#createdMs = loaded?.head.createdMs ?? setting.clock.now()
    this.#kind = loaded?.head.kind ?? opened.kind
    this.#schema = loaded?.head.schema ?? 0
    this.#head = loaded?.head.sequence ?? asSequence(0)
    this.#knowledge = Knowledge.ofLoaded(loaded)
    this.#owners = new Owners({
      clock: setting.clock,
      knowledge: this.#knowledge,
      ask: (session) => this.#askSoon(session),
      noteForeign: () => setting.watch.event("room.foreign-structs", { document: opened.document }),
    })
    for (const { clientId, author } of loaded?.tail ?? []) this.#owners.wrote(clientId, author)
    this.#recent = new Recent(setting.limits.recentBytes, this.#head)
    this.#quarantine = new Quarantine(setting.limits.quarantineBytes)
    this.#unsaved = new Unsaved(setting.limits, setting.unsaved)
    this.#size = new DocumentSize(setting, opened, () => this.#unsaved.bytes)
    this.#fanOut = new FanOut(
      {
        clock: setting.clock,
        limits: setting.limits,
        sessions: this.#sessions,
        catchUp: (session) => this.#answering.catchUp(session),
        drop: (session, code, reason) => this.#drop(session, code, reason),
      },
      { sequence: this.#head, checksum: loaded?.head.checksum ?? 0 },
    )
    this.#resuming = new Resuming(setting, { document: opened.document, epoch: this.#epoch })
    this.#presence = new PresenceWindow(setting.clock, setting.limits, (parcel) => this.#fanOut.sendPresence(parcel))
    this.#answering = new Answering(this.#answerRoom(), {
      send: (session, answer) => this.#answered(session, answer),
      fail: (session, error) => this.#loadFailed(session, error),
    })
  }

  /** True if nobody is here and nothing waits for the disk: the room may be forgotten. */
  get isIdle(): boolean {
    return this.#sessions.size === 0 && this.#unsaved.bytes === 0
  }

  /** Bytes accepted and not on disk. */
  get unsavedBytes(): number {
    return this.#unsaved.bytes
  }

  /** How many sessions are here. */
  get size(): number {
    return this.#sessions.size
  }

  /** What the log says of a resume token. Rules J1 and J6. */
  checkResume(token: ResumeToken | undefined): Promise<ResumeCheck> {
    return this.#resuming.check(token, this.#fanOut.durable)
  }

  /**
   * A connection becomes a session: it hears who else is here, and is asked what it has. One that speaks for another
   * person's client id is closed instead, and its session is not open.
   */
  join(visitor: Visitor, id: SessionId, resume: ResumeCheck): Session {
    const access = grantFor(visitor.rights, this.#kind, { document: this.#schema, client: visitor.schema })
    const session = new Session(id, visitor, access, this.#setting.clock.elapsed())
    session.resumeAfter = resume.kind === "good" ? resume.after : undefined
    if (!this.#admit(session)) return session
    this.#sessions.add(session)
    this.#setting.places.take(visitor.user)
    this.#fanOut.send(session, parcelOf(this.#greeting(session, resume)))
    return session
  }

  /** A session's connection has closed. */
  leave(session: Session): void {
    if (!this.#sessions.delete(session)) return
    session.isOpen = false
    this.#setting.places.free(session.visitor.user)
    this.#fanOut.forget(session)
    this.#unsaved.forget(session)
    this.#presence.leave(session)
    this.#owners.leave(session)
  }

  /** Rules A4 and A8. What a person may do here, or is called, has changed; left out, the identity stays. */
  change(session: Session, rights: Grant, identity: Identity | undefined): void {
    if (!session.isOpen) return
    if (rights !== session.rights) {
      session.rights = rights
      this.#regrant(session)
    }
    if (identity === undefined || isSameIdentity(identity, session.identity)) return
    session.identity = identity
    this.#presence.restamp(session)
  }

  /**
   * Rule A5. This person has to go. What of theirs was taken stays, and is acknowledged as far as it is on disk; what
   * still waits for something is not taken any more.
   *
   * @param reason `CODE: sentence`.
   */
  expel(session: Session, close: CloseCode, reason: string): void {
    if (!session.isOpen) return
    session.rights = "read"
    session.grant = "read"
    const acknowledgement = session.acknowledgements.settle(this.#fanOut.durable.sequence)
    if (session.isNative) {
      const messages = [farewellNotice(reason)]
      if (acknowledgement !== undefined) messages.unshift(encodeMessage({ type: "acknowledge", ...acknowledgement }))
      this.#fanOut.send(session, parcelOf(messages))
    }
    this.#drop(session, close, reason)
  }

  /** Something that this person should know. */
  tell(session: Session, code: string, text: string): void {
    if (session.isOpen && session.isNative) {
      this.#fanOut.send(session, parcelOf([encodeMessage({ type: "notice", code, text })]))
    }
  }

  /**
   * One message of a session.
   *
   * @throws ProtocolError when it breaks the protocol: the caller closes the session, the room is unharmed.
   */
  receive(session: Session, message: ClientMessage): void {
    // What still comes on a line that was told to close is not for us: its session may be another's by now.
    if (!session.isOpen) return
    if (!session.isNative) session.heardAt = this.#setting.clock.elapsed()
    switch (message.type) {
      case "step1":
        return this.#step1(session, message.stateVector)
      case "step2":
        return this.#content(session, message.update, true)
      case "update":
        return this.#content(session, message.update, false)
      case "presence":
        return this.#presence.announce(session, message.entries, (client) =>
          this.#owners.claimByPresence(session, client),
        )
      case "query-presence":
        return this.#tellPresence(session)
      case "hello":
        throw new ProtocolError("QUIRE_FRAME_OUT_OF_ORDER", "a second hello on one connection")
      case "token":
        return // the connection's, see `Tenure`
    }
  }

  /** The session's link has room again. */
  drained(session: Session): void {
    this.#fanOut.drained(session)
  }

  /** Regular upkeep, about once a second. */
  sweep(): void {
    this.#fanOut.sweep()
  }

  /** The store fails, or works again: everybody who can be told is. */
  announceHealth(health: LogHealth): void {
    const message = parcelOf([troubleMessage(health)])
    for (const session of this.#sessions) if (session.isNative) this.#fanOut.send(session, message)
  }

  /** Writers may be read from again, if this room has space. */
  resumeWriters(): void {
    this.#unsaved.resumeWriters()
  }

  /** Reads nothing more from anybody, so that what is accepted comes to an end. */
  stopReading(): void {
    for (const session of this.#sessions) session.visitor.link.pause()
  }

  /** Says goodbye to everybody: what is durable is acknowledged first. */
  close(code: CloseCode, reason: () => string): void {
    this.#fanOut.finish()
    for (const session of [...this.#sessions]) this.#drop(session, code, reason())
    this.#fanOut.close()
    this.#presence.close()
  }

  /** Rules O7 and I1. A native session owns the client id of its hello; an older line of the same person's ends. */
  #admit(session: Session): boolean {
    const { clientId, link, user } = session.visitor
    // Whoever comes on another line than before takes the place of the line before.
    const comesBack = session.isNative && this.#owners.has(clientId)
    const lack = comesBack ? undefined : this.#setting.places.lack(user, this.#sessions.size, this.#setting.limits)
    if (lack !== undefined) {
      session.isOpen = false
      this.#setting.watch.event("room.no-place", { document: this.document, code: lack.code })
      link.close(CloseCode.TryLater, encodeCloseReason(`${lack.code}: ${lack.reason}`, NO_PLACE_MS))
      return false
    }
    if (!session.isNative || clientId === 0) return true
    const claim = this.#owners.claim(session, clientId)
    if (claim.kind !== "own") {
      session.isOpen = false
      if (claim.kind === "another's") this.#setting.watch.event("room.client-id-taken", { document: this.document })
      if (claim.kind === "outdated") link.close(CloseCode.TakenOver, TAKEN_OVER)
      else link.close(CloseCode.ClientIdTaken, ANOTHERS)
      return false
    }
    this.#presence.claim(session)
    if (claim.displaced !== undefined) this.#drop(claim.displaced, CloseCode.TakenOver, TAKEN_OVER)
    return true
  }

  #greeting(session: Session, resume: ResumeCheck): Uint8Array[] {
    const messages: Uint8Array[] = []
    if (session.isNative) {
      messages.push(
        encodeMessage({
          type: "welcome",
          epoch: this.#epoch,
          grant: session.grant,
          schema: this.#schema,
          isResumed: session.resumeAfter !== undefined,
        }),
      )
      const notice = session.why === "schema-behind" ? readOnlyNotice(session) : undefined
      if (notice !== undefined) messages.push(notice)
      if (resume.kind === "gone-back") messages.push(wentBackNotice())
      const health = this.#setting.log.getHealth()
      if (health.kind === "failing") messages.push(troubleMessage(health))
    }
    messages.push(this.#step1Message(session))
    const everybody = this.#presence.everybody()
    if (everybody !== undefined) messages.push(everybody)
    return messages
  }

  /** What the room knows, as far as it concerns this session: a page nobody wrote to is, for its editor, just born. */
  #knowledgeFor(session: Session): Knowledge {
    return this.#isUnbornPageFor(session) ? this.#setting.born : this.#knowledge
  }

  #isUnbornPageFor(session: Session): boolean {
    return this.#head === 0 && session.visitor.schema > 0 && this.#kind !== "plain"
  }

  #step1Message(session: Session): Uint8Array {
    return encodeMessage({ type: "step1", stateVector: this.#knowledgeFor(session).stateVector() })
  }

  #step1(session: Session, vectorBytes: Uint8Array): void {
    const vector = decodeStateVector(vectorBytes)
    const resumeAfter = session.reading.kind === "joining" ? session.resumeAfter : undefined
    if (this.#isUnbornPageFor(session)) {
      const update = this.#setting.born.isCoveredBy(vector) ? this.#setting.born.deleteSet() : this.#setting.birth
      this.#answered(session, { parcel: parcelOf([encodeMessage({ type: "step2", update })]), through: this.#head })
      return
    }
    this.#answering.step1(session, vector, resumeAfter)
  }

  #answered(session: Session, { parcel, through }: Answer): void {
    if (!session.isOpen) return
    session.allowanceBytes += parcel.sizeBytes
    session.reading = { kind: "current", through }
    this.#fanOut.send(session, parcel)
    this.#fanOut.tellDurable(session)
    if (session.healing === "again") this.#askAgain(session)
  }

  #content(session: Session, update: Uint8Array, isStep2: boolean): void {
    const number = session.isNative ? session.acknowledgements.next() : 0
    const summary = walkUpdate(update)
    const verdict = this.#knowledgeFor(session).judge(summary)
    if (isStep2) session.hasAnswered = true
    if (verdict.kind === "known") return this.#settleAt(session, { number, update, isStep2, isSentOn: false })
    const why = this.#isLostPage(session, update) ? "plain-on-page" : session.why
    const permission = authorise(why === session.why ? session.grant : "read", "write", why)
    if (!permission.ok) return this.#refuse(session, permission, number)
    if (this.#knowledge.claimsTooMuch(summary)) return this.#refuse(session, CLOCK_JUMP, number)
    if (this.#owners.bringsForeign(session, summary)) {
      this.#waitForOwners(session, summary, number)
      return this.#takeRest(session, update)
    }
    // Structs told a second time, differently, would win over the first in Yjs's merge: joiners would read another text.
    if (verdict.kind === "incomplete" || verdict.isRepeating) return this.#incomplete(session, update, number, isStep2)
    if (verdict.vector.size > 0 && !this.#size.hasSpaceFor(update)) return this.#refuse(session, DOCUMENT_FULL, number)
    if (this.#head === 0) {
      // What the document is born with is known from now on.
      this.#bear(session)
      this.#takeIn(session, update, summary)
    } else this.#place(session, update, verdict)
    this.#settleAt(session, { number, update, isStep2, isSentOn: true })
    this.#releaseQuarantine()
    this.#owners.askThoseWhoWaited(isStep2)
  }

  /** Rule I2. What others who are here wrote is theirs to bring; its sender is asked again when they have. */
  #waitForOwners(session: Session, summary: UpdateSummary, number?: number): void {
    if (number !== undefined && session.isNative) session.acknowledgements.block(number)
    this.#owners.wait(session, summary)
  }

  /** What is left without the structs of others, as far as it stands. What does not will come again with the answer. */
  #takeRest(session: Session, update: Uint8Array): void {
    const rest = withoutClients(update, (client) => !this.#owners.mayBring(session, client))
    const summary = walkUpdate(rest)
    const verdict = this.#knowledgeFor(session).judge(summary)
    if (verdict.kind === "known") return
    if (verdict.kind === "incomplete" || verdict.isRepeating) return this.#separate(session, rest, { isRest: true })
    if (verdict.vector.size > 0 && !this.#size.hasSpaceFor(rest)) return
    this.#bear(session)
    this.#takeIn(session, rest, summary)
    this.#owners.askThoseWhoWaited(true)
  }

  /** What was put aside and is complete now. What has no space goes: its sender has it, and is told when it comes back. */
  #releaseQuarantine(): void {
    for (const { session, update, summary } of this.#quarantine.release(this.#knowledge)) {
      if (session.grant !== "write" || this.#owners.bringsForeign(session, summary)) {
        this.#setting.watch.event("room.quarantine-dropped", { document: this.document, sizeBytes: update.length })
      } else if (this.#isRepeating(summary)) this.#separate(session, update)
      else if (summary.structs.length === 0 || this.#size.hasSpaceFor(update)) this.#takeIn(session, update, summary)
      else this.#setting.watch.event("room.quarantine-dropped", { document: this.document, sizeBytes: update.length })
    }
  }

  /**
   * Rule A3. A client that may not write to pages brings one under a name that nobody knows any more, as after the data
   * folder was lost: taken, it would make a plain document of the page, which its editors then could not come into.
   */
  #isLostPage(session: Session, update: Uint8Array): boolean {
    if (this.#head > 0 || this.#kind !== undefined || session.visitor.schema > 0) return false
    return beginsWithBirth(update, this.#setting.birth)
  }

  /** The first update of a new document decides its kind; a page's log begins with its birth. */
  #bear(session: Session): void {
    if (this.#head > 0) return
    this.#kind ??= session.visitor.schema > 0 ? "page" : "plain"
    if (this.#kind === "page") this.#takeIn(session, this.#setting.birth, walkUpdate(this.#setting.birth))
    for (const other of this.#sessions) this.#reconsider(other)
  }

  /** The document's kind is known now: those who guessed wrong are told. */
  #reconsider(session: Session): void {
    const { visitor } = session
    if (this.#kind === "plain" && visitor.schema > 0) {
      this.#drop(session, CloseCode.Schema, "QUIRE_NOT_A_PAGE: somebody made this a plain document; it is not a page")
      return
    }
    this.#regrant(session)
  }

  /** What a session may do, from what is known now; it is told if that is something else. */
  #regrant(session: Session): void {
    const { visitor, rights, grant } = session
    const access = grantFor(rights, this.#kind, { document: this.#schema, client: visitor.schema })
    session.why = access.why
    if (access.grant === grant) return
    session.grant = access.grant
    if (session.isNative) {
      // What was refused before comes again in its answer: asked first, so that it answers with no more than we lack.
      if (access.grant === "write") this.#askSoon(session)
      const notice = access.why === "schema-behind" ? readOnlyNotice(session) : undefined
      this.#fanOut.send(session, parcelOf([rightsMessage(session), ...(notice === undefined ? [] : [notice])]))
    }
    // Nobody brings what they may not write: others who have it need not wait for them.
    if (grant === "write") this.#owners.askThoseWhoWaited(false)
  }

  /** Takes an update in if it is news by now. */
  #takeIn(session: Session, update: Uint8Array, summary: UpdateSummary): void {
    const verdict = this.#knowledge.judge(summary)
    if (verdict.kind === "news") this.#place(session, update, verdict)
  }

  /** Gives the update its place, sends it on and appends it, in that order. Rules R1, R3, R4. */
  #place(session: Session, update: Uint8Array, verdict: News): void {
    this.#knowledge.learn(verdict)
    if (verdict.vector.has(session.visitor.clientId)) this.#owners.wrote(session.visitor.clientId, session.visitor.user)
    this.#head = asSequence(this.#head + 1)
    this.#size.add(update.length)
    this.#raiseSchema(session)
    this.#recent.push({ sequence: this.#head, update })
    const message = encodeMessage({ type: "update", update })
    this.#fanOut.push({ sequence: this.#head, sender: session.id, message })
    this.#append(session, update)
  }

  /** A page is as new as its newest writer: older editors that are here may only read from now on. Rule A2. */
  #raiseSchema({ visitor }: Session): void {
    if (this.#kind !== "page" || visitor.schema <= this.#schema) return
    this.#schema = visitor.schema
    for (const other of this.#sessions) this.#reconsider(other)
  }

  #append(session: Session, payload: Uint8Array): void {
    const record = {
      sequence: this.#head,
      kind: "body" as const,
      author: session.visitor.user,
      clientId: session.visitor.clientId,
      timeMs: this.#setting.clock.now(),
      schema: this.#kind === "page" ? session.visitor.schema : 0,
      payload,
    }
    const appending = this.#setting.log.append(this.document, record, this.#origin())
    this.#unsaved.add(session, payload.length)
    appending.then(
      (durable) => this.#committed(durable, payload.length),
      (error: unknown) => this.#appendFailed(error),
    )
  }

  #origin(): DocumentOrigin {
    return { kind: this.#kind ?? "plain", epoch: this.#epoch, createdMs: this.#createdMs }
  }

  #committed(durable: Durable, sizeBytes: number): void {
    this.#unsaved.saved(sizeBytes)
    this.#recent.commit(durable.sequence)
    this.#fanOut.committed(durable)
  }

  /** The log gave up on this document (it is closing, or cannot be trusted): nothing more is acknowledged. */
  #appendFailed(error: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = String(error)
    this.#setting.watch.event("room.append-failed", { document: this.document, reason: this.#failure })
    this.announceHealth({ kind: "failing", reason: this.#failure, sinceMs: this.#setting.clock.now() })
  }

  /** Acknowledges, or echoes, once everything taken in so far is durable. */
  #settleAt(session: Session, content: Content): void {
    if (content.isStep2) {
      session.healing = "none"
      this.#owners.settled(session)
    }
    if (session.isNative) {
      session.acknowledgements.expect(content.number, this.#head)
      if (content.isStep2) session.acknowledgements.unblock(content.number, this.#head)
    } else if (content.update.length > EMPTY_UPDATE.length) {
      const message = encodeMessage({ type: "update", update: content.update })
      session.echoes.push({ sequence: this.#head, isSentOn: content.isSentOn, message })
    }
    this.#fanOut.settleAt(session, this.#head)
  }

  /** Rule R2: ask for what it builds on; if that brings nothing, keep what stands and put the rest aside. */
  #incomplete(session: Session, update: Uint8Array, number: number, isStep2: boolean): void {
    if (session.isNative) session.acknowledgements.block(number)
    if (isStep2 && session.healing === "asked") return this.#separate(session, update, { number })
    if (session.healing === "none") this.#askSoon(session)
  }

  /** Our step 1 once more, after the answer to the session's own. */
  #askSoon(session: Session): void {
    if (session.reading.kind === "joining") session.healing = "again"
    else this.#askAgain(session)
  }

  #askAgain(session: Session): void {
    session.healing = "asked"
    this.#fanOut.send(session, parcelOf([this.#step1Message(session)]))
  }

  #isRepeating(summary: UpdateSummary): boolean {
    const verdict = this.#knowledge.judge(summary)
    return verdict.kind === "news" && verdict.isRepeating
  }

  /** Takes what stands, and puts the rest aside. */
  #separate(session: Session, update: Uint8Array, { number, isRest = false }: Separation = {}): void {
    if (!isRest) session.healing = "none"
    this.#contents()
      .then((base) => this.#setting.merging.separate(base, update))
      .then(
        ({ whole, missing }) => {
          const summary = walkUpdate(whole)
          const verdict = this.#knowledge.judge(summary)
          const permission = authorise(session.grant, "write", session.why)
          // Its rights may have changed meanwhile. Its number is held back already.
          if (!permission.ok) return this.#tellRefused(session, permission, number)
          if (verdict.kind === "news" && this.#owners.bringsForeign(session, summary)) {
            return this.#waitForOwners(session, summary)
          }
          if (verdict.kind === "news") {
            // Its number is held back already.
            if (verdict.vector.size > 0 && !this.#size.hasSpaceFor(whole))
              return this.#tellRefused(session, DOCUMENT_FULL, number)
            this.#bear(session)
            this.#takeIn(session, whole, summary)
          }
          if (number !== undefined && session.isNative) session.acknowledgements.unblock(number, this.#head)
          this.#fanOut.settleAt(session, this.#head)
          this.#owners.askThoseWhoWaited(true)
          if (isRest) return
          if (missing.length <= EMPTY_UPDATE.length) return
          this.#quarantine.hold({ update: missing, summary: walkUpdate(missing), session })
          this.#noticeIncomplete(session, missing.length)
        },
        (error: unknown) => this.#loadFailed(session, error),
      )
  }

  async #contents(): Promise<readonly Uint8Array[]> {
    if (this.#head === 0) return this.#kind === "plain" ? [] : [this.#setting.birth]
    const state = await currentState(this.#answerRoom())
    const late = this.#recent.after(state.through) ?? []
    return [...state.parts, ...late.map(({ update }) => update)]
  }

  #noticeIncomplete(session: Session, sizeBytes: number): void {
    this.#setting.watch.event("room.quarantined", { document: this.document, sizeBytes })
    if (session.isNative && session.isOpen) this.#fanOut.send(session, parcelOf([incompleteNotice()]))
  }

  /** What is not taken is not acknowledged. */
  #refuse(session: Session, refusal: Refusal, number: number): void {
    if (session.isNative) session.acknowledgements.block(number)
    this.#tellRefused(session, refusal, number)
  }

  /** Rule A7. A native client is told and can stop; a stock client only understands a close. */
  #tellRefused(session: Session, refusal: Refusal, number?: number): void {
    if (!session.isOpen) return
    if (session.isNative) {
      const messages = number === undefined ? [] : [refusedMessage(number, refusal)]
      return this.#fanOut.send(session, parcelOf([...messages, refusalNotice(refusal)]))
    }
    const text = `${refusal.code}: ${refusal.reason}`
    this.#fanOut.send(session, parcelOf([encodeMessage({ type: "denied", reason: text })]))
    this.#drop(session, refusal.close, text)
  }

  #tellPresence(session: Session): void {
    this.#fanOut.send(session, parcelOf([this.#presence.everybody() ?? KEEP_ALIVE]))
  }

  /** What fails to load is told to the one session that needed it. */
  #loadFailed(session: Session, error: unknown): void {
    this.#setting.watch.event("room.load-failed", { document: this.document, reason: String(error) })
    this.#drop(session, CloseCode.ServerFault, "QUIRE_LOAD_FAILED: the document could not be read")
  }

  #drop(session: Session, code: CloseCode, reason: string): void {
    session.visitor.link.close(code, reason)
    this.leave(session)
  }

  #answerRoom(): AnswerRoom {
    const room = this
    return {
      document: this.document,
      log: this.#setting.log,
      merging: this.#setting.merging,
      states: this.#setting.states,
      knowledge: this.#knowledge,
      recent: this.#recent,
      differenceBytes: this.#setting.limits.differenceBytes,
      get head() {
        return room.#head
      },
      get durable() {
        return room.#fanOut.durable.sequence
      },
    }
  }
}

/** Whoever finds no place comes back after this: places get free as people leave. */
const NO_PLACE_MS = 10_000
const ANOTHERS = "QUIRE_CLIENT_ID_TAKEN: this client id is another person's: reload the page"
/** Whoever hears this has opened one line, and something between has opened another: the page must not end with it. */
const TAKEN_OVER = "QUIRE_TAKEN_OVER: this page goes on in a newer connection of yours"

function isSameIdentity(a: Identity, b: Identity | undefined): boolean {
  return a.id === b?.id && a.name === b.name && a.color === b.color
}

/** What an update that is separated came as. */
interface Separation {
  /** The content message it came in, if that is not acknowledged yet. */
  readonly number?: number
  /** True if its sender will be asked again anyway. */
  readonly isRest?: boolean
}
