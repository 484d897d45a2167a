import { assertNever, type Clock, type Random } from "@quire/base"
import {
  CloseCode,
  type Dialect,
  decodeServerMessage,
  encodeMessage,
  type ServerMessage,
  SUBPROTOCOL,
} from "@quire/protocol"
import type { Awareness } from "y-protocols/awareness"
import * as Y from "yjs"
import { roomAddress } from "./address.js"
import { Alarm } from "./alarm.js"
import { Arrivals, inParts } from "./arrivals.js"
import { IDLE } from "./connection.js"
import type { DeviceCopy, LoadedCopy } from "./device-copy.js"
import { type DeviceFacts, DeviceKeeper } from "./device-copy-keeper.js"
import { defaultEnvironment, type Environment } from "./environment.js"
import { Exchange } from "./exchange.js"
import { silenceDueMs } from "./liveness.js"
import { countEdits, countFromDevice } from "./outbox.js"
import { Presence } from "./presence.js"
import { closed, refused } from "./provider-errors.js"
import { Connection, type SocketConstructor, type TokenSource } from "./socket.js"
import { addNotice, keepStatus, type Notice, SAVING_MS, type Status, saveStatus } from "./status.js"
import { systemClock, systemRandom } from "./system.js"
import { defaultChannel, type OpenChannel, Tabs } from "./tabs.js"
import { Waiting } from "./waiting.js"

/** What a provider is made with. All ports have defaults that suit a browser. */
export interface ProviderOptions {
  /** The server's sync address, `ws:` or `wss:`, without the document: `wss://example.org/sync`. */
  readonly url: string
  /** The document's name, 1 to 256 bytes. */
  readonly document: string
  /** The ydoc to keep in step; it stays the page's. */
  readonly ydoc: Y.Doc
  /** Presence, of the same ydoc; it stays the page's. Left out: none is sent or shown. */
  readonly awareness?: Awareness | undefined
  /** Schema version of the page's editor; 0, the default, for content that is no Quire page. */
  readonly schema?: number | undefined
  /** Who says who we are, or a function asked before each attempt. Sent in the first message, never in the address. */
  readonly token?: TokenSource | undefined
  /** `"plain"` for servers that refuse a subprotocol (README.md, "Other servers"). Default `"native"`. */
  readonly dialect?: Dialect | undefined
  /** Makes sockets: `globalThis.WebSocket`, or in Node before 22 that of the package `ws`. */
  readonly WebSocket?: SocketConstructor | undefined
  /** Time: the platform's. */
  readonly clock?: Clock | undefined
  /** Jitter: the platform's. */
  readonly random?: Random | undefined
  /** The page's surroundings: the browser's in a page, none elsewhere. */
  readonly environment?: Environment | undefined
  /** The line to other tabs: BroadcastChannel in a page, none elsewhere. `false`, or `undefined` said aloud: none. */
  readonly channel?: OpenChannel | false | undefined
  /** A durable copy on this device; none. */
  readonly deviceCopy?: DeviceCopy | undefined
}

/** What a wait may be given. */
export interface WaitOptions {
  /** Stops the waiting; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * The client's end of a room: keeps one ydoc in step with the server's, over any number of connections, and says at
 * every moment whether the person's edits are safe.
 *
 * A provider starts nothing until `open`, and `close` is final. It owns its sockets, timers and channel; ydoc and
 * awareness stay the page's.
 */
export class Provider {
  readonly #options: ProviderOptions
  readonly #clock: Clock
  readonly #environment: Environment
  readonly #connection: Connection
  readonly #arrivals: Arrivals
  readonly #exchange: Exchange
  readonly #presence: Presence | undefined
  readonly #device: DeviceKeeper | undefined
  readonly #channelName: string
  readonly #openChannel: OpenChannel | undefined
  readonly #waiting: Waiting
  readonly #watch: Alarm
  readonly #listeners = new Set<() => void>()
  #tabs: Tabs | undefined
  #stopHearing: (() => void) | undefined
  #isOpen = false
  #hasJoined = false
  /** A connection that was made before the copy on the device was there: whom it agreed with, and what came over it. */
  #early: { readonly protocol: string; readonly token: string; readonly frames: Uint8Array[] } | undefined
  #isClosed = false
  #hasSynced = false
  /** The device's copy was loaded whole, and is of a document that was in sync before. */
  #isKnown = false
  #copyFacts: DeviceFacts | undefined
  #lastFrameMs = 0
  /** Counts connections: what one of them brought is nothing any more once it is lost. */
  #line = 0
  #notices: readonly Notice[] = []
  #status: Status = {
    connection: IDLE,
    hasSynced: false,
    isReadable: false,
    save: { kind: "saved" },
    grant: undefined,
    isSchemaBehind: false,
    notices: [],
  }

