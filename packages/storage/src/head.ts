import { asSequence, type DocumentId } from "@quire/base"
import { corruptError } from "./errors.js"
import type { DocumentHead, DocumentKind, DocumentOrigin, NewRecord } from "./log.js"
import { SealReader, SealWriter, TEXT_PREFIX_BYTES } from "./sealed.js"

/** Version of the head layout. FORMAT.md, "Heads". */
export const HEAD_VERSION = 1

const EPOCH_BYTES = 8
const EPOCH = /^[0-9a-f]{16}$/
const PAGE = 1
const PLAIN = 2

/** kind, epoch, 8 numbers of 8 bytes, 4 of 4. */
const FIXED_BYTES = 1 + EPOCH_BYTES + 8 * 8 + 4 * 4

/** A document's kind as a byte. */
export function kindByte(kind: DocumentKind): number {
  return kind === "page" ? PAGE : PLAIN
}

/** The kind that a byte stands for, if any. */
export function kindOfByte(byte: number): DocumentKind | undefined {
  return byte === PAGE ? "page" : byte === PLAIN ? "plain" : undefined
}

/** Say what is wrong with the origin of a document about to be born. */
export function checkOrigin(origin: DocumentOrigin): void {
  if (!EPOCH.test(origin.epoch)) throw new TypeError(`an epoch is "${origin.epoch}", not 16 hexadecimal digits`)
  if (origin.kind !== "page" && origin.kind !== "plain") {
    throw new TypeError(`a document's kind is "${String(origin.kind)}", known are "page" and "plain"`)
  }
  if (!Number.isSafeInteger(origin.createdMs) || origin.createdMs < 0) {
    throw new TypeError(`a document's createdMs is ${origin.createdMs}, not a whole number from 0`)
  }
}

/** The head of a document that has no records yet; never stored as it is. */
export function bornHead(document: DocumentId, origin: DocumentOrigin): DocumentHead {
  return {
    document,
    kind: origin.kind,
    epoch: origin.epoch,
    createdMs: origin.createdMs,
    changedMs: 0,
    sequence: asSequence(0),
    checksum: 0,
    schema: 0,
    snapshotSequence: asSequence(0),
    snapshotBytes: 0,
    retainedFrom: asSequence(1),
    foldedFeedRecords: 0,
    tailRecords: 0,
    tailBytes: 0,
    batch: 0,
  }
}

/** The head after one more record. */
export function headAfter(
  head: DocumentHead,
  record: NewRecord,
  stored: { readonly checksum: number; readonly sizeBytes: number; readonly batch: number },
): DocumentHead {
  const isBody = record.kind === "body"
  return {
    document: head.document,
    kind: head.kind,
    epoch: head.epoch,
    createdMs: head.createdMs,
    changedMs: Math.max(head.changedMs, record.timeMs),
    sequence: record.sequence,
    checksum: stored.checksum,
    schema: Math.max(head.schema, record.schema),
    snapshotSequence: head.snapshotSequence,
    snapshotBytes: head.snapshotBytes,
    retainedFrom: head.retainedFrom,
    foldedFeedRecords: head.foldedFeedRecords,
    tailRecords: isBody ? head.tailRecords + 1 : head.tailRecords,
    tailBytes: isBody ? head.tailBytes + stored.sizeBytes : head.tailBytes,
    batch: stored.batch,
  }
}

/** The stored bytes of a head. */
export function encodeHead(head: DocumentHead): Uint8Array {
  const nameBytes = Buffer.byteLength(head.document)
  const writer = new SealWriter(HEAD_VERSION, FIXED_BYTES + TEXT_PREFIX_BYTES + nameBytes)
  writer.u8(kindByte(head.kind))
  writer.raw(Buffer.from(head.epoch, "hex"))
  writer.u53(head.createdMs)
  writer.u53(head.changedMs)
  writer.u53(head.sequence)
  writer.u53(head.snapshotSequence)
  writer.u53(head.snapshotBytes)
  writer.u53(head.retainedFrom)
  writer.u53(head.tailBytes)
  writer.u53(head.batch)
  writer.u32(head.checksum)
  writer.u32(head.schema)
  writer.u32(head.foldedFeedRecords)
  writer.u32(head.tailRecords)
  writer.text(head.document, nameBytes)
  return writer.seal().value
}

/**
 * Read a head back.
 *
 * @param document whose it must be; left out when all heads are listed.
 * @throws StorageError `QUIRE_STORAGE_CORRUPT` unless these are the bytes of that document's head.
 */
export function decodeHead(value: Uint8Array, document?: DocumentId): DocumentHead {
  const place = (): string => headPlace(document)
  const reader = new SealReader(value, HEAD_VERSION, place)
  const byte = reader.u8()
  const kind = kindOfByte(byte)
  if (kind === undefined) throw reader.corrupt(`its kind is ${byte}, known are 1 and 2`)
  const epoch = Buffer.from(reader.raw(EPOCH_BYTES)).toString("hex")
  const createdMs = reader.u53()
  const changedMs = reader.u53()
  const sequence = asSequence(reader.u53())
  const snapshotSequence = asSequence(reader.u53())
  const snapshotBytes = reader.u53()
  const retainedFrom = asSequence(reader.u53())
  const tailBytes = reader.u53()
  const batch = reader.u53()
  const checksum = reader.u32()
  const schema = reader.u32()
  const foldedFeedRecords = reader.u32()
  const tailRecords = reader.u32()
  const name = reader.text() as DocumentId // written by encodeHead from one; checked just below
  reader.end()
  if (document !== undefined && name !== document) throw corruptError(place(), `its bytes are those of "${name}"`)
  if (sequence < 1 || snapshotSequence > sequence || retainedFrom < 1 || retainedFrom > snapshotSequence + 1) {
    throw corruptError(
      headPlace(name),
      `sequence ${sequence}, snapshot ${snapshotSequence} and first record ${retainedFrom} do not fit together`,
    )
  }
  return {
    document: name,
    kind,
    epoch,
    createdMs,
    changedMs,
    sequence,
    checksum,
    schema,
    snapshotSequence,
    snapshotBytes,
    retainedFrom,
    foldedFeedRecords,
    tailRecords,
    tailBytes,
    batch,
  }
}

function headPlace(document: DocumentId | undefined): string {
  return document === undefined ? "the head of a document" : `the head of "${document}"`
}
