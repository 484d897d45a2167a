import { asClientId, asSequence, asUserId, type ClientId, type DocumentId, type Sequence } from "@quire/base"
import { differenceFrom, foldUpdates, mergeUpdates, separateUpdate } from "@quire/document"
import {
  type CloseCode,
  type Dialect,
  decodePresence,
  decodeServerMessage,
  encodeMessage,
  type Grant,
  type Message,
  type ResumeToken,
  type ServerMessage,
} from "@quire/protocol"
import { FakeClock, SeededRandom, settle } from "@quire/testing"
import * as Y from "yjs"
import {
  Connection,
  type DocumentKind,
  type DocumentOrigin,
  type Link,
  type LoadedDocument,
  type Log,
  type LogHealth,
  type Merging,
  type NewRecord,
  type Parcel,
  type RoomLimits,
  Rooms,
  type Snapshot,
  type StoredRecord,
} from "../src/index.js"

/** The name all single-document tests use. */
export const DOCUMENT = "notes" as DocumentId

/** The update pages are born with in these tests: any constant one will do. */
export const BIRTH: Uint8Array = (() => {
  const ydoc = new Y.Doc()
  ydoc.clientID = 1
  ydoc.getXmlFragment("body").insert(0, [new Y.XmlElement("textblock")])
  return Y.encodeStateAsUpdate(ydoc)
})()

interface Waiting {
  readonly record: StoredRecord
  readonly origin: DocumentOrigin
  readonly resolve: (durable: { sequence: Sequence; checksum: number }) => void
}

/** A log whose disk moves when told: appends wait until `commit`. */
export class HeldLog implements Log {
  readonly documents = new Map<DocumentId, { origin: DocumentOrigin; snapshot?: Snapshot; records: StoredRecord[] }>()
  loads = 0
  /** How many of a document's oldest records `read` and `record` have lost to compaction. */
  forgotten = 0
  /** When true, appends are on disk at once. */
  isInstant = false
  readonly #waiting: { document: DocumentId; entry: Waiting }[] = []
  #health: LogHealth = { kind: "ok" }
  readonly #listeners = new Set<() => void>()
  #gate: Promise<void> | undefined

  async load(document: DocumentId): Promise<LoadedDocument | undefined> {
    this.loads++
    await this.#gate
    const stored = this.documents.get(document)
    const last = stored?.records.at(-1)
    if (stored === undefined || last === undefined) return undefined
    const { snapshot } = stored
    const tail = stored.records.filter((record) => record.sequence > (snapshot?.sequence ?? 0))
    const schema = Math.max(...stored.records.map((record) => record.schema))
    const head = { ...stored.origin, sequence: last.sequence, checksum: last.checksum, schema }
    return { head, snapshot, tail }
  }

  async record(document: DocumentId, sequence: Sequence): Promise<StoredRecord | undefined> {
    if (sequence <= this.forgotten) return undefined
    return this.documents.get(document)?.records[sequence - 1]
  }

  async read(document: DocumentId, after: Sequence): Promise<readonly StoredRecord[] | undefined> {
    if (after < this.forgotten) return undefined
    return this.documents.get(document)?.records.slice(after)
  }

  append(
    document: DocumentId,
    record: NewRecord,
    origin: DocumentOrigin,
  ): Promise<{ sequence: Sequence; checksum: number }> {
    return new Promise((resolve) => {
      const entry = {
        record: { ...record, checksum: record.sequence * 1_000 + record.payload.length },
        origin,
        resolve,
      }
      this.#waiting.push({ document, entry })
      if (this.isInstant) this.commit()
    })
  }

  getHealth(): LogHealth {
    return this.#health
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Writes what waits, or the first few of it. */
  commit(count = this.#waiting.length): void {
    for (const { document, entry } of this.#waiting.splice(0, count)) {
      const stored = this.documents.get(document) ?? { origin: entry.origin, records: [] }
      if (entry.record.sequence !== stored.records.length + 1) throw new Error("appended out of order")
      stored.records.push(entry.record)
      this.documents.set(document, stored)
      entry.resolve({ sequence: entry.record.sequence, checksum: entry.record.checksum })
    }
  }

  /** The process dies: what was not committed is gone. */
  crash(): void {
    this.#waiting.length = 0
  }

  /** How many appends wait for the disk. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** Folds a document's records up to a sequence into a snapshot. */
  fold(document: DocumentId, through: number): void {
    const stored = this.documents.get(document)
    if (stored === undefined) throw new Error("nothing to fold")
    const updates = stored.records.slice(0, through).map(({ payload }) => payload)
    stored.snapshot = { sequence: asSequence(through), ...foldUpdates(updates, true) }
  }

  /** Loads wait until the returned function is called. */
  holdLoads(): () => void {
    let open: () => void = () => undefined
    this.#gate = new Promise((resolve) => {
      open = resolve
    })
    return open
  }

  setHealth(health: LogHealth): void {
    this.#health = health
    for (const listener of this.#listeners) listener()
  }
}

/** The real merging, in this thread. */
export const inlineMerging: Merging = {
  merge: async (updates) => mergeUpdates(updates),
  difference: async (update, stateVector) => differenceFrom(update, stateVector),
  separate: async (base, update) => separateUpdate(base, update),
}

/** The other end of a link: keeps what was sent, and plays a client with a real ydoc. */
export class Peer implements Link {
  readonly ydoc = new Y.Doc()
  readonly received: ServerMessage[] = []
  readonly parcels: Parcel[] = []
  readonly connection: Connection
  readonly dialect: Dialect
  closed: { code: number; reason: string } | undefined
  isPaused = false
  /** Bytes the peer has not taken; only grows while `isStuck`. */
  queued = 0
  isStuck = false
  /** Whether it answers the server's step 1 and sends its own edits. */
  isSpeaking = true
  readonly #sent: Uint8Array[] = []
  readonly #options: PeerOptions

