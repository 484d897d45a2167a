import type { ClientId, DocumentId, Sequence, UserId } from "@quire/base"

/** What a document is from birth: Quire's own schema, or any Yjs content, relayed and never interpreted. */
export type DocumentKind = "page" | "plain"

/** What a record belongs to: the document's ydoc, or its feed of comments, chat and activity. */
export type RecordKind = "body" | "feed"

/** What a document is from birth. Used by its first append, ignored by later ones. */
export interface DocumentOrigin {
  /** The document's kind, unless its catalogue entry says another: then the catalogue's holds. */
  readonly kind: DocumentKind
  /** The document's epoch: 16 lower-case hexadecimal digits. A rollback starts a new one. */
  readonly epoch: string
  /** When it was first written, in milliseconds since the epoch of Unix. */
  readonly createdMs: number
}

/** A record as its writer hands it in. */
export interface NewRecord {
  /** Its place in the document: exactly one more than the last record appended, queued ones included. */
  readonly sequence: Sequence
  /** What it belongs to. */
  readonly kind: RecordKind
  /** Who wrote it, at most 65,535 bytes of UTF-8; the empty string is nobody in particular. */
  readonly author: UserId
  /** The Yjs client that wrote it, 0 to 2^53 − 1. */
  readonly clientId: ClientId
  /** When the server took it, whole milliseconds since the epoch of Unix. */
  readonly timeMs: number
  /** Schema version of the author's client, 0 to 2^32 − 1; 0: none stated. */
  readonly schema: number
  /** The bytes: a Yjs update (v1) or a feed record. Not copied, so do not reuse it. At most 1 GiB. */
  readonly payload: Uint8Array
}

/** A record as the log keeps it. */
export interface StoredRecord extends NewRecord {
  /** Number of the batch that made it durable: 1, 2, 3 … over the whole store, never reused, gaps allowed. */
  readonly batch: number
  /** CRC-32 over header, author and payload, 0 to 2^32 − 1. Part of a resume token. */
  readonly checksum: number
}

/** A prefix of a document's body, folded into one update. */
export interface Snapshot {
  /** Every body record up to and with this sequence is in it. */
  readonly sequence: Sequence
  /** The folded update. */
  readonly update: Uint8Array
  /** The state vector of `update`. */
  readonly stateVector: Uint8Array
  /** The delete set of `update`. */
  readonly deleteSet: Uint8Array
}

/** What the log knows of a document without reading its records. A value: changes give a new one. */
export interface DocumentHead {
  /** The document's name. */
  readonly document: DocumentId
  /** What it is, from birth. */
  readonly kind: DocumentKind
  /** Its epoch, 16 lower-case hexadecimal digits. */
  readonly epoch: string
  /** When it was first written, milliseconds since the epoch of Unix. */
  readonly createdMs: number
  /** The latest `timeMs` among its records. */
  readonly changedMs: number
  /** Its last record's sequence; at least 1. */
  readonly sequence: Sequence
  /** Checksum of the record at `sequence`. */
  readonly checksum: number
  /** The highest `schema` among its records. */
  readonly schema: number
  /** Sequence of its snapshot; 0 if it has none. */
  readonly snapshotSequence: Sequence
  /** Bytes of its snapshot (update, state vector and delete set); 0 if it has none. */
  readonly snapshotBytes: number
  /** From this sequence on every record can be read one by one; 1 until a compaction moved some away. */
  readonly retainedFrom: Sequence
  /** Feed records at or before `snapshotSequence`. They are never folded, so `load` still returns them. */
  readonly foldedFeedRecords: number
  /** Body records after the snapshot. */
  readonly tailRecords: number
  /** Stored bytes of those, headers included. */
  readonly tailBytes: number
  /** Number of the batch that wrote this head. */
  readonly batch: number
}

/** A document as read from disk, every checksum and sequence verified. */
export interface LoadedDocument {
  /** Where the log ends. */
  readonly head: DocumentHead
  /** The folded prefix, if any was folded yet. */
  readonly snapshot: Snapshot | undefined
  /**
   * Every record after the snapshot, in order and gap-free; before those, every feed record the snapshot passed over
   * (so a feed is always whole, and its first records may be older than the snapshot).
   */
  readonly tail: readonly StoredRecord[]
}