  /** @throws TypeError if an option cannot work: address, document name, another ydoc's awareness, no WebSocket. */
  constructor(options: ProviderOptions) {
    const { ydoc, awareness, deviceCopy, clock = systemClock, random = systemRandom, dialect = "native" } = options
    const url = roomAddress(options.url, options.document)
    if (awareness !== undefined && awareness.doc !== ydoc) throw new TypeError("the awareness is of another ydoc")
    const WebSocket = options.WebSocket ?? platformWebSocket()
    if (WebSocket === undefined) throw new TypeError("there is no WebSocket here: pass one as an option")
    this.#options = options
    this.#clock = clock
    this.#environment = options.environment ?? defaultEnvironment()
    // Pages of another schema would remove from each other's text what they do not know.
    this.#channelName = `quire:${options.schema ?? 0}:${url}`
    this.#openChannel = "channel" in options ? options.channel || undefined : defaultChannel()
    this.#waiting = new Waiting()
    this.#watch = new Alarm(clock, () => this.#look())
    this.#arrivals = new Arrivals({
      clock,
      mayRest: () => this.#mayRest(),
      take: (messages) => this.#takeAll(messages),
    })
    const changed = (): void => this.#refresh()
    this.#connection = new Connection(
      {
        url,
        protocols: dialect === "native" ? [SUBPROTOCOL] : [],
        WebSocket,
        token: options.token ?? "",
        clock,
        random,
      },
      {
        opened: (protocol, token) => this.#opened(protocol, token),
        received: (frame) => this.#received(frame),
        lost: () => this.#lost(),
        changed,
      },
    )
    this.#exchange = new Exchange({
      ydoc,
      origin: this,
      schema: options.schema ?? 0,
      clock,
      changed,
      synced: () => this.#synced(),
      notice: (code, text) => this.#notice(code, text),
      forged: () => this.#connection.refuse(CloseCode.ClientIdTaken, FORGED),
      missing: (isMissing) => this.#missing(isMissing),
      keep: (update, isOwn) => this.#device?.keep(update, isOwn),
      share: (update, isSent) => this.#tabs?.post({ type: isSent ? "update" : "step2", update }),
    })
    if (awareness !== undefined) this.#presence = this.#presenceOf(awareness)
    if (deviceCopy !== undefined) this.#device = this.#deviceOf(deviceCopy)
  }

  /**
   * Starts keeping the ydoc in step. Does nothing when open already.
   *
   * @throws QuireError `QUIRE_PROVIDER_CLOSED` after `close`: make a new provider.
   */
  open(): void {
    if (this.#isClosed) throw closed()
    if (this.#isOpen) return
    this.#isOpen = true
    const { ydoc } = this.#options
    this.#exchange.start()
    this.#presence?.start()
    if (this.#device === undefined) return this.#join()
    // The page may have put something into the ydoc before anybody was watching.
    if (ydoc.store.clients.size > 0) this.#device.keep(Y.encodeStateAsUpdate(ydoc), true)
    // First what is here, then the others: they are asked only for what is lacking. The line is made meanwhile.
    this.#device.load(() => this.#join())
    this.#connection.open()
  }

  /** Goes to the other tabs and to the server. */
  #join(): void {
    if (this.#isClosed) return
    const channel = this.#openChannel?.(this.#channelName)
    if (channel !== undefined) {
      this.#tabs = new Tabs(channel, this.#options.ydoc, {
        update: (update, isOnItsWay) => this.#exchange.receiveFromTab(update, isOnItsWay),
        presence: (entries) => this.#presence?.receive(entries, "tab"),
        presenceAsked: () => this.#presence?.announce(),
      })
    }
    this.#presence?.connected()
    this.#stopHearing = this.#environment.subscribe((signal) => this.#signalled(signal))
    this.#hasJoined = true
    const early = this.#early
    this.#early = undefined
    if (early === undefined) return this.#connection.open()
    this.#opened(early.protocol, early.token)
    for (const frame of early.frames) this.#received(frame)
  }

  /**
   * Tries again after a refusal whose cause is mended: the person has signed in again, say. Everything goes on where it
   * was, with what was edited meanwhile. Does nothing unless the connection is refused.
   *
   * @throws QuireError `QUIRE_PROVIDER_CLOSED` after `close`: make a new provider.
   */
  retry(): void {
    if (this.#isClosed) throw closed()
    if (this.#connection.state.kind !== "refused") return
    this.#connection.close()
    this.#connection.open()
  }

  /**
   * Leaves for good: sends what this turn has, closes the socket, stops every timer and listener, rejects every wait.
   * Idempotent. Edits that were not saved stay in the ydoc.
   */
  close(): void {
    if (this.#isClosed) return
    this.#arrivals.flush()
    this.#isClosed = true
    if (this.#isOpen) {
      this.#exchange.stop()
      this.#device?.close()
      this.#presence?.stop()
      this.#stopHearing?.()
      this.#tabs?.close()
      this.#tabs = undefined
      this.#connection.close()
    }
    this.#watch.clear()
    this.#waiting.fail(closed())
  }

  /**
   * Takes the copy off this device, with the edits in it that no server has: for a page that has kept them elsewhere.
   * Edits that another page made, and this one has not seen, keep the copy where it is. Only after `close`.
   */
  async forgetDeviceCopy(): Promise<void> {
    if (!this.#isClosed) throw new TypeError("the provider is open: it would write its copy anew")
    await this.#device?.forget()
  }

  /**
   * Shows the server a new token of the same person on the open connection, so that it goes on when the old one expires.
   * Does nothing without a connection, or with a stock server: each new connection asks the token source. What the
   * server does not take, a notice tells (`QUIRE_TOKEN_REFUSED`, `QUIRE_TOKEN_OTHER_USER`).
   */
  renewToken(token: string): void {
    if (this.#exchange.isNative) this.#connection.send(encodeMessage({ type: "token", token }))
  }

  /** Everything to be shown: the same object until something changes. */
  readonly getStatus = (): Status => this.#status

  /** Calls `listener` after each change of the status. @returns the undo. */
  readonly subscribe = (listener: () => void): (() => void) => {
    // A function of its own, so that subscribing one listener twice gives two subscriptions.
    const entry = (): void => listener()
    this.#listeners.add(entry)
    return () => this.#listeners.delete(entry)
  }

  /**
   * Waits until every edit made before this call is on the server's disk.
   *
   * @throws the signal's reason when it fires; QuireError `QUIRE_PROVIDER_CLOSED` or `QUIRE_PROVIDER_REFUSED` when it
   *   can never happen.
   */
  async whenSaved(options: WaitOptions = {}): Promise<void> {
    const device = this.#device
    if (device?.isLoading) await this.#until(() => !device.isLoading, options)
    const { lastId } = this.#exchange.outbox
    return this.#until(() => this.#exchange.outbox.entries.every((entry) => entry.id > lastId), options)
  }

  /** Waits until the document is in sync with a connected server. @throws as `whenSaved` does. */
  whenSynced(options: WaitOptions = {}): Promise<void> {
    return this.#until(() => {
      const { connection } = this.#status
      return connection.kind === "live" && connection.isSynced
    }, options)
  }

  async #until(isMet: () => boolean, { signal }: WaitOptions): Promise<void> {
    signal?.throwIfAborted()
    if (isMet()) return
    if (this.#isClosed) throw closed()
    const { connection } = this.#status
    if (connection.kind === "refused") throw refused(connection.code, connection.reason)
    return this.#waiting.until(isMet, signal)
  }

  #opened(protocol: string, token: string): void {
    this.#lastFrameMs = this.#clock.elapsed()
    if (!this.#hasJoined) {
      this.#early = { protocol, token, frames: [] }
      return this.#refresh()
    }
    this.#exchange.connected({
      isOffered: protocol === SUBPROTOCOL,
      token,
      send: (message) => this.#connection.send(encodeMessage(message)),
    })
    this.#presence?.connected()
    this.#refresh()
  }

  #received(frame: Uint8Array): void {
    this.#lastFrameMs = this.#clock.elapsed()
    if (this.#early !== undefined) {
      this.#early.frames.push(frame)
      return
    }
    let message: ServerMessage | undefined
    try {
      message = decodeServerMessage(frame)
    } catch (error) {
      return this.#giveUp(error)
    }
    if (message !== undefined) this.#arrivals.add(message)
  }

  /** What one frame broke, a new connection mends: it starts from what both sides have. */
  #giveUp(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    this.#notice("frame-unreadable", reason)
    this.#connection.drop(reason)
  }

  /** While a document is being opened, and in a page that nobody sees and whose timers sleep, nothing waits. */
  #mayRest(): boolean {
    const { state } = this.#connection
    return state.kind === "live" && state.isSynced && this.#environment.isHidden?.() !== true
  }

  /** Takes in what has arrived: edits in a row as one change of the ydoc. */
  #takeAll(messages: readonly ServerMessage[]): void {
    const line = this.#line
    try {
      for (const part of inParts(messages)) {
        for (const message of part.presence) this.#handle(message)
        if (part.updates.length > 0) this.#exchange.receiveUpdates(part.updates)
        for (const message of part.rest) this.#handle(message)
        if (line !== this.#line) return
      }
    } catch (error) {
      this.#giveUp(error)
    }
  }

  #handle(message: ServerMessage): void {
    switch (message.type) {
      case "welcome":
      case "step1":
      case "step2":
      case "update":
      case "acknowledge":
      case "durable":
      case "rights":
      case "refused":
      case "trouble":
        return this.#exchange.receive(message)
      case "presence":
        return this.#presence?.receive(message.entries, "server")
      case "query-presence":
        return this.#presence?.announce()
      case "denied":
        return this.#notice("denied", message.reason)
      case "notice":
        if (message.code === "QUIRE_SCHEMA_BEHIND") this.#exchange.fallBehind()
        return this.#notice(message.code, message.text)
      default:
        return assertNever(message)
    }
  }

  #synced(): void {
    this.#hasSynced = true
    this.#connection.synced()
    this.#refresh()
  }

  #lost(): void {
    this.#arrivals.flush()
    this.#line++
    this.#early = undefined
    this.#exchange.disconnected()
    if (!this.#isClosed) this.#presence?.disconnected()
  }

  #signalled(signal: "online" | "offline" | "visible" | "restored"): void {
    // A page that slept may have a dead line, and its timers have slept as well.
    this.#look()
    if (signal !== "offline" && this.#environment.isOnline()) this.#connection.nudge()
  }

  #deviceOf(copy: DeviceCopy): DeviceKeeper {
    const { ydoc } = this.#options
    return new DeviceKeeper({
      copy,
      writer: ydoc.clientID,
      clock: this.#clock,
      encodeAll: () => Y.encodeStateAsUpdate(ydoc),
      facts: () => this.#deviceFacts(),
      loaded: (loaded) => this.#takeIn(loaded),
      changed: () => this.#refresh(),
      notice: (code, text) => this.#notice(code, text),
    })
  }

  /** While the schema is behind, the copy is given nothing, so what is said of it stays what it was. */
  #deviceFacts(): DeviceFacts {
    const { outbox, resume, isSchemaBehind } = this.#exchange
    if (!isSchemaBehind || this.#copyFacts === undefined) {
      const loadedEdits = countFromDevice(outbox)
      const ownEdits = countEdits(outbox) - loadedEdits
      this.#copyFacts = { ownEdits, loadedEdits, resume, isKnown: this.#hasSynced || this.#isKnown }
    }
    return this.#copyFacts
  }

  /** @returns false if Yjs could not read all of it. */
  #takeIn(loaded: LoadedCopy): boolean {
    const errors = this.#exchange.receiveFromDevice(loaded, !this.#hasJoined)
    if (errors.length > 0) {
      this.#notice("device-copy-unreadable", `A part of the copy on this device cannot be read: ${errors[0]}`)
    }
    this.#isKnown = loaded.isKnown && errors.length === 0
    return errors.length === 0
  }

  #presenceOf(awareness: Awareness): Presence {
    return new Presence({
      awareness,
      clock: this.#clock,
      origin: this,
      publish: (entries) => {
        // Before the hello nothing may be said.
        if (this.#early === undefined) this.#connection.send(encodeMessage({ type: "presence", entries }))
        this.#tabs?.post({ type: "presence", entries })
      },
      tooLarge: (size, limit) =>
        this.#notice("presence-too-large", `Presence of ${size} bytes is not sent, the limit is ${limit}.`),
    })
  }

  #notice(code: string, text: string): void {
    this.#notices = addNotice(this.#notices, { code, text })
    this.#refresh()
  }

  /** A notice that is true only while it lasts. */
  #missing(isMissing: boolean): void {
    if (isMissing) return this.#notice("edits-missing", "Some edits of others have not arrived yet. Asking again…")
    this.#notices = this.#notices.filter(({ code }) => code !== "edits-missing")
    this.#refresh()
  }

  /** Gives up a dead line, and lets the status grow old. */
  #look(): void {
    if (this.#connection.state.kind === "live" && this.#clock.elapsed() >= this.#silenceDueMs()) {
      this.#connection.drop("the server fell silent")
    }
    this.#refresh()
  }

  #silenceDueMs(): number {
    return silenceDueMs(this.#lastFrameMs, this.#exchange.awaitedSinceMs)
  }

  #refresh(): void {
    const { outbox, grant, blocked, refusal, hasLostWrite, trouble, isSchemaBehind } = this.#exchange
    const connection = this.#connection.state
    const nowMs = this.#clock.elapsed()
    const sinceMs = outbox.entries[0]?.sinceMs ?? nowMs
    const writingSinceMs = this.#device?.writingSinceMs
    const save = saveStatus({
      edits: countEdits(outbox),
      ageMs: nowMs - sinceMs,
      connection,
      isOnline: this.#environment.isOnline(),
      grant,
      hasLostWrite,
      blocked,
      refusal,
      trouble,
      isOnDevice: this.#device?.holdsAll === true,
      devicePendingMs: writingSinceMs === undefined ? undefined : nowMs - writingSinceMs,
    })
    if (!this.#isClosed) {
      if (save.kind === "saving") {
        this.#watch.setBy((connection.kind === "live" ? sinceMs : (writingSinceMs ?? nowMs)) + SAVING_MS)
      }
      if (connection.kind === "live") this.#watch.setBy(this.#silenceDueMs())
    }
    const old = this.#status
    const hasSynced = this.#hasSynced
    const isReadable = hasSynced || this.#isKnown
    const made = { connection, hasSynced, isReadable, save, grant, isSchemaBehind, notices: this.#notices }
    this.#status = keepStatus(old, made)
    if (connection.kind === "refused") this.#waiting.fail(refused(connection.code, connection.reason))
    this.#waiting.check()
    this.#device?.refresh()
    if (this.#status === old) return
    for (const listener of [...this.#listeners]) callSafely(listener)
  }
}

/** What was typed here is still here, and cannot be sent: the server holds something else in its place. */
const FORGED = "QUIRE_CLIENT_ID_FORGED: somebody has written in the name of this page, in place of edits not saved yet"

function platformWebSocket(): SocketConstructor | undefined {
  return typeof WebSocket === "function" ? WebSocket : undefined
}

/** A page's listener that throws must not stop the others, nor a frame half-way; its error still reaches the page. */
function callSafely(listener: () => void): void {
  try {
    listener()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