  constructor(world: World, options: PeerOptions) {
    this.dialect = options.dialect ?? "native"
    this.ydoc.clientID = options.clientId ?? world.random.below(2 ** 40)
    if (options.content !== undefined) Y.applyUpdate(this.ydoc, options.content, "server")
    this.connection = new Connection(world.setting, this, options.document ?? DOCUMENT, this.dialect, {
      token: options.user ?? "",
      cookie: options.cookie ?? "",
    })
    this.#options = options
    if (this.dialect === "native" && options.isSilent !== true) this.hello()
    this.ydoc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin !== "server" && this.isSpeaking) this.say({ type: "update", update })
    })
    if (options.isJoining ?? true) this.sync()
  }

  /** Says who it is. */
  hello(): void {
    const { schema = 0, resume, user = "" } = this.#options
    this.say({ type: "hello", clientId: this.ydoc.clientID as ClientId, schema, resume, token: user })
  }

  /** Sends its step 1. */
  sync(): void {
    this.say({ type: "step1", stateVector: Y.encodeStateVector(this.ydoc) })
  }

  say(message: Message): void {
    const frame = encodeMessage(message)
    this.#sent.push(frame)
    this.connection.receive(frame)
  }

  type(text: string, at = 0): void {
    this.ydoc.getText("t").insert(at, text)
  }

  text(): string {
    return this.ydoc.getText("t").toString()
  }

  send(parcel: Parcel): void {
    this.parcels.push(parcel)
    if (this.isStuck) this.queued += parcel.sizeBytes
    for (const bytes of parcel.messages) {
      const message = decodeServerMessage(bytes)
      if (message === undefined) throw new Error("the server sent something unknown")
      this.received.push(message)
      if (!this.isStuck) this.#take(message)
    }
  }

  /** Reads again: takes everything that was queued. */
  unstick(): void {
    this.isStuck = false
    this.queued = 0
    for (const message of this.received) this.#take(message)
    this.connection.drained()
  }

  queuedBytes(): number {
    return this.queued
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }

  close(code: CloseCode, reason: string): void {
    this.closed = { code, reason }
  }

  /** The connection is cut. */
  cut(): void {
    this.connection.closed()
  }

  of<T extends ServerMessage["type"]>(type: T): (ServerMessage & { type: T })[] {
    return this.received.filter((message): message is ServerMessage & { type: T } => message.type === type)
  }

  /** Ids and states of the presence heard, newest last. */
  presence(): { client: number; state: string }[] {
    return this.of("presence").flatMap(({ entries }) => decodePresence(entries))
  }

  /** The newest resume token it was given. */
  token(): ResumeToken {
    const welcome = this.of("welcome").at(-1)
    const durable = this.of("durable").at(-1)
    if (welcome === undefined || durable === undefined) throw new Error("no token yet")
    return { epoch: welcome.epoch, sequence: durable.sequence, checksum: durable.checksum }
  }

  #take(message: ServerMessage): void {
    if (message.type === "update" || message.type === "step2") Y.applyUpdate(this.ydoc, message.update, "server")
    if (message.type === "step1" && this.isSpeaking && this.closed === undefined) {
      this.say({ type: "step2", update: Y.encodeStateAsUpdate(this.ydoc, message.stateVector) })
    }
  }
}

interface PeerOptions {
  readonly dialect?: Dialect
  readonly clientId?: number
  readonly schema?: number
  readonly resume?: ResumeToken
  readonly document?: DocumentId
  readonly isJoining?: boolean
  /** Says no hello by itself. */
  readonly isSilent?: boolean
  /** Who it is; left out, nobody in particular. */
  readonly user?: string
  /** The Cookie header that it came with. */
  readonly cookie?: string
  /** What its ydoc has from before. */
  readonly content?: Uint8Array
}

/** Rooms over a held log, with peers. */
export class World {
  /** Every world draws its own client ids. */
  static #worlds = 1
  readonly clock = new FakeClock()
  readonly random = new SeededRandom(World.#worlds++)
  readonly log: HeldLog
  readonly rooms: Rooms
  readonly setting: ConstructorParameters<typeof Connection>[0]
  readonly events: string[] = []
  readonly kinds = new Map<DocumentId, DocumentKind>()
  rights: Grant = "write"

  constructor(log = new HeldLog(), limits: Partial<RoomLimits> = {}, unsavedBytes?: number) {
    this.log = log
    const watch = { event: (event: string) => void this.events.push(event) }
    this.rooms = new Rooms({
      clock: this.clock,
      random: this.random,
      log,
      documents: { kindOf: async (document) => this.kinds.get(document) },
      merging: inlineMerging,
      watch,
      birth: BIRTH,
      limits,
      ...(unsavedBytes === undefined ? {} : { unsavedBytes }),
    })
    const gate: World["setting"]["gate"] = async (_, { token }) => ({
      ok: true,
      user: asUserId(token),
      rights: this.rights,
    })
    this.setting = { rooms: this.rooms, gate, clock: this.clock, watch }
  }

  /** A peer that has joined and synced. */
  async peer(options: PeerOptions = {}): Promise<Peer> {
    const peer = new Peer(this, options)
    await this.quiet()
    return peer
  }

  /** Lets work that is due happen, without the disk. */
  async quiet(): Promise<void> {
    await settle(60)
    this.clock.advance(0)
    await settle(60)
    this.clock.advance(0)
  }

  /** The disk takes everything, and everybody hears of it. */
  async commit(): Promise<void> {
    this.log.commit()
    await this.quiet()
  }
}

/** A client id, for readability. */
export const client = asClientId
