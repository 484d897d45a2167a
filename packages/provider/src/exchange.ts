import { asClientId, assertNever, type Clock } from "@quire/base"
import {
  type ClientMessage,
  type Dialect,
  type Grant,
  LIMITS,
  ProtocolError,
  type ResumeToken,
  type ServerMessage,
  walkUpdate,
} from "@quire/protocol"
import * as Y from "yjs"
import { Alarm } from "./alarm.js"
import type { LoadedCopy } from "./device-copy.js"
import { EchoWatch } from "./echo.js"
import { mergeTree } from "./merge.js"
import {
  acknowledge,
  addEdit,
  addFromDevice,
  addInherited,
  awaitedSince,
  disconnect,
  EMPTY_OUTBOX,
  type Outbox,
  sendNew,
  sendWhole,
  settleInherited,
  takeBack,
} from "./outbox.js"
import { OwnStructs } from "./own-structs.js"
import { PendingWatch } from "./pending-watch.js"
import { takeIn } from "./take-in.js"

/** Largest update that still fits a frame with its headers. */
export const MAX_UPDATE_BYTES: number = LIMITS.frameBytes - 1024

/** While the document is too large to be sent, an edit leads to another look at most this often. */
const LOOK_AGAIN_MS = 5_000

/** Content messages the exchange understands; the rest is for others. */
export type ContentMessage = Extract<
  ServerMessage,
  { type: "welcome" | "step1" | "step2" | "update" | "acknowledge" | "durable" | "rights" | "refused" | "trouble" }
>

/** What the exchange needs of the provider. */
export interface ExchangeOptions {
  /** The page's ydoc. */
  readonly ydoc: Y.Doc
  /** Origin of the transactions that bring what others wrote; all other transactions are local edits. */
  readonly origin: object
  /** Schema version for the hello. */
  readonly schema: number
  /** Time. */
  readonly clock: Clock
  /** Our step 1 has been answered. */
  readonly synced: () => void
  /** Something the status is made of has changed. */
  readonly changed: () => void
  /** Something to tell the person. */
  readonly notice: (code: string, text: string) => void
  /** True: edits of others have not arrived although they were asked for again. False: they have, after all. */
  readonly missing: (isMissing: boolean) => void
  /** The server has something under our client id that is not ours, in the place of edits not saved yet. */
  readonly forged: () => void
  /** The ydoc has grown by this, `isOwn` if by a local edit; not called for what the device's copy held. */
  readonly keep: (update: Uint8Array, isOwn: boolean) => void
  /** Local edits for the other tabs; `isSent` if they go to the server as well. */
  readonly share: (update: Uint8Array, isSent: boolean) => void
}

/** One connection, as the exchange sees it. */
interface Link {
  readonly send: (message: ClientMessage) => void
  /** `undefined` until the server has shown it: agreeing on the subprotocol proves nothing, see `#settleDialect`. */
  dialect: Dialect | undefined
  epoch: string
  grant: Grant | undefined
  /** What the server had when it last sent step 1. */
  serverVector: Uint8Array | undefined
  /** True once our step 2 has left and later updates may follow. */
  hasAnswered: boolean
  echo: EchoWatch | undefined
  /**
   * The server has structs of ours that were never called saved: until it has sent them, and they are ours indeed,
   * acknowledgements wait. The highest of them; `undefined` once that is over, or if there is nothing to compare.
   */
  waitingThrough: number | undefined
  /** Our step 1 was answered. */
  isCompared: boolean
  /** From which clock on nothing of ours was sent before this connection. */
  readonly unsent: number
}

type Source = "server" | "tab, sent" | "tab, unsent" | "device"

/**
 * Keeps one ydoc in step with one server over any number of connections: who says what in which order, what is sent
 * and what is settled. `outbox.ts` tells why nothing gets lost on the way.
 */
