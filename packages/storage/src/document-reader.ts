import { asSequence, type DocumentId, type Sequence } from "@quire/base"
import type { AbstractSnapshot } from "abstract-level"
import { decodeCatalogueEntry } from "./catalogue-entry.js"
import { corruptError } from "./errors.js"
import { decodeSnapshot, missingSnapshot } from "./folded.js"
import { decodeHead } from "./head.js"
import { documentKey, keyId, Range, sequenceBounds, sequenceKey, sequenceOf } from "./keys.js"
import type { Entry, Level } from "./level.js"
import type { DocumentHead, DocumentKind, LoadedDocument, Snapshot, StoredRecord } from "./log.js"
import { decodeRecord, missingRecord, peekKind } from "./record.js"

/*
 * Reading a document out of an open level. Head and records are written in one batch, so whatever does not fit
 * together is damage: LevelDB can lose or alter keys without a word. Nothing here guesses; it throws
 * QUIRE_STORAGE_CORRUPT with the document's name.
 */

/** Bytes fetched from LevelDB a trip: a whole tail below the compaction threshold. */
const TRIP_BYTES = 256 * 1024

/** A document's end, for appending to it. */
export interface DocumentEnd {
  /** Its head; `undefined` if it was never written. */
  readonly head: DocumentHead | undefined
  /** The kind its catalogue entry states, if it has one and no head yet. */
  readonly catalogueKind: DocumentKind | undefined
}

/** A record with the bytes it is stored as. */
export interface RawRecord {
  readonly record: StoredRecord
  readonly value: Uint8Array
}

/** Read where a document ends, and make sure that nothing stands after it. */
export async function readEnd(level: Level, document: DocumentId): Promise<DocumentEnd> {
  return await viewing(level, async (snapshot) => {
    const id = keyId(document)
    const head = await readHead(level, { document, id, snapshot })
    if (head === undefined) {
      const entry = await level.get(documentKey(Range.Catalogue, id), { snapshot })
      return { head, catalogueKind: entry === undefined ? undefined : decodeCatalogueEntry(entry, document).kind }
    }
    const [last] = await level
      .iterator({ ...sequenceBounds(Range.Record, id, 0), reverse: true, limit: 1, snapshot })
      .all()
    const found = last === undefined ? 0 : (sequenceOf(last[0]) ?? 0)
    if (found > head.sequence) throw staleHead(head, found)
    if (found < head.sequence && head.retainedFrom <= head.sequence) {
      throw missingRecord({ document, sequence: head.sequence })
    }
    return { head, catalogueKind: undefined }
  })
}

/** Read a whole document. `undefined` if it was never written. */
export async function readDocument(level: Level, document: DocumentId): Promise<LoadedDocument | undefined> {
  return await viewing(level, async (view) => {
    const place: Place = { document, id: keyId(document), snapshot: view }
    const head = await readHead(level, place)
    if (head === undefined) return undefined
    const snapshot = await readSnapshot(level, place, head)
    const from = head.foldedFeedRecords > 0 ? 1 : head.snapshotSequence + 1
    const tail: StoredRecord[] = []
    let feedRecords = 0
    for (const [key, value] of await readEntries(level, place, from)) {
      const sequence = sequenceIn(key, place)
      if (sequence <= head.snapshotSequence) {
        if (peekKind(value) === "body") continue
        feedRecords++
      }
      tail.push(decodeRecord(value, { document, sequence }))
    }
    if (feedRecords !== head.foldedFeedRecords) {
      throw corruptError(
        `the feed of "${document}"`,
        `${feedRecords} of its first ${head.foldedFeedRecords} records are left`,
      )
    }
    checkGapFree(head, tail, { after: head.snapshotSequence, from: feedRecords })
    return { head, snapshot, tail }
  })
}

/** Read one record, if it is kept by itself. */
export async function readRecord(
  level: Level,
  document: DocumentId,
  sequence: Sequence,
): Promise<StoredRecord | undefined> {
  const value = await level.get(sequenceKey(Range.Record, keyId(document), sequence), {})
  return value === undefined ? undefined : decodeRecord(value, { document, sequence })
}

/** Read all records after a sequence; `undefined` if that is beyond the head or they are not all kept. */
export async function readAfter(
  level: Level,
  document: DocumentId,
  after: Sequence,
): Promise<readonly StoredRecord[] | undefined> {
  return await viewing(level, async (snapshot) => {
    const place: Place = { document, id: keyId(document), snapshot }
    const head = await readHead(level, place)
    if (head === undefined) return after === 0 ? [] : undefined
    if (after > head.sequence || after + 1 < head.retainedFrom) return undefined
    const records = (await readEntries(level, place, after + 1)).map(([key, value]) =>
      decodeRecord(value, { document, sequence: sequenceIn(key, place) }),
    )
    checkGapFree(head, records, { after, from: 0 })
    return records
  })
}

