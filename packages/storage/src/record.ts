import { asClientId, asSequence, asUserId, type DocumentId, type Sequence } from "@quire/base"
import { corruptError } from "./errors.js"
import type { NewRecord, RecordKind, StoredRecord } from "./log.js"
import { BYTES_PREFIX_BYTES, SealReader, SealWriter, TEXT_PREFIX_BYTES } from "./sealed.js"

/** Version of the record layout. FORMAT.md, "Records". */
export const RECORD_VERSION = 1

/** Longest author, bytes of UTF-8: what fits its 2-byte length. */
const AUTHOR_MAX_BYTES = 0xffff
/** Largest payload. Far above any limit of the server; keeps a record inside one buffer and one 4-byte length. */
const PAYLOAD_MAX_BYTES = 2 ** 30

const BODY = 1
const FEED = 2
const KIND_AT = 1

/** kind, sequence, batch, time, client id, schema. */
const FIXED_BYTES = 1 + 8 + 8 + 8 + 8 + 4

/** Say what is wrong with a record that somebody wants to append. Afterwards `encodeRecord` cannot fail. */
export function checkNewRecord(record: NewRecord): void {
  if (record.kind !== "body" && record.kind !== "feed") {
    throw new TypeError(`a record's kind is "${String(record.kind)}", known are "body" and "feed"`)
  }
  checkWhole("sequence", record.sequence, 1, Number.MAX_SAFE_INTEGER)
  checkWhole("timeMs", record.timeMs, 0, Number.MAX_SAFE_INTEGER)
  checkWhole("clientId", record.clientId, 0, Number.MAX_SAFE_INTEGER)
  checkWhole("schema", record.schema, 0, 0xffffffff)
  const authorBytes = Buffer.byteLength(record.author)
  if (authorBytes > AUTHOR_MAX_BYTES) {
    throw new TypeError(`a record's author is ${authorBytes} bytes, limit ${AUTHOR_MAX_BYTES}`)
  }
  if (record.payload.length > PAYLOAD_MAX_BYTES) {
    throw new TypeError(`a record's payload is ${record.payload.length} bytes, limit ${PAYLOAD_MAX_BYTES}`)
  }
}

/** The stored bytes of a record and their checksum. @param batch number of the batch it is written in. */
export function encodeRecord(
  record: NewRecord,
  batch: number,
): { readonly value: Uint8Array; readonly checksum: number } {
  const authorBytes = Buffer.byteLength(record.author)
  const size = FIXED_BYTES + TEXT_PREFIX_BYTES + authorBytes + BYTES_PREFIX_BYTES + record.payload.length
  const writer = new SealWriter(RECORD_VERSION, size)
  writer.u8(record.kind === "body" ? BODY : FEED)
  writer.u53(record.sequence)
  writer.u53(batch)
  writer.u53(record.timeMs)
  writer.u53(record.clientId)
  writer.u32(record.schema)
  writer.text(record.author, authorBytes)
  writer.bytes(record.payload)
  return writer.seal()
}

/**
 * Read a record back. Its payload is a view of `value`.
 *
 * @param place whose record it must be: the document, for messages, and the sequence its key says.
 * @throws StorageError `QUIRE_STORAGE_CORRUPT` unless these are the bytes of that very record.
 */
export function decodeRecord(
  value: Uint8Array,
  place: { readonly document: DocumentId; readonly sequence: Sequence },
): StoredRecord {
  const reader = new SealReader(value, RECORD_VERSION, () => recordPlace(place))
  const kindByte = reader.u8()
  if (kindByte !== BODY && kindByte !== FEED) throw reader.corrupt(`its kind is ${kindByte}, known are 1 and 2`)
  const sequence = reader.u53()
  if (sequence !== place.sequence) throw reader.corrupt(`its bytes are those of record ${sequence}`)
  const batch = reader.u53()
  const timeMs = reader.u53()
  const clientId = reader.u53()
  const schema = reader.u32()
  const author = reader.text()
  const payload = reader.bytes()
  reader.end()
  return {
    sequence: asSequence(sequence),
    kind: kindByte === BODY ? "body" : "feed",
    author: asUserId(author),
    clientId: asClientId(clientId),
    timeMs,
    schema,
    payload,
    batch,
    checksum: reader.checksum,
  }
}

/** What a stored record says its kind is, unverified: enough to pass over records that are not wanted. */
export function peekKind(value: Uint8Array): RecordKind | undefined {
  const kindByte = value[KIND_AT]
  return kindByte === BODY ? "body" : kindByte === FEED ? "feed" : undefined
}

/** The error for a record that should be there. */
export function missingRecord(place: { readonly document: DocumentId; readonly sequence: number }): Error {
  return corruptError(recordPlace(place), "it is missing")
}

function recordPlace(place: { readonly document: DocumentId; readonly sequence: number }): string {
  return `record ${place.sequence} of "${place.document}"`
}

function checkWhole(name: string, value: number, from: number, to: number): void {
  if (!Number.isSafeInteger(value) || value < from || value > to) {
    throw new TypeError(`a record's ${name} is ${value}, not a whole number from ${from} to ${to}`)
  }
}
