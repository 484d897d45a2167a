import type { AbstractBatchOptions, AbstractReadOptions, AbstractSnapshot } from "abstract-level"

/** A key and its value. */
export type Entry = [Uint8Array, Uint8Array]

/** One change of a batch. */
export type Operation = { type: "put"; key: Uint8Array; value: Uint8Array } | { type: "del"; key: Uint8Array }

/** Options of a read of one key. */
export type ReadOptions = AbstractReadOptions & { keyEncoding?: undefined; valueEncoding?: undefined }

/** A range of keys to read. */
export interface EntryRange extends ReadOptions {
  gt?: Uint8Array
  gte?: Uint8Array
  lt?: Uint8Array
  lte?: Uint8Array
  reverse?: boolean
  limit?: number
  /** Bytes to fetch a trip; LevelDB's default of 16 KiB makes many trips of a long tail. */
  highWaterMarkBytes?: number
}

/** Options of a batch. `sync`: resolve only once the disk has it. */
export type WriteOptions = AbstractBatchOptions<Uint8Array, Uint8Array> & { sync: boolean }

/**
 * The port to the ordered store: the part of an abstract-level database, opened with `view` encodings, that the log
 * uses. `level`'s `Level` and `memory-level`'s `MemoryLevel` fit it; so does a fake that breaks on purpose.
 */
export interface Level {
  get(key: Uint8Array, options: ReadOptions): Promise<Uint8Array | undefined>
  getMany(keys: Uint8Array[]): Promise<(Uint8Array | undefined)[]>
  hasMany(keys: Uint8Array[]): Promise<boolean[]>
  iterator(range: EntryRange): { all(): Promise<Entry[]> }
  /** All or nothing. With `sync` it must be on disk when the promise resolves. */
  batch(operations: Operation[], options: WriteOptions): Promise<void>
  /** A view of this moment, for reads that belong together. */
  snapshot(): AbstractSnapshot
  close(): Promise<void>
}

/** Opens the level in a folder, creating it if it is not there. Rejects as abstract-level's `open` does. */
export type OpenLevel = (path: string) => Promise<Level>
