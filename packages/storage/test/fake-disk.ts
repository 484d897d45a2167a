import { MemoryLevel } from "memory-level"
import type { Level, OpenLevel, Operation } from "../src/level.js"

/** What goes wrong with one call. `fail-written`: an error, though everything reached the disk. */
export type Fault = "fail" | "fail-written" | undefined

/** The error a full disk gives. */
export function diskFull(): Error {
  return Object.assign(new Error("IO error: 000005.log: No space left on device"), { code: "LEVEL_IO_ERROR" })
}

/**
 * A disk that outlives the handles opened on it, and breaks when told. After a failed batch a handle behaves as LevelDB
 * does: it takes later writes and shows them, but they are gone once it is reopened.
 */
export class FakeDisk {
  /** What is on the disk: key in hex, value. */
  files: Map<string, Uint8Array>
  /** Calls of `openLevel` so far. */
  opens = 0
  /** Calls of `batch` so far, failed ones included. */
  batches = 0
  /** Handles open now. */
  openHandles = 0
  /** Decides about the n-th call, counted from 1. */
  onBatch: (n: number, operations: readonly Operation[]) => Fault = () => undefined
  /** Decides whether the n-th opening fails, counted from 1. */
  onOpen: (n: number) => Error | undefined = () => undefined
  /** Called when a batch has just reached the disk. */
  onPersisted: () => void = () => {}
  /** Asked before each read; what it gives is thrown. */
  onRead: () => Error | undefined = () => undefined

  constructor(files: ReadonlyMap<string, Uint8Array> = new Map()) {
    this.files = new Map(files)
  }

  /** The disk as a crash at this moment leaves it. */
  copy(): FakeDisk {
    return new FakeDisk(this.files)
  }

  readonly openLevel: OpenLevel = async () => {
    const trouble = this.onOpen(++this.opens)
    if (trouble !== undefined) throw trouble
    if (this.openHandles > 0) throw new Error("opened twice")
    this.openHandles++
    const level = new MemoryLevel<Uint8Array, Uint8Array>({
      keyEncoding: "view",
      valueEncoding: "view",
      storeEncoding: "view",
    })
    await level.batch(
      [...this.files].map(([key, value]) => ({ type: "put" as const, key: Buffer.from(key, "hex"), value })),
    )
    return this.#handle(level)
  }

  #handle(level: Level): Level {
    let isTorn = false
    const checkRead = (): void => {
      const trouble = this.onRead()
      if (trouble !== undefined) throw trouble
    }
    return {
      get: async (key, options) => {
        checkRead()
        return await level.get(key, options)
      },
      getMany: async (keys) => {
        checkRead()
        return await level.getMany(keys)
      },
      hasMany: async (keys) => {
        checkRead()
        return await level.hasMany(keys)
      },
      iterator: (range) => {
        checkRead()
        return level.iterator(range)
      },
      snapshot: () => level.snapshot(),
      batch: async (operations, options) => {
        if (!options.sync) throw new Error("not synced")
        const fault = this.onBatch(++this.batches, operations)
        if (fault === undefined) await level.batch(operations, options)
        if (!isTorn && fault !== "fail") this.#persist(operations)
        if (fault === undefined) return
        isTorn = true
        throw diskFull()
      },
      close: async () => {
        this.openHandles--
        await level.close()
      },
    }
  }

  #persist(operations: readonly Operation[]): void {
    for (const operation of operations) {
      const key = Buffer.from(operation.key).toString("hex")
      if (operation.type === "put") this.files.set(key, Uint8Array.from(operation.value))
      else this.files.delete(key)
    }
    this.onPersisted()
  }
}