export class Exchange {
  readonly #options: ExchangeOptions
  readonly #flushSoon: Alarm
  readonly #pending: PendingWatch
  #outbox: Outbox = EMPTY_OUTBOX
  #link: Link | undefined
  /** Where an `applyUpdate` under way comes from. */
  #source: Source = "server"
  /** This turn's local updates. */
  #local: Uint8Array[] = []
  /** This turn's news from tabs that could not send it. */
  #passed: Uint8Array[] = []
  readonly #own: OwnStructs
  #token: ResumeToken | undefined
  #grant: Grant | undefined
  /** The server has said on some connection that we may write. */
  #couldWrite = false
  /** Why the server has not taken an edit that is still here. */
  #refusal: string | undefined
  #trouble: string | undefined
  #isSchemaBehind = false
  /** The ydoc holds nothing but what this first exchange with a server has brought: it is still being opened. */
  #isFresh = false
  #blocked: { readonly reason: string; readonly atMs: number } | undefined

  constructor(options: ExchangeOptions) {
    this.#options = options
    this.#own = new OwnStructs(options.ydoc)
    this.#flushSoon = new Alarm(options.clock, () => this.flush())
    const { ydoc, clock, missing } = options
    this.#pending = new PendingWatch({ ydoc, clock, missing, ask: () => this.#ask() })
  }

  /** Local edits not acknowledged yet. */
  get outbox(): Outbox {
    return this.#outbox
  }

  /** What the server last said we may do. */
  get grant(): Grant | undefined {
    return this.#grant
  }

  /** True while a connection is open whose server has shown that it understands Quire's own messages. */
  get isNative(): boolean {
    return this.#link?.dialect === "native"
  }

  /** True if the person could write here, and may not any more. */
  get hasLostWrite(): boolean {
    return this.#couldWrite && this.#grant !== "write" && !this.#isSchemaBehind
  }

  /** Why the server has not taken an edit that is still here, if so. */
  get refusal(): string | undefined {
    return this.#refusal
  }

  /** The server's sentence about its failing store, while it fails. */
  get trouble(): string | undefined {
    return this.#trouble
  }

  /** Why nothing can be sent at all, if so. */
  get blocked(): string | undefined {
    return this.#blocked?.reason
  }

  /** The point in the room's log up to which the ydoc holds everything, also what Yjs tells nobody while it waits. */
  get resume(): ResumeToken | undefined {
    const { pendingStructs, pendingDs } = this.#options.ydoc.store
    return pendingStructs === null && pendingDs === null ? this.#token : undefined
  }

