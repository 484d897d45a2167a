import type { Entry, EntryRange, Level, OpenLevel, Operation } from "@quire/storage"
import type { Life } from "./life.js"
import type { World } from "./world.js"

type Entries = ReadonlyMap<string, Entry>

/** What goes wrong with a write. */
export type WriteFault = "fail" | "fail, yet written"

/**
 * A server's disk under LevelDB. It outlives the handles opened on it. A batch is durable when it was written with
 * `sync`; anything else is lost at a crash. After a failed batch a handle behaves as LevelDB does: it takes later
 * writes and shows them, but they are gone once it is reopened.
 */
export class SimDisk {
  readonly #world: World
  #durable: Entries = new Map()
  /** Faults for the next writes, first to last. */
  readonly #faults: WriteFault[] = []
  #slowUntilMs = 0
  #faultyUntilMs = 0
  /** What happens while the next batch is on its way. */
  #onFlight: (() => void) | undefined
  /** A batch on its way to the platter. */
  #inFlight: readonly Operation[] | undefined
  /** Told of each batch that became durable. */
  onDurable: (operations: readonly Operation[]) => void = () => undefined

  constructor(world: World) {
    this.#world = world
  }

  /** True if a write went wrong in the last seconds. */
  get isFaulty(): boolean {
    return this.#world.timeline.nowMs < this.#faultyUntilMs
  }

  /** The next write goes wrong. */
  failNext(fault: WriteFault): void {
    this.#faults.push(fault)
  }

  /** Something happens while the next batch is on its way to the platter. */
  duringNextBatch(happen: () => void): void {
    this.#onFlight = happen
  }

  /** Everything takes a while. */
  slowFor(ms: number): void {
    this.#slowUntilMs = this.#world.timeline.nowMs + ms
  }

  /** No faults any more. */
  heal(): void {
    this.#faults.length = 0
    this.#onFlight = undefined
    this.#slowUntilMs = 0
  }

  /** The process on it dies. A batch in flight is on the platter or is not; there is no half. */
  crash(): void {
    const { random, faults } = this.#world
    const operations = this.#inFlight
    this.#inFlight = undefined
    if (operations === undefined) return
    const isPersisted = random.fraction() < 0.5
    faults.strike(isPersisted ? "batch in flight persisted by a crash" : "batch in flight lost by a crash")
    if (isPersisted) this.#persist(operations)
  }

  /** Opens handles for one life of a process. */
  openFor(life: Life): OpenLevel {
    return async () => {
      await this.#delay(life)
      return this.#handle(life)
    }
  }

  #handle(life: Life): Level {
    let view: Entries = this.#durable
    let unsynced: Operation[] = []
    let isTorn = false
    const read = async <T>(answer: (entries: Entries) => T, seen: Entries | undefined): Promise<T> => {
      await this.#delay(life)
      return answer(seen ?? view)
    }
    return {
      get: (key, options) => read((entries) => entries.get(nameOf(key))?.[1], viewOf(options.snapshot)),
      getMany: (keys) => read((entries) => keys.map((key) => entries.get(nameOf(key))?.[1]), undefined),
      hasMany: (keys) => read((entries) => keys.map((key) => entries.has(nameOf(key))), undefined),
      iterator: (range) => ({ all: () => read((entries) => select(entries, range), viewOf(range.snapshot)) }),
      snapshot: () => asSnapshot(view),
      batch: async (operations, { sync }) => {
        if (!life.mayAct()) return never()
        if (!sync) {
          unsynced = [...unsynced, ...operations]
          view = apply(view, operations)
          return
        }
        const fault = this.#faults.shift()
        const all = [...unsynced, ...operations]
        this.#inFlight = fault === "fail" || isTorn ? undefined : all
        if (this.#onFlight !== undefined) this.#world.timeline.plan(life.actor, 0, this.#onFlight)
        this.#onFlight = undefined
        await this.#delay(life)
        this.#inFlight = undefined
        if (fault !== undefined) this.#strike(fault)
        view = apply(view, operations)
        unsynced = []
        if (fault !== "fail" && !isTorn) this.#persist(all)
        if (fault === undefined) return
        isTorn = true
        throw Object.assign(new Error("IO error: No space left on device"), { code: "LEVEL_IO_ERROR" })
      },
      close: async () => this.#delay(life),
    }
  }

  #strike(fault: WriteFault): void {
    this.#world.faults.strike(fault === "fail" ? "write failed" : "write failed, yet persisted")
    this.#faultyUntilMs = this.#world.timeline.nowMs + 5_000
  }

  #persist(operations: readonly Operation[]): void {
    this.#durable = apply(this.#durable, operations)
    this.onDurable(operations)
  }

  /** Resolves after the time that the disk takes; never, if the process dies meanwhile. */
  async #delay(life: Life): Promise<void> {
    const { random, timeline } = this.#world
    if (!life.mayAct()) return never()
    const isSlow = timeline.nowMs < this.#slowUntilMs
    await timeline.after(life.actor, isSlow ? 50 + random.below(400) : random.below(4))
    if (life.isOver) return never()
  }
}

/** A promise for what a dead process waited for. */
export function never<T>(): Promise<T> {
  return new Promise(() => undefined)
}

function apply(entries: Entries, operations: readonly Operation[]): Entries {
  const next = new Map(entries)
  for (const operation of operations) {
    if (operation.type === "del") next.delete(nameOf(operation.key))
    else next.set(nameOf(operation.key), [operation.key, Uint8Array.from(operation.value)])
  }
  return next
}

function select(entries: Entries, { gte, lt, lte, reverse, limit }: EntryRange): Entry[] {
  const from = gte === undefined ? "" : nameOf(gte)
  const isWithin = (name: string): boolean =>
    name >= from && (lt === undefined || name < nameOf(lt)) && (lte === undefined || name <= nameOf(lte))
  const names = [...entries.keys()].filter(isWithin).sort()
  if (reverse) names.reverse()
  return names.slice(0, limit).map((name) => entries.get(name) as Entry) // it is one of its keys
}

/** A key as text, in the order of the bytes. */
function nameOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("latin1")
}

type Snapshot = ReturnType<Level["snapshot"]>

/** The entries are never changed in place, so they are their own snapshot; the rest of abstract-level's is not used. */
function asSnapshot(entries: Entries): Snapshot {
  return Object.assign(Object.create({ close: async () => undefined }), { entries }) as Snapshot
}

function viewOf(snapshot: Snapshot | undefined): Entries | undefined {
  return (snapshot as { readonly entries?: Entries } | undefined)?.entries
}
