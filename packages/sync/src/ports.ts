import type { ClientId, DocumentId, Sequence, UserId } from "@quire/base"
import type { CloseCode } from "@quire/protocol"
import type { Parcel } from "./parcel.js"

/**
 * What the rooms need of the world, beside Clock and Random. The shapes are those of `@quire/storage`; the
 * application plugs the real things in, tests their own.
 */

/** Fixed when a document is made: Quire's own schema, or any Yjs content, relayed and stored without being read. */
export type DocumentKind = "page" | "plain"

/** What a document is from birth; used by the first append, ignored by later ones. */
export interface DocumentOrigin {
  readonly kind: DocumentKind
  /** 16 hexadecimal digits: names this history of the document. */
  readonly epoch: string
  readonly createdMs: number
}

/** One entry of a document's log, before it is stored. */
export interface NewRecord {
  /** Exactly the log's head + 1. */
  readonly sequence: Sequence
  readonly kind: "body" | "feed"
  readonly author: UserId
  /** The ydoc the session announced, or 0 where it announced none. */
  readonly clientId: ClientId
  readonly timeMs: number
  /** Schema version of the author's client; 0 for none. */
  readonly schema: number
  /** A Yjs update, v1 encoding (body). */
  readonly payload: Uint8Array
}

/** An entry as it lies on disk. */
export interface StoredRecord extends NewRecord {
  /** CRC-32 of the record, 0 to 2^32 − 1. */
  readonly checksum: number
}

/** A log's prefix folded into one update. */
export interface Snapshot {
  /** The last sequence folded in. */
  readonly sequence: Sequence
  readonly update: Uint8Array
  readonly stateVector: Uint8Array
  /** An update without structs that repeats all deletions. */
  readonly deleteSet: Uint8Array
}

/** A document as loaded: the snapshot, and the records after it. */
export interface LoadedDocument {
  readonly head: {
    readonly kind: DocumentKind
    readonly epoch: string
    readonly sequence: Sequence
    readonly checksum: number
    readonly schema: number
    readonly createdMs: number
  }
  readonly snapshot: Snapshot | undefined
  readonly tail: readonly StoredRecord[]
}

/** Whether the store takes writes. */
export type LogHealth =
  | { readonly kind: "ok" }
  | { readonly kind: "failing"; readonly reason: string; readonly sinceMs: number }

/** The durable log of each document. */
export interface Log {
  /** Everything needed to serve a document, or `undefined` if it was never written. Rejects if it cannot be trusted. */
  load(document: DocumentId): Promise<LoadedDocument | undefined>
  /** One record, if it is still kept. */
  record(document: DocumentId, sequence: Sequence): Promise<StoredRecord | undefined>
  /** All records after a sequence, or `undefined` if some of them are kept no more. */
  read(document: DocumentId, after: Sequence): Promise<readonly StoredRecord[] | undefined>
  /**
   * Resolves once the record is on disk. Records of one document are written in the order of the calls; a failed write
   * never lets a later one pass, it is tried again. Rejects only when the log closes or the document cannot be trusted.
   */
  append(
    document: DocumentId,
    record: NewRecord,
    origin: DocumentOrigin,
  ): Promise<{ readonly sequence: Sequence; readonly checksum: number }>
  /** The same object until it changes. */
  getHealth(): LogHealth
  /** Called when the health changes. @returns the undo. */
  subscribe(listener: () => void): () => void
}

/** What the catalogue knows of a document that nobody has written to yet. */
export interface Documents {
  /** The kind the document was made with, or `undefined` if nobody made it. */
  kindOf(document: DocumentId): Promise<DocumentKind | undefined>
}

/** Work on update bytes that may be too slow for the thread that serves sockets. */
export interface Merging {
  /** One update with the content of all of them; of none, the empty update. */
  merge(updates: readonly Uint8Array[]): Promise<Uint8Array>
  /** The part of an update that a state vector lacks, with all its deletions. */
  difference(update: Uint8Array, stateVector: Uint8Array): Promise<Uint8Array>
  /** Splits an update into what can stand on the base and what builds on something nobody has sent. */
  separate(
    base: readonly Uint8Array[],
    update: Uint8Array,
  ): Promise<{ readonly whole: Uint8Array; readonly missing: Uint8Array }>
}

/** A transport to one client: a WebSocket, in production. */
export interface Link {
  /** Queue the messages, one WebSocket message each. Never throws; after `close` it does nothing. */
  send(parcel: Parcel): void
  /** Bytes queued here that the peer has not taken. */
  queuedBytes(): number
  /** Stop reading from the peer; frames already read may still arrive. */
  pause(): void
  /** Read again. */
  resume(): void
  /** Say why, and end. */
  close(code: CloseCode, reason: string): void
}

/** Where the cores report what an operator should know. Never called on the hot path of ordinary work. */
export interface Watch {
  /** @param event a stable dotted name. @param details values for the log line; no content of documents. */
  event(event: string, details: Readonly<Record<string, string | number | boolean>>): void
}
