import type { DocumentId } from "@quire/base"
import { type CatalogueEntry, decodeCatalogueEntry } from "./catalogue-entry.js"
import { readDocument } from "./document-reader.js"
import { StorageError } from "./errors.js"
import { decodeAuthorship, decodeChunk, decodeSnapshot, type HistoryChunk } from "./folded.js"
import { decodeHead } from "./head.js"
import {
  documentKey,
  KEY_ID_BYTES,
  keyId,
  Range,
  type SequenceRange,
  sequenceBounds,
  sequenceKey,
  sequenceOf,
} from "./keys.js"
import type { Entry, Level } from "./level.js"
import type { DocumentHead, Snapshot, StoredRecord } from "./log.js"
import { decodeRecord } from "./record.js"

/** Everything readable that a level holds of one document, and what is wrong with the rest. */
export interface StoredDocument {
  /** Its id in keys. */
  readonly id: Uint8Array
  /** Its name, if its head or its catalogue entry can be read. */
  readonly name: DocumentId | undefined
  readonly head: DocumentHead | undefined
  readonly entry: CatalogueEntry | undefined
  /** Readable snapshots, oldest first; more than one is damage. */
  readonly snapshots: readonly Snapshot[]
  /** Readable records that are kept one by one, in order. */
  readonly records: readonly { readonly record: StoredRecord; readonly value: Uint8Array }[]
  /** Readable history chunks, in order. */
  readonly chunks: readonly HistoryChunk[]
  /** Readable authorship, as it is stored. */
  readonly authorship: readonly Entry[]
  /** The highest sequence that a key or a head speaks of. */
  readonly lastSequence: number
  /** The highest batch number in it. */
  readonly lastBatch: number
  /** Records read, those in history included. */
  readonly recordCount: number
  /** What is wrong, as sentences; none: it is whole. */
  readonly problems: readonly string[]
}

const SEQUENCE_RANGES: readonly SequenceRange[] = [Range.Record, Range.Snapshot, Range.History, Range.Authorship]

/** The ids of all documents that a level holds anything of, each once, in the order of the keys. */
export async function* documentIds(level: Level): AsyncGenerator<Uint8Array> {
  const found = new Map<string, Uint8Array>()
  for (const range of [Range.Head, Range.Catalogue, ...SEQUENCE_RANGES]) {
    // From document to document, not from record to record.
    for (let after = Uint8Array.of(range); ; ) {
      const [entry] = await level.iterator({ gt: after, lt: Uint8Array.of(range + 1), limit: 1 }).all()
      if (entry === undefined) break
      const id = entry[0].slice(1, 1 + KEY_ID_BYTES)
      found.set(Buffer.from(id).toString("hex"), id)
      after = new Uint8Array(1 + KEY_ID_BYTES + 9).fill(0xff)
      after.set(entry[0].subarray(0, 1 + KEY_ID_BYTES))
    }
  }
  yield* found.values()
}

/** All that a level holds of a document, as it is. */
export async function readRaw(level: Level, id: Uint8Array): Promise<Entry[]> {
  const entries: Entry[] = []
  for (const range of [Range.Head, Range.Catalogue] as const) {
    const key = documentKey(range, id)
    const value = await level.get(key, {})
    if (value !== undefined) entries.push([key, value])
  }
  for (const range of SEQUENCE_RANGES) entries.push(...(await level.iterator(sequenceBounds(range, id, 0)).all()))
  return entries
}

/** Reads all that a level holds of a document. Nothing that is wrong with it throws. */
export async function verifyDocument(
  level: Level,
  id: Uint8Array,
  checkBody: (updates: readonly Uint8Array[]) => string | undefined,
): Promise<StoredDocument> {
  const reading = new Reading(level, id)
  await reading.readAll()
  const { name, head, problems } = reading
  if (name !== undefined && head !== undefined) {
    const clause = await wrongWith(level, name, checkBody)
    if (clause !== undefined) problems.unshift(`${clause}.`)
  }
  return reading.result()
}

/** What a server would say when it loads it, or find when it works on it. */
async function wrongWith(
  level: Level,
  name: DocumentId,
  checkBody: (updates: readonly Uint8Array[]) => string | undefined,
): Promise<string | undefined> {
  try {
    const loaded = await readDocument(level, name)
    if (loaded === undefined) return undefined
    const bodies = loaded.tail.filter(({ kind }) => kind === "body").map(({ payload }) => payload)
    return checkBody(loaded.snapshot === undefined ? bodies : [loaded.snapshot.update, ...bodies])
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    return error.message
  }
}