/** A document with every record that is still kept one by one, for folding. */
export interface FoldableDocument {
  readonly head: DocumentHead
  readonly snapshot: Snapshot | undefined
  /** Every record from `head.retainedFrom` to the head, in order. */
  readonly retained: readonly RawRecord[]
}

/** Read what compaction needs. `undefined` if the document was never written. */
export async function readFoldable(level: Level, document: DocumentId): Promise<FoldableDocument | undefined> {
  return await viewing(level, async (view) => {
    const place: Place = { document, id: keyId(document), snapshot: view }
    const head = await readHead(level, place)
    if (head === undefined) return undefined
    const snapshot = await readSnapshot(level, place, head)
    const retained = (await readEntries(level, place, head.retainedFrom)).map(([key, value]) => ({
      value,
      record: decodeRecord(value, { document, sequence: sequenceIn(key, place) }),
    }))
    const records = retained.map((raw) => raw.record)
    checkGapFree(head, records, { after: asSequence(head.retainedFrom - 1), from: 0 })
    return { head, snapshot, retained }
  })
}

/** Whose values are read, and as of which moment. */
interface Place {
  readonly document: DocumentId
  readonly id: Uint8Array
  readonly snapshot: AbstractSnapshot
}

async function viewing<T>(level: Level, work: (snapshot: AbstractSnapshot) => Promise<T>): Promise<T> {
  const snapshot = level.snapshot()
  try {
    return await work(snapshot)
  } finally {
    await snapshot.close()
  }
}

/** The head; without one, nothing else of the document may be there either. */
async function readHead(level: Level, place: Place): Promise<DocumentHead | undefined> {
  const value = await level.get(documentKey(Range.Head, place.id), { snapshot: place.snapshot })
  if (value !== undefined) return decodeHead(value, place.document)
  for (const range of [Range.Record, Range.Snapshot] as const) {
    const bounds = sequenceBounds(range, place.id, 0)
    const remains = await level.iterator({ ...bounds, limit: 1, snapshot: place.snapshot }).all()
    if (remains.length > 0) throw corruptError(`the head of "${place.document}"`, "it is missing")
  }
  return undefined
}

async function readSnapshot(level: Level, place: Place, head: DocumentHead): Promise<Snapshot | undefined> {
  if (head.snapshotSequence === 0) return undefined
  const snapshotPlace = { document: place.document, sequence: head.snapshotSequence }
  const key = sequenceKey(Range.Snapshot, place.id, head.snapshotSequence)
  const value = await level.get(key, { snapshot: place.snapshot })
  if (value === undefined) throw missingSnapshot(snapshotPlace)
  return decodeSnapshot(value, snapshotPlace)
}

function readEntries(level: Level, place: Place, from: number): Promise<Entry[]> {
  const bounds = sequenceBounds(Range.Record, place.id, from)
  return level.iterator({ ...bounds, snapshot: place.snapshot, highWaterMarkBytes: TRIP_BYTES }).all()
}

function sequenceIn(key: Uint8Array, place: Place): Sequence {
  const sequence = sequenceOf(key)
  if (sequence === undefined) throw corruptError(`a record of "${place.document}"`, "its key is not one of ours")
  return sequence
}

/** Every sequence after `after` up to the head, once each, and the last one is the head's own. */
function checkGapFree(
  head: DocumentHead,
  records: readonly StoredRecord[],
  part: { readonly after: Sequence; readonly from: number },
): void {
  let expected = part.after + 1
  for (let i = part.from; i < records.length; i++) {
    const record = records[i]
    if (record?.sequence !== expected) throw missingRecord({ document: head.document, sequence: expected })
    expected++
  }
  if (expected <= head.sequence) throw missingRecord({ document: head.document, sequence: expected })
  if (expected > head.sequence + 1) throw staleHead(head, expected - 1)
  const last = records.length > part.from ? records.at(-1) : undefined
  if (last !== undefined && last.checksum !== head.checksum) {
    throw corruptError(`the head of "${head.document}"`, `it names another record ${head.sequence} than the one stored`)
  }
}

function staleHead(head: DocumentHead, found: number): Error {
  return corruptError(
    `the head of "${head.document}"`,
    `it ends at record ${head.sequence}, but record ${found} is there`,
  )
}
