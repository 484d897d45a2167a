import { asUserId, type DocumentId } from "@quire/base"
import {
  authorshipOf,
  BIRTH_UPDATE,
  differenceFrom,
  encodeAuthorship,
  foldUpdates,
  mergeUpdates,
  separateUpdate,
} from "@quire/document"
import { DocumentLog, type Fold, type LoadedDocument, type Operation } from "@quire/storage"
import { Connection, type ConnectionSetting, type Link, type Log, type Merging, Rooms } from "@quire/sync"
import type * as Y from "yjs"
import { canonicalJson } from "./body.js"
import { never, SimDisk } from "./disk.js"
import { FORGER } from "./forger.js"
import { Life } from "./life.js"
import * as files from "./memory-files.js"
import type { Line } from "./network.js"
import { ActorClock } from "./timeline.js"
import { Witness, ydocOf } from "./witness.js"
import type { World } from "./world.js"

/** The one document of a run. */
export const DOCUMENT = "team/plan" as DocumentId // a valid name

/** What an operator may read without having to act. */
const QUIET_EVENTS: ReadonlySet<string> = new Set([
  "room.quarantined",
  "room.quarantine-dropped",
  "room.foreign-structs",
  "room.client-id-taken",
])

const RECORD_KEYS = 0x20
const SNAPSHOT_KEYS = 0x30
const RECORD_KEY_BYTES = 25

interface Running {
  readonly life: Life
  readonly log: DocumentLog
  readonly rooms: Rooms
  readonly setting: ConnectionSetting
}

/** One server: the real rooms over the real log, on a disk that outlives its processes. */
export class Server {
  readonly actor: number
  readonly disk: SimDisk
  /** What its disk holds. */
  readonly witness: Witness = new Witness()
  /** The highest sequence on its disk. */
  durableSequence = 0
  /** How far its wall clock is off. */
  skewMs = 0
  readonly #world: World
  readonly #folder: string
  readonly #lines = new Set<Line>()
  /** What the rooms appended last under each sequence. */
  readonly #appended = new Map<number, Uint8Array>()
  #life: Life | undefined
  #running: Running | undefined
  #isStopping = false
  #hadRoom = false

  constructor(world: World, actor: number, folder: string) {
    this.#world = world
    this.actor = actor
    this.#folder = folder
    this.disk = new SimDisk(world)
    this.disk.onDurable = (operations) => this.#durable(operations)
  }

  get isUp(): boolean {
    return this.#running !== undefined
  }

  get isDown(): boolean {
    return this.#life === undefined
  }

