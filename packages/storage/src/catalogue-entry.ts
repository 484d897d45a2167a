import type { DocumentId } from "@quire/base"
import { corruptError } from "./errors.js"
import { kindByte, kindOfByte } from "./head.js"
import type { DocumentKind } from "./log.js"
import { BYTES_PREFIX_BYTES, SealReader, SealWriter, TEXT_PREFIX_BYTES } from "./sealed.js"

/** Version of the catalogue entry layout. FORMAT.md, "Catalogue entries". */
export const CATALOGUE_VERSION = 1

/** Longest title, bytes of UTF-8. A title is a line, and all of them are read to list the library. */
export const TITLE_MAX_BYTES = 1024

/** A document as the library lists it. */
export interface CatalogueEntry {
  /** The document's name. */
  readonly document: DocumentId
  /** What it is. */
  readonly kind: DocumentKind
  /** What readers call it, at most `TITLE_MAX_BYTES`; the empty string if nobody named it. */
  readonly title: string
  /** When it was made, milliseconds since the epoch of Unix. */
  readonly createdMs: number
  /** When its title or its text last changed, milliseconds since the epoch of Unix. */
  readonly changedMs: number
}

/** Say what is wrong with a title or its time. */
export function checkTitle(title: string, timeMs: number): void {
  const sizeBytes = Buffer.byteLength(title)
  if (sizeBytes > TITLE_MAX_BYTES) throw new TypeError(`a title is ${sizeBytes} bytes, limit ${TITLE_MAX_BYTES}`)
  if (!Number.isSafeInteger(timeMs) || timeMs < 0) {
    throw new TypeError(`a title's timeMs is ${timeMs}, not a whole number from 0`)
  }
}

/** The stored bytes of an entry. */
export function encodeCatalogueEntry(entry: CatalogueEntry): Uint8Array {
  const title = Buffer.from(entry.title, "utf8")
  const nameBytes = Buffer.byteLength(entry.document)
  const size = 1 + 8 + 8 + BYTES_PREFIX_BYTES + title.length + TEXT_PREFIX_BYTES + nameBytes
  const writer = new SealWriter(CATALOGUE_VERSION, size)
  writer.u8(kindByte(entry.kind))
  writer.u53(entry.createdMs)
  writer.u53(entry.changedMs)
  writer.bytes(title)
  writer.text(entry.document, nameBytes)
  return writer.seal().value
}

/**
 * Read an entry back.
 *
 * @param document whose it must be; left out when all are listed.
 * @throws StorageError `QUIRE_STORAGE_CORRUPT` unless these are the bytes of that document's entry.
 */
export function decodeCatalogueEntry(value: Uint8Array, document?: DocumentId): CatalogueEntry {
  const place = (): string =>
    document === undefined ? "the catalogue entry of a document" : `the catalogue entry of "${document}"`
  const reader = new SealReader(value, CATALOGUE_VERSION, place)
  const byte = reader.u8()
  const kind = kindOfByte(byte)
  if (kind === undefined) throw reader.corrupt(`its kind is ${byte}, known are 1 and 2`)
  const createdMs = reader.u53()
  const changedMs = reader.u53()
  const title = reader.utf8(reader.bytes())
  const name = reader.text() as DocumentId // written by encodeCatalogueEntry from one; checked just below
  reader.end()
  if (document !== undefined && name !== document) throw corruptError(place(), `its bytes are those of "${name}"`)
  return { document: name, kind, title, createdMs, changedMs }
}