  /** Since when an acknowledgement is due; `undefined` if none can be expected soon. */
  get awaitedSinceMs(): number | undefined {
    if (this.#link?.dialect !== "native" || this.#trouble !== undefined) return undefined
    return awaitedSince(this.#outbox)
  }

  /** Whether the document is of a newer schema than this page's editor, which removes what it does not know. */
  get isSchemaBehind(): boolean {
    return this.#isSchemaBehind
  }

  /** The server says that an editor of a newer schema has begun to write here. */
  fallBehind(): void {
    this.#isSchemaBehind = true
  }

  /** Starts watching the ydoc. What it holds already may be new to the server, so it counts as one edit. */
  start(): void {
    const { ydoc, clock } = this.#options
    this.#own.inherit()
    ydoc.on("update", this.#grown)
    this.#isFresh = ydoc.store.clients.size === 0
    if (!this.#isFresh) this.#outbox = addInherited(this.#outbox, clock.elapsed())
  }

  /** Sends what this turn has, and stops watching. */
  stop(): void {
    this.flush()
    this.#pending.disconnected()
    this.#options.ydoc.off("update", this.#grown)
  }

  /** A socket is open: says hello and asks for what is lacking. */
  connected(link: { readonly isOffered: boolean; readonly token: string; send(message: ClientMessage): void }): void {
    const { ydoc, schema } = this.#options
    this.#link = {
      send: link.send,
      dialect: link.isOffered ? undefined : "plain",
      epoch: "",
      grant: undefined,
      serverVector: undefined,
      hasAnswered: false,
      echo: link.isOffered ? undefined : new EchoWatch(),
      waitingThrough: undefined,
      isCompared: false,
      unsent: this.#own.unsent,
    }
    if (link.isOffered) {
      const clientId = asClientId(ydoc.clientID)
      link.send({ type: "hello", clientId, schema, resume: this.#token, token: link.token })
    }
    this.#ask()
  }

  /** Asks for everything that the ydoc lacks. */
  #ask(): void {
    this.#link?.send({ type: "step1", stateVector: this.#own.stateVector() })
  }

  /** What the server answers with it had before this connection brought anything. */
  #isForged(link: Link, update: Uint8Array): boolean {
    const { unsent } = this.#own
    return this.#own.isForged(update, link.isCompared ? unsent : Math.min(link.unsent, unsent))
  }

  /** The socket is gone: nothing counts as sent any more. */
  disconnected(): void {
    this.#pending.disconnected()
    this.#link = undefined
    this.#trouble = undefined
    this.#outbox = disconnect(this.#outbox)
  }

  /** Acts on a message. @throws if it makes no sense or Yjs cannot read it: the connection must be given up then. */
  receive(message: ContentMessage): void {
    const link = this.#link
    if (link === undefined) return
    switch (message.type) {
      case "welcome":
        return this.#welcome(link, message)
      case "step1":
        this.#settleDialect(link)
        link.serverVector = message.stateVector
        this.#compareLater(link, message.stateVector)
        return this.#answer(link)
      case "step2":
        if (!this.receiveUpdates([message.update])) return
        this.#compared(link)
        return this.#synced()
      case "update":
        return void this.receiveUpdates([message.update])
      case "acknowledge":
        return this.#acknowledge(message.through)
      case "durable":
        // Everything up to it has been sent to us and is in the ydoc: `#apply` throws otherwise.
        this.#token = { epoch: link.epoch, sequence: message.sequence, checksum: message.checksum }
        return
      case "rights":
        return this.#allow(link, message.grant)
      case "refused":
        return this.#refused(message.number, `${message.code}: ${message.reason}`)
      case "trouble":
        this.#trouble = message.isFailing ? message.text : undefined
        return this.#options.changed()
      default:
        return assertNever(message)
    }
  }

  /**
   * Acts on updates that came one after the other: they are one change of the ydoc.
   *
   * @returns false if one of them is somebody else's under this page's id: none is taken in, and the connection is over.
   * @throws as `receive` does.
   */
  receiveUpdates(updates: readonly Uint8Array[]): boolean {
    const link = this.#link
    if (link === undefined) return false
    this.#settleDialect(link)
    if (updates.some((update) => this.#isForged(link, update))) {
      this.#options.forged()
      return false
    }
    this.#apply(updates, "server")
    for (const update of updates) if (link.echo !== undefined) this.#acknowledge(link.echo.received(update))
    return true
  }

  #compareLater(link: Link, serverVector: Uint8Array): void {
    if (!link.isCompared && this.#own.isClaimedBy(serverVector)) link.waitingThrough ??= 0
  }

  /** Our step 1 has been answered, with what the server had under our id: it was ours. */
  #compared(link: Link): void {
    const through = link.waitingThrough
    link.waitingThrough = undefined
    link.isCompared = true
    if (through !== undefined && through > 0) this.#acknowledge(through)
  }

  /** Takes in an update from another tab. @throws if Yjs cannot read it. */
  receiveFromTab(update: Uint8Array, isOnItsWay: boolean): void {
    this.#apply([update], isOnItsWay ? "tab, sent" : "tab, unsent")
  }

  /**
   * Takes in the device's copy, all of it that Yjs can read. Its resume token counts only if nothing was said to a
   * server yet. @returns what was wrong with the rest.
   */
  receiveFromDevice(copy: LoadedCopy, mayResume: boolean): readonly unknown[] {
    const { ydoc, origin } = this.#options
    const errors: unknown[] = []
    const applyAll = (): void => {
      for (const update of copy.updates) {
        try {
          refuseDamaged(update)
          Y.applyUpdate(ydoc, update, origin)
          this.#own.loaded(update)
        } catch (error) {
          errors.push(error)
        }
      }
    }
    if (copy.updates.length > 0) this.#isFresh = false
    this.#source = "device"
    try {
      // One change to whoever watches, and none of ours.
      this.#takeIn(() => Y.transact(ydoc, applyAll, origin, false))
    } catch (error) {
      errors.push(error) // Yjs took it in, and broke when it tidied up
    } finally {
      this.#source = "server"
    }
    if (mayResume && errors.length === 0) this.#token = copy.resume
    const edits = copy.waiting.reduce((sum, one) => sum + one.edits, 0)
    if (edits > 0) this.#outbox = addFromDevice(this.#outbox, this.#elapsedMs(), edits)
    if (this.#link !== undefined) this.#answer(this.#link)
    this.#options.changed()
    return errors
  }

  /** Sends this turn's edits as one frame, now. */
  flush(): void {
    const link = this.#link
    const isAnswered = link?.hasAnswered === true
    const update = this.#takeTurn(isAnswered)
    if (update === undefined || link === undefined) return
    if (isAnswered) {
      if (update.length > MAX_UPDATE_BYTES) this.#block(link, update.length)
      else this.#send(link, { type: "update", update })
    } else if (this.#blocked !== undefined && this.#elapsedMs() - this.#blocked.atMs >= LOOK_AGAIN_MS) {
      this.#answer(link)
    }
    this.#options.changed()
  }

  readonly #grown = (update: Uint8Array, origin: unknown): void => {
    const { clock, keep, changed } = this.#options
    if (origin !== this.#options.origin) {
      this.#isFresh = false
      this.#local.push(update)
      this.#outbox = addEdit(this.#outbox, clock.elapsed())
      if (!this.#isSchemaBehind) keep(update, true)
      this.#flushSoon.setBy(clock.elapsed())
      return changed()
    }
    if (this.#source !== "device" && !this.#isSchemaBehind) keep(update, false)
    if (this.#source !== "tab, unsent") return
    this.#passed.push(update)
    this.#flushSoon.setBy(clock.elapsed())
  }

  /** Empties the turn, and tells the other tabs. @returns what it had for the server. */
  #takeTurn(isSent: boolean): Uint8Array | undefined {
    this.#flushSoon.clear()
    const local = mergeTree(this.#local)
    const update = mergeTree([...this.#local, ...this.#passed])
    this.#local = []
    this.#passed = []
    const mayEdit = this.#grant === undefined || this.#grant === "write"
    if (local !== undefined && mayEdit) this.#options.share(local, isSent)
    return update
  }

  #synced(): void {
    this.#isFresh = false
    this.#pending.synced()
    this.#options.synced()
  }

  #apply(updates: readonly Uint8Array[], source: Source): void {
    const { ydoc, origin, keep } = this.#options
    const isOpening = this.#isFresh && source === "server"
    this.#isFresh = isOpening
    const applyAll = (): void => {
      for (const update of updates) Y.applyUpdate(ydoc, update, origin)
    }
    this.#source = source
    try {
      if (isOpening) {
        // All of it is news, so what the ydoc grows by need not be made of it again.
        this.#takeIn(() => Y.transact(ydoc, applyAll, origin, false))
        if (!this.#isSchemaBehind) for (const update of updates) keep(update, false)
      } else Y.transact(ydoc, applyAll, origin, false)
    } catch (error) {
      if (isOpening) this.#grown(Y.encodeStateAsUpdate(ydoc), origin)
      // The ydoc may lack a part of what was sent: only a whole exchange by state vectors is safe now.
      this.#token = undefined
      throw error
    } finally {
      this.#source = "server"
      this.#pending.look()
    }
  }

  /** Takes in much at once. An edit with which somebody answers is not told apart: everything counts as written here. */
  #takeIn(take: () => void): void {
    const { ydoc, origin } = this.#options
    const isAnswered = takeIn({ ydoc, origin, grown: this.#grown }, take)
    if (isAnswered) this.#grown(Y.encodeStateAsUpdate(ydoc), undefined)
  }

  #welcome(link: Link, { epoch, grant, schema }: Extract<ContentMessage, { type: "welcome" }>): void {
    this.#isSchemaBehind = schema > this.#options.schema && this.#options.schema > 0
    if (this.#token !== undefined && this.#token.epoch !== epoch) {
      this.#token = undefined
      this.#options.notice("epoch-changed", "The server's history of this document is another one; it was merged in.")
    }
    link.dialect = "native"
    link.echo = undefined
    link.epoch = epoch
    this.#allow(link, grant)
  }

  /**
   * The `ws` package agrees to the first subprotocol offered unless its server is told otherwise, so a stock server
   * may have "agreed" on ours. Only a Quire server speaks of the document after a welcome; another one starts at once.
   */
  #settleDialect(link: Link): void {
    if (link.dialect !== undefined) return
    link.dialect = "plain"
    link.echo = new EchoWatch()
  }

  #allow(link: Link, grant: Grant): void {
    this.#grant = grant
    link.grant = grant
    if (grant === "write") this.#couldWrite = true
    if (grant !== "write") link.hasAnswered = false
    if (!link.hasAnswered) this.#answer(link)
    this.#options.changed()
  }

  /** Answers the server's last step 1 with everything it lacks, ours and others'. */
  #answer(link: Link): void {
    if (link.serverVector === undefined) return
    if (link.dialect === "native" && link.grant !== "write") return this.#settleForReader(link.serverVector)
    // The step 2 holds what this turn has, too.
    this.#takeTurn(true)
    const update = Y.encodeStateAsUpdate(this.#options.ydoc, link.serverVector)
    if (update.length > MAX_UPDATE_BYTES) return this.#block(link, update.length)
    this.#blocked = undefined
    this.#refusal = undefined
    link.hasAnswered = true
    this.#send(link, { type: "step2", update })
    this.#options.changed()
  }

  /** A reader sends nothing; what was here before is no edit of the reader's if the server has it all. */
  #settleForReader(serverVector: Uint8Array): void {
    const server = Y.decodeStateVector(serverVector)
    const own = Y.decodeStateVector(Y.encodeStateVector(this.#options.ydoc))
    const lacksNothing = [...own].every(([client, clock]) => (server.get(client) ?? 0) >= clock)
    if (lacksNothing) this.#outbox = settleInherited(this.#outbox)
    this.#options.changed()
  }

  #send(link: Link, message: { readonly type: "step2" | "update"; readonly update: Uint8Array }): void {
    const send = message.type === "step2" ? sendWhole : sendNew
    this.#own.sent()
    this.#outbox = send(this.#outbox, this.#elapsedMs())
    link.echo?.expect(this.#outbox.sentThrough, message.update)
    link.send(message)
  }

  #acknowledge(through: number): void {
    this.#checkSent(through, "acknowledged")
    if (this.#link?.waitingThrough !== undefined) {
      this.#link.waitingThrough = through
      return
    }
    this.#outbox = acknowledge(this.#outbox, through)
    if (this.#outbox.entries.length === 0) {
      this.#own.saved()
      this.#refusal = undefined
    }
    this.#options.changed()
  }

  /** What was in it stays in the ydoc, and comes again with the next whole answer. */
  #refused(number: number, reason: string): void {
    this.#checkSent(number, "refused")
    this.#outbox = takeBack(this.#outbox, number)
    this.#refusal = reason
    this.#options.changed()
  }

  #checkSent(number: number, what: "acknowledged" | "refused"): void {
    if (number <= this.#outbox.sentThrough) return
    const text = `message ${number} is ${what}, ${this.#outbox.sentThrough} were sent`
    throw new ProtocolError("QUIRE_FRAME_OUT_OF_ORDER", text)
  }

  #block(link: Link, sizeBytes: number): void {
    link.hasAnswered = false
    const reason = `document too large: ${sizeBytes} bytes to send, limit ${MAX_UPDATE_BYTES}`
    this.#blocked = { reason, atMs: this.#elapsedMs() }
    this.#options.changed()
  }

  #elapsedMs(): number {
    return this.#options.clock.elapsed()
  }
}

/** Yjs takes in half of what is damaged before it notices, or all, and breaks later. A copy may be of any size. */
function refuseDamaged(update: Uint8Array): void {
  try {
    walkUpdate(update)
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code !== "QUIRE_UPDATE_TOO_LARGE") throw error
  }
}