  /** Lines that reach it, the newest last. */
  get lines(): readonly Line[] {
    for (const line of this.#lines) if (line.isOver) this.#lines.delete(line)
    return [...this.#lines]
  }

  /** Starts a process, unless one is there. */
  start(): void {
    if (this.#life !== undefined) return
    const life = new Life(this.actor, () => {
      this.#world.faults.strike("server crash within a turn")
      this.crash(false)
    })
    this.#life = life
    this.#isStopping = false
    this.#open(life).catch((error: unknown) => {
      if (life.isOver) return
      // A process that cannot write ends with an error, and whoever watches over it starts it again.
      if (!this.disk.isFaulty) this.#world.fail(`the server does not start: ${String(error)}`)
      this.#end(life)
      this.#world.timeline.plan(this.actor, 1_000, () => this.start())
    })
  }

  /** The process dies, with the machine or without. */
  crash(withPower: boolean): void {
    const life = this.#life
    if (life === undefined) return
    this.#world.trace.note(`server ${this.actor} crashes`)
    this.#end(life)
    this.disk.crash()
    if (withPower) files.losePower(this.#folder)
  }

  /** The process dies at one of its next effects. */
  crashAfter(actions: number): void {
    this.#life?.endAfter(actions)
  }

  /** SIGTERM. */
  stop(): void {
    const running = this.#running
    if (running === undefined || this.#isStopping) return
    this.#isStopping = true
    const { life, log, rooms } = running
    const stopping = async (): Promise<void> => {
      await rooms.close(this.#world.timeline.after(this.actor, 7_000))
      await log.close()
      if (!life.isOver) this.#end(life)
    }
    stopping().catch((error: unknown) => {
      if (!life.isOver) this.#world.fail(`the server does not stop: ${String(error)}`)
    })
  }

  /** A client knocks. */
  accept(line: Line, isNative: boolean): { readonly connection: Connection; readonly life: Life } | undefined {
    if (this.#running === undefined) return undefined
    const { life, setting } = this.#running
    this.#lines.add(line)
    const dialect = isNative ? "native" : "plain"
    return { connection: new Connection(setting, line.link(life), DOCUMENT, dialect, { token: "", cookie: "" }), life }
  }

  /** Somebody without a line speaks to it. */
  knock(token: string, link: Link): { readonly connection: Connection; readonly life: Life } | undefined {
    if (this.#running === undefined || this.#isStopping) return undefined
    const { life, setting } = this.#running
    return { connection: new Connection(setting, link, DOCUMENT, "native", { token, cookie: "" }), life }
  }

  /** A line that nobody has accepted yet. */
  dialled(line: Line): void {
    this.#lines.add(line)
  }

  /** The world ends: its files are forgotten. */
  forget(): void {
    this.#life?.end()
    files.forget(this.#folder)
  }

  /** What a fresh process would serve, as a ydoc. */
  async read(): Promise<Y.Doc> {
    const life = new Life(this.actor, () => undefined)
    const log = await this.#openLog(life)
    const loaded = await log.load(DOCUMENT)
    await log.close()
    life.end()
    return contentOf(loaded)
  }

  #end(life: Life): void {
    life.end()
    this.#life = undefined
    this.#running = undefined
    this.#hadRoom = false
    for (const line of this.#lines) line.serverDied()
    this.#lines.clear()
  }

  async #open(life: Life): Promise<void> {
    const { options, timeline } = this.#world
    const clock = this.#clock(life)
    const log = await this.#openLog(life)
    await this.#checkLoaded(log)
    const watch: ConnectionSetting["watch"] = { event: (event, details) => this.#watch(life, event, details) }
    const rooms = new Rooms({
      clock,
      random: this.#world.random,
      log: this.#noting(log),
      // A page was made in the library first, as the web app does it; a plain document is made by its first writer.
      documents: { kindOf: async () => (options.kind === "page" ? "page" : undefined) },
      merging: this.#merging(life),
      watch,
      birth: BIRTH_UPDATE,
      limits: options.limits,
    })
    const gate: ConnectionSetting["gate"] = async (_, { token }) => {
      await timeline.after(this.actor, this.#world.random.below(5))
      return life.isOver ? never() : { ok: true, user: asUserId(token), rights: "write" }
    }
    this.#running = { life, log, rooms, setting: { rooms, gate, clock, watch } }
    this.#world.trace.note(`server ${this.actor} is up`)
    const tick = (): void => {
      for (const line of this.#lines) line.giveUpIfSilent()
      clock.schedule(20_000, tick)
    }
    clock.schedule(20_000, tick)
    const look = (): void => {
      const isThere = rooms.counts.rooms > 0
      if (this.#hadRoom && !isThere) this.#world.faults.strike("document unloaded")
      this.#hadRoom = isThere
      clock.schedule(1_000, look)
    }
    look()
  }

  #openLog(life: Life): Promise<DocumentLog> {
    return DocumentLog.open({
      directory: this.#folder,
      openLevel: this.disk.openFor(life),
      fold: this.#folding(life),
      clock: this.#clock(life),
      onReport: (report) => {
        if (!life.isOver && report.kind !== "compaction-failed") {
          this.#world.fail(`the log reports ${JSON.stringify(report)}`)
        }
      },
      compaction: this.#world.options.compaction,
    })
  }

  #clock(life: Life): ActorClock {
    return new ActorClock(
      this.#world.timeline,
      this.actor,
      () => life.mayAct(),
      () => this.skewMs,
    )
  }

  /** After every start: what the log gives is what the disk was seen to take. */
  async #checkLoaded(log: DocumentLog): Promise<void> {
    const loaded = await log.load(DOCUMENT)
    const ydoc = contentOf(loaded)
    this.#world.check(
      (loaded?.head.sequence ?? 0) === this.durableSequence,
      () => `the log ends at ${loaded?.head.sequence ?? 0} after a start, the disk has ${this.durableSequence}`,
    )
    this.#world.check(
      canonicalJson(ydoc) === canonicalJson(this.witness.ydoc),
      () => "the log gives another document after a start than was made durable",
    )
    const fault = this.#world.tokens.faultIn(ydoc)
    this.#world.check(fault === undefined, () => `after a start ${fault}`)
    ydoc.destroy()
  }

  /** The log, with a note of what is on its way to which sequence. */
  #noting(log: DocumentLog): Log {
    return {
      load: (document) => log.load(document),
      record: (document, sequence) => log.record(document, sequence),
      read: (document, after) => log.read(document, after),
      append: (document, record, origin) => {
        this.#world.check(record.author !== FORGER, () => "a forgery was taken in")
        this.#appended.set(record.sequence, record.payload.slice())
        return log.append(document, record, origin)
      },
      getHealth: () => log.getHealth(),
      subscribe: (listener) => log.subscribe(listener),
    }
  }

  #durable(operations: readonly Operation[]): void {
    for (const operation of operations) {
      if (operation.type !== "put") continue
      const { key } = operation
      if (key[0] === SNAPSHOT_KEYS) this.#world.faults.strike("compaction")
      if (key[0] !== RECORD_KEYS || key.length !== RECORD_KEY_BYTES) continue
      const sequence = Buffer.from(key).readUIntBE(RECORD_KEY_BYTES - 6, 6)
      const payload = this.#appended.get(sequence)
      if (payload === undefined) continue
      this.witness.take(payload)
      this.durableSequence = Math.max(this.durableSequence, sequence)
    }
  }

  #watch(life: Life, event: string, details: Readonly<Record<string, unknown>>): void {
    if (life.isOver) return
    this.#world.trace.note(`server ${this.actor}: ${event} ${JSON.stringify(details)}`)
    if (this.#isStopping || QUIET_EVENTS.has(event)) return
    this.#world.fail(`the server reports ${event} ${JSON.stringify(details)}`)
  }

  #merging(life: Life): Merging {
    const soon = async <T>(work: () => T): Promise<T> => {
      await this.#world.timeline.after(this.actor, this.#world.random.below(6))
      return life.isOver ? never<T>() : work()
    }
    return {
      merge: (updates) => soon(() => mergeUpdates(updates)),
      difference: (update, stateVector) => soon(() => differenceFrom(update, stateVector)),
      separate: (base, update) => soon(() => separateUpdate(base, update)),
    }
  }

  #folding(life: Life): Fold {
    return async ({ kind, snapshot, records }) => {
      await this.#world.timeline.after(this.actor, this.#world.random.below(40))
      if (life.isOver) return never()
      const payloads = records.map(({ payload }) => payload)
      const updates = snapshot === undefined ? payloads : [snapshot.update, ...payloads]
      return {
        ...foldUpdates(updates, kind === "page"),
        authorship: encodeAuthorship(authorshipOf(snapshot?.update, records)),
      }
    }
  }
}

function contentOf(loaded: LoadedDocument | undefined): Y.Doc {
  const snapshot = loaded?.snapshot === undefined ? [] : [loaded.snapshot.update]
  return ydocOf([...snapshot, ...(loaded?.tail ?? []).map(({ payload }) => payload)])
}