class Reading {
  name: DocumentId | undefined
  head: DocumentHead | undefined
  readonly problems: string[] = []
  readonly #level: Level
  readonly #id: Uint8Array
  #authorship: Entry[] = []
  #entry: CatalogueEntry | undefined
  #snapshots: Snapshot[] = []
  #records: { record: StoredRecord; value: Uint8Array }[] = []
  #chunks: HistoryChunk[] = []
  #lastSequence = 0

  constructor(level: Level, id: Uint8Array) {
    this.#level = level
    this.#id = id
  }

  async readAll(): Promise<void> {
    const [headValue, entryValue] = await this.#level.getMany([
      documentKey(Range.Head, this.#id),
      documentKey(Range.Catalogue, this.#id),
    ])
    this.head = headValue && this.#try(() => this.#own(decodeHead(headValue)))
    this.#entry = entryValue && this.#try(() => this.#own(decodeCatalogueEntry(entryValue)))
    this.name = this.head?.document ?? this.#entry?.document
    this.#lastSequence = this.head?.sequence ?? 0
    // Without a name its values can be read all the same; whoever reads a message is told the id.
    const document = (this.name ?? this.#nameless()) as DocumentId
    this.#records = await this.#values(Range.Record, (value, sequence) => ({
      value,
      record: decodeRecord(value, { document, sequence }),
    }))
    this.#snapshots = await this.#values(Range.Snapshot, (value, sequence) =>
      decodeSnapshot(value, { document, sequence }),
    )
    this.#chunks = await this.#values(Range.History, (value, sequence) => decodeChunk(value, { document, sequence }))
    this.#authorship = await this.#values(Range.Authorship, (value, sequence): Entry => {
      decodeAuthorship(value, { document, sequence })
      return [sequenceKey(Range.Authorship, this.#id, sequence), value]
    })
    if (this.head === undefined && this.#lastSequence > 0 && headValue === undefined) {
      this.problems.push(`The head of "${document}" is missing.`)
    }
    if (this.head !== undefined) this.#checkHistory(this.head)
    if (this.#snapshots.length > 1) this.problems.push(`"${document}" has ${this.#snapshots.length} snapshots.`)
  }

  result(): StoredDocument {
    const inHistory = this.#chunks.flatMap(({ records }) => records)
    const batches = [...inHistory, ...this.#records.map(({ record }) => record)].map(({ batch }) => batch)
    return {
      id: this.#id,
      name: this.name,
      head: this.head,
      entry: this.#entry,
      snapshots: this.#snapshots,
      records: this.#records,
      chunks: this.#chunks,
      authorship: this.#authorship,
      lastSequence: this.#lastSequence,
      lastBatch: batches.reduce((most, batch) => Math.max(most, batch), this.head?.batch ?? 0),
      recordCount: batches.length,
      problems: this.problems,
    }
  }

  /** Reads one range. What cannot be read is a problem, and left out. */
  async #values<T>(range: SequenceRange, decode: (value: Uint8Array, sequence: never) => T): Promise<T[]> {
    const read: T[] = []
    const entries: Entry[] = await this.#level.iterator(sequenceBounds(range, this.#id, 0)).all()
    for (const [key, value] of entries) {
      const sequence = sequenceOf(key)
      if (sequence === undefined) {
        this.problems.push(`A key of ${this.name ?? this.#nameless()} is none of Quire's.`)
        continue
      }
      this.#lastSequence = Math.max(this.#lastSequence, sequence)
      const one = this.#try(() => decode(value, sequence as never))
      if (one !== undefined) read.push(one)
    }
    return read
  }

  /** History covers every sequence up to the first that is kept one by one. */
  #checkHistory(head: DocumentHead): void {
    let next = 1
    for (const { first, last } of this.#chunks) {
      if (first !== next) break
      next = last + 1
    }
    if (next === head.retainedFrom) return
    this.problems.push(
      `The history of "${head.document}" has a hole: it should reach from 1 to ${head.retainedFrom - 1}, and is whole up to ${next - 1}.`,
    )
  }

  #own<T extends { readonly document: DocumentId }>(value: T): T {
    if (Buffer.compare(keyId(value.document), this.#id) === 0) return value
    throw new StorageError("QUIRE_STORAGE_CORRUPT", `what should be of ${this.#nameless()} is of "${value.document}"`, {
      hint: "The disk returned other bytes than were written.",
    })
  }

  #nameless(): string {
    return `the document with the id ${Buffer.from(this.#id).toString("hex")}`
  }

  #try<T>(read: () => T): T | undefined {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      this.problems.push(`${error.message}.`)
      return undefined
    }
  }
}
