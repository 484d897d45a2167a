import { createHash } from "node:crypto"
import { asSequence, type DocumentId, type Sequence } from "@quire/base"

/*
 * Where things lie in the level. A key is one byte naming its range, then a document's 16-byte id, then, where there
 * is one, a sequence as 8 bytes big-endian: so keys of one document lie together and in the order of its sequences,
 * whatever people name their documents. See FORMAT.md, "Keys".
 */

/** First byte of every key of a range. */
export const Range = {
  /** One value about the whole store. */
  Mark: 0x01,
  /** One head a document. */
  Head: 0x10,
  /** Records, by sequence. */
  Record: 0x20,
  /** The snapshot, by its sequence. */
  Snapshot: 0x30,
  /** History chunks, by the last sequence in each. */
  History: 0x40,
  /** Authorship, by the sequence of the snapshot made with it. */
  Authorship: 0x50,
  /** One catalogue entry a document. */
  Catalogue: 0x60,
  /** The directory: by kind and id, audit entries by subject and number. */
  Directory: 0x70,
} as const

/** Whether a key may begin with this byte. */
export function isRange(first: number): boolean {
  return Object.values<number>(Range).includes(first)
}

/** One of the ranges that hold something for each document. */
export type DocumentRange = typeof Range.Head | typeof Range.Catalogue
/** One of the ranges ordered by sequence. */
export type SequenceRange = typeof Range.Record | typeof Range.Snapshot | typeof Range.History | typeof Range.Authorship

/** Bytes of a document's id in keys. */
export const KEY_ID_BYTES = 16

const SEQUENCE_AT = 1 + KEY_ID_BYTES
const LONG_KEY_BYTES = SEQUENCE_AT + 8

/** A document's id in keys: the first 16 bytes of the SHA-256 of its name in UTF-8. */
export function keyId(document: DocumentId): Uint8Array {
  return createHash("sha256").update(document, "utf8").digest().subarray(0, KEY_ID_BYTES)
}

/** The key of the store's mark. */
export function markKey(): Uint8Array {
  return Uint8Array.of(Range.Mark)
}

/** The key of what a range holds for a document. @param id as `keyId` gives it. */
export function documentKey(range: DocumentRange, id: Uint8Array): Uint8Array {
  const key = new Uint8Array(SEQUENCE_AT)
  key[0] = range
  key.set(id, 1)
  return key
}

/** The key of what a range holds for a document at a sequence, 0 to 2^53 − 1. */
export function sequenceKey(range: SequenceRange, id: Uint8Array, sequence: number): Uint8Array {
  const key = new Uint8Array(LONG_KEY_BYTES)
  key[0] = range
  key.set(id, 1)
  let rest = sequence
  for (let at = LONG_KEY_BYTES - 1; at >= SEQUENCE_AT; at--) {
    key[at] = rest & 0xff
    rest = Math.floor(rest / 256)
  }
  return key
}

/** The sequence in a key that `sequenceKey` made, or `undefined` if it is none of those. */
export function sequenceOf(key: Uint8Array): Sequence | undefined {
  if (key.length !== LONG_KEY_BYTES) return undefined
  let sequence = 0
  for (let at = SEQUENCE_AT; at < LONG_KEY_BYTES; at++) sequence = sequence * 256 + (key[at] ?? 0)
  return Number.isSafeInteger(sequence) ? asSequence(sequence) : undefined
}

/** The bounds of a document's part of a range, from a sequence on. Both ends are included. */
export function sequenceBounds(
  range: SequenceRange,
  id: Uint8Array,
  from: number,
): { readonly gte: Uint8Array; readonly lte: Uint8Array } {
  const last = sequenceKey(range, id, 0)
  last.fill(0xff, SEQUENCE_AT)
  return { gte: sequenceKey(range, id, from), lte: last }
}

/** The bounds of a whole range of documents. */
export function rangeBounds(range: DocumentRange): { readonly gte: Uint8Array; readonly lt: Uint8Array } {
  return { gte: Uint8Array.of(range), lt: Uint8Array.of(range + 1) }
}
