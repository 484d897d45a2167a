import { asSequence, type DocumentId, type Sequence } from "@quire/base"
import { corruptError } from "./errors.js"
import type { Snapshot, StoredRecord } from "./log.js"
import { decodeRecord } from "./record.js"
import { BYTES_PREFIX_BYTES, SEAL_BYTES, SealReader, SealWriter } from "./sealed.js"

/*
 * What compaction writes: the snapshot, the history chunk with the records it folded away, and what they tell of
 * authorship. FORMAT.md, "Snapshots", "History chunks", "Authorship".
 */

/** Version of the snapshot layout. */
export const SNAPSHOT_VERSION = 1
/** Version of the history chunk layout. */
export const CHUNK_VERSION = 1
/** Version of the authorship layout. */
export const AUTHORSHIP_VERSION = 1

/** Whose value it is, and the sequence in its key. */
export interface FoldedPlace {
  readonly document: DocumentId
  readonly sequence: Sequence
}

/** Records that were folded away, for history. */
export interface HistoryChunk {
  /** First sequence the chunk speaks for. */
  readonly first: Sequence
  /** Last sequence the chunk speaks for; its key. */
  readonly last: Sequence
  /** Every body record from `first` to `last`, in order. Feed records stay where they were. */
  readonly records: readonly StoredRecord[]
}

/** Who wrote what, as the fold told it. */
export interface AuthorshipPart {
  /** First sequence it speaks for. */
  readonly first: Sequence
  /** Last sequence it speaks for: the snapshot's; its key. */
  readonly last: Sequence
  /** The fold's own bytes. */
  readonly authorship: Uint8Array
}

/** Bytes of a snapshot as policies count them. */
export function snapshotBytes(snapshot: Omit<Snapshot, "sequence">): number {
  return snapshot.update.length + snapshot.stateVector.length + snapshot.deleteSet.length
}

/** The stored bytes of a snapshot. */
export function encodeSnapshot(snapshot: Snapshot): Uint8Array {
  const writer = new SealWriter(SNAPSHOT_VERSION, 8 + 3 * BYTES_PREFIX_BYTES + snapshotBytes(snapshot))
  writer.u53(snapshot.sequence)
  writer.bytes(snapshot.update)
  writer.bytes(snapshot.stateVector)
  writer.bytes(snapshot.deleteSet)
  return writer.seal().value
}

/** Read a snapshot back; its parts are views of `value`. Throws `QUIRE_STORAGE_CORRUPT` unless it is that one. */
export function decodeSnapshot(value: Uint8Array, place: FoldedPlace): Snapshot {
  const reader = new SealReader(value, SNAPSHOT_VERSION, () => snapshotPlace(place))
  const sequence = reader.u53()
  if (sequence !== place.sequence) throw reader.corrupt(`its bytes are those of snapshot ${sequence}`)
  const update = reader.bytes()
  const stateVector = reader.bytes()
  const deleteSet = reader.bytes()
  reader.end()
  return { sequence: asSequence(sequence), update, stateVector, deleteSet }
}

/** The error for a snapshot that should be there. */
export function missingSnapshot(place: FoldedPlace): Error {
  return corruptError(snapshotPlace(place), "it is missing")
}

/** The stored bytes of a history chunk. @param records stored bytes of its records, in order. */
export function encodeChunk(first: Sequence, last: Sequence, records: readonly Uint8Array[]): Uint8Array {
  const size = records.reduce((sum, record) => sum + BYTES_PREFIX_BYTES + record.length, 8 + 8 + 4)
  const writer = new SealWriter(CHUNK_VERSION, size)
  writer.u53(first)
  writer.u53(last)
  writer.u32(records.length)
  for (const record of records) writer.bytes(record)
  return writer.seal().value
}

/** Read a history chunk back. Throws `QUIRE_STORAGE_CORRUPT` unless it is that one, whole and in order. */
export function decodeChunk(value: Uint8Array, place: FoldedPlace): HistoryChunk {
  const reader = new SealReader(value, CHUNK_VERSION, () => `history chunk ${place.sequence} of "${place.document}"`)
  const first = reader.u53()
  const last = reader.u53()
  if (last !== place.sequence || first > last)
    throw reader.corrupt(`its bytes are those of records ${first} to ${last}`)
  const count = reader.u32()
  const records: StoredRecord[] = []
  let previous = first - 1
  for (let i = 0; i < count; i++) {
    const bytes = reader.bytes()
    const sequence = innerSequence(bytes)
    if (sequence === undefined || sequence <= previous || sequence > last) {
      throw reader.corrupt(`record ${sequence ?? "?"} stands after record ${previous}`)
    }
    records.push(decodeRecord(bytes, { document: place.document, sequence: asSequence(sequence) }))
    previous = sequence
  }
  reader.end()
  return { first: asSequence(first), last: asSequence(last), records }
}

/** The stored bytes of what a fold told of authorship. */
export function encodeAuthorship(part: AuthorshipPart): Uint8Array {
  const writer = new SealWriter(AUTHORSHIP_VERSION, 8 + 8 + BYTES_PREFIX_BYTES + part.authorship.length)
  writer.u53(part.first)
  writer.u53(part.last)
  writer.bytes(part.authorship)
  return writer.seal().value
}

/** Read authorship back. Throws `QUIRE_STORAGE_CORRUPT` unless it is that part. */
export function decodeAuthorship(value: Uint8Array, place: FoldedPlace): AuthorshipPart {
  const reader = new SealReader(value, AUTHORSHIP_VERSION, () => `authorship ${place.sequence} of "${place.document}"`)
  const first = reader.u53()
  const last = reader.u53()
  if (last !== place.sequence || first > last) throw reader.corrupt(`its bytes are those of ${first} to ${last}`)
  const authorship = reader.bytes()
  reader.end()
  return { first: asSequence(first), last: asSequence(last), authorship }
}

/** The sequence a stored record states: 8 bytes behind version and kind. The record's own seal vouches for it. */
function innerSequence(record: Uint8Array): number | undefined {
  if (record.length < SEAL_BYTES + 9) return undefined
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength)
  return view.getUint32(2) * 2 ** 32 + view.getUint32(6)
}

function snapshotPlace(place: FoldedPlace): string {
  return `snapshot ${place.sequence} of "${place.document}"`
}