/** What an append made durable. */
export interface Appended {
  /** The record's sequence. */
  readonly sequence: Sequence
  /** The record's checksum, as `StoredRecord` has it. */
  readonly checksum: number
}

/** Whether appends reach the disk. */
export type LogHealth =
  | { readonly kind: "ok" }
  | {
      readonly kind: "failing"
      /** What is wrong, in words for the operator. */
      readonly reason: string
      /** Since when, milliseconds since the epoch of Unix. */
      readonly sinceMs: number
    }

/** What is to be folded. */
export interface FoldInput {
  /** Whose it is. */
  readonly document: DocumentId
  /** What it is: plain documents are folded without collecting garbage. */
  readonly kind: DocumentKind
  /** The snapshot so far. */
  readonly snapshot: Snapshot | undefined
  /** The body records after it, in order; at least one. Feed records are not among them. */
  readonly records: readonly StoredRecord[]
}

/** A snapshot and what else the records told. */
export interface FoldResult {
  /** Snapshot and records as one update; never empty. */
  readonly update: Uint8Array
  /** The state vector of `update`. */
  readonly stateVector: Uint8Array
  /** The delete set of `update`. */
  readonly deleteSet: Uint8Array
  /** Who wrote what in these records (not in the snapshot before them); may be empty. */
  readonly authorship: Uint8Array
}

/** Folds a snapshot and the records after it into the next snapshot. Rejecting leaves everything as it was. */
export type Fold = (input: FoldInput) => Promise<FoldResult>

/** The durable log of every document. `test/contract.ts` is the suite that every implementation passes. */
export interface Log {
  /**
   * Read a document: its snapshot and what came after. Only what is durable is seen.
   *
   * @returns `undefined` if it was never written.
   * @throws StorageError `QUIRE_STORAGE_CORRUPT`, naming the document, if anything is missing or damaged: it never
   *   returns a wrong or empty document instead. `QUIRE_STORAGE_CLOSED` after `close`.
   */
  load(document: DocumentId): Promise<LoadedDocument | undefined>
  /**
   * Read one record, to check a resume token.
   *
   * @returns `undefined` if there is none at `sequence`, or if it is no longer kept by itself.
   * @throws StorageError as `load`.
   */
  record(document: DocumentId, sequence: Sequence): Promise<StoredRecord | undefined>
  /**
   * Read all records after `after` up to the head, of both kinds, in order, gap-free; none if `after` is the head
   * (0 for a document never written).
   *
   * @returns `undefined` if some of them are no longer kept one by one, or if `after` is beyond the head.
   * @throws StorageError as `load`.
   */
  read(document: DocumentId, after: Sequence): Promise<readonly StoredRecord[] | undefined>
  /**
   * Add a record. Resolves once it is on disk, so it is then safe to acknowledge. Appends to one document become
   * durable in call order; appends to several share a batch. While the disk refuses (see `getHealth`) the promise
   * stays pending: it neither resolves falsely nor rejects for trouble that may pass.
   *
   * @throws StorageError `QUIRE_STORAGE_SEQUENCE` if `record.sequence` is not the next one, and `TypeError` if a field
   *   is out of range (both the caller's mistake, nothing written); `QUIRE_STORAGE_CORRUPT` if the document is damaged;
   *   `QUIRE_STORAGE_CLOSED` after `close`; `QUIRE_STORAGE_FULL` or `QUIRE_STORAGE_FAILED` only when `close` gave up.
   */
  append(document: DocumentId, record: NewRecord, origin: DocumentOrigin): Promise<Appended>
  /** Whether appends reach the disk. The same object until it changes. */
  getHealth(): LogHealth
  /** Call `listener` whenever `getHealth` changes. Returns the undo. */
  subscribe(listener: () => void): () => void
  /**
   * Finish the appends in hand and let go of the folder. While the disk refuses, one last attempt is made, and what
   * it cannot write is rejected. Idempotent.
   */
  close(): Promise<void>
}
