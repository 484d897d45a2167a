import type { ResumeToken } from "@quire/protocol"

/**
 * A durable copy of one document's ydoc on this device, as a port. It is a log of updates, in any order, and a little
 * that is known of them. Several pages may load and write one copy at the same time: updates merge in any order and any
 * number of times, so nobody has to be the only writer.
 */
export interface DeviceCopy {
  /** What is there. Called once, first. Rejects if it cannot be read; the document then goes on without. */
  load(): Promise<LoadedCopy>
  /**
   * Adds to the copy, all or nothing. Resolves once it would survive the end of the browser. One at a time.
   *
   * @throws QuireError `QUIRE_COPY_EVICTED` if the copy was taken away since it was loaded or written: nothing was
   *   added, and the next batch must hold everything.
   */
  write(batch: CopyBatch): Promise<void>
  /**
   * Takes the copy off the device, unless edits of other writers wait in it. Nothing is written after it. A
   * port without this keeps its copies.
   *
   * @param writers those whose edits nobody needs here any more.
   */
  forget?(writers: readonly number[]): Promise<void>
  /** Calls `lost` when what was written is gone from the device: everything has to be written anew. @returns the undo. */
  subscribe(lost: () => void): () => void
}

/** What a copy held when it was loaded. */
export interface LoadedCopy {
  /** Updates that make the copy, in any order; empty if nothing was ever written in the document, or it is unknown. */
  readonly updates: readonly Uint8Array[]
  /** True if the document has been in sync with a server on this device: the copy may be shown as the document. */
  readonly isKnown: boolean
  /** A point in the room's log up to which the copy holds everything, if one is known. */
  readonly resume: ResumeToken | undefined
  /** Edits in the copy that no server has acknowledged, by the page that made them. */
  readonly waiting: readonly WaitingEdits[]
}

/** One page's edits that no server has acknowledged. */
export interface WaitingEdits {
  /** The page: its ydoc's client id. */
  readonly writer: number
  /** Local transactions. */
  readonly edits: number
  /** Grows with every edit of this writer: two counts with the same are about the same edits, or one knows more. */
  readonly through: number
}

/** What is written at once. */
export interface CopyBatch {
  /** Updates to add; none if only what is known of them has changed. */
  readonly updates: readonly Uint8Array[]
  /** True if `updates` is one that holds all that was loaded from or written to this port: they may be dropped. */
  readonly isWhole: boolean
  /** True to remember that the document is known. */
  readonly isKnown: boolean
  /** Replaces the point to resume from; `undefined` leaves it. */
  readonly resume: ResumeToken | undefined
  /** Replaces this writer's count; 0 edits remove it. */
  readonly own: WaitingEdits
  /** Counts that were loaded and are acknowledged now. Each is removed, unless its writer has edited since. */
  readonly settled: readonly WaitingEdits[]
}
