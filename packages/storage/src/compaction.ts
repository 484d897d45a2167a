import { asSequence, type Sequence } from "@quire/base"
import type { DocumentHead, StoredRecord } from "./log.js"

/*
 * When to compact, and what becomes of the records then: pure decisions. `compactor.ts` carries them out.
 */

/** When a tail is long enough to be folded, and how much of it stays readable. */
export interface CompactionThresholds {
  /** Fold a tail of at least this many bytes that is also at least as large as the snapshot. */
  readonly tailBytes: number
  /** Fold a tail of at least this many records, whatever its size. */
  readonly tailRecords: number
  /** Of the records folded, the newest this many bytes stay readable one by one, for clients that resume. */
  readonly retainedBytes: number
}

/**
 * Tail against snapshot: each fold rewrites the snapshot, so waiting until the tail is as large keeps the bytes written
 * within a constant times those typed. 2,000 records: what a cold load should still merge within its time.
 */
export const COMPACTION: CompactionThresholds = {
  tailBytes: 64 * 1024,
  tailRecords: 2_000,
  retainedBytes: 64 * 1024,
}

/**
 * After a fold a document rests this many times as long as the fold took: whoever types without end has at most a
 * twentieth of a core folded away.
 */
export const FOLD_REST_TIMES = 20
/** A tail so many times longer than the thresholds is folded without rest: who opens the document must merge it. */
export const URGENT_TIMES = 8

/** First wait before a document that could not be folded is tried again, and the longest. */
export const COMPACTION_RETRY_FIRST_MS = 60_000
/** See `COMPACTION_RETRY_FIRST_MS`; doubles up to this. */
export const COMPACTION_RETRY_LONGEST_MS = 3_600_000

/** Whether a document's tail is so long that it is folded although the last fold was a moment ago. */
export function isUrgent(head: DocumentHead, thresholds: CompactionThresholds): boolean {
  const { tailBytes, tailRecords, retainedBytes } = thresholds
  return shouldCompact(
    { ...head, snapshotBytes: head.snapshotBytes * URGENT_TIMES },
    { tailBytes: tailBytes * URGENT_TIMES, tailRecords: tailRecords * URGENT_TIMES, retainedBytes },
  )
}

/** Whether a document's tail is long enough to be folded. */
export function shouldCompact(head: DocumentHead, thresholds: CompactionThresholds): boolean {
  if (head.tailRecords === 0) return false
  return (
    head.tailRecords >= thresholds.tailRecords || head.tailBytes >= Math.max(thresholds.tailBytes, head.snapshotBytes)
  )
}

/** What a fold does with the records that were kept one by one. */
export interface FoldPlan {
  /** The new snapshot's sequence: the head when the fold began. */
  readonly foldedThrough: Sequence
  /** First sequence that stays readable one by one. */
  readonly retainedFrom: Sequence
  /** Body records that the snapshot takes up. */
  readonly foldedRecords: number
  /** Their stored bytes. */
  readonly foldedBytes: number
  /** Feed records that the snapshot passes over; they stay where they are. */
  readonly passedFeedRecords: number
}

/**
 * Decide what a fold does.
 *
 * @param head the head when the fold began.
 * @param retained every record from `head.retainedFrom` to the head, with its stored bytes.
 */
export function planFold(
  head: DocumentHead,
  retained: readonly { readonly record: StoredRecord; readonly value: Uint8Array }[],
  thresholds: CompactionThresholds,
): FoldPlan {
  let foldedRecords = 0
  let foldedBytes = 0
  let passedFeedRecords = 0
  for (const { record, value } of retained) {
    if (record.sequence <= head.snapshotSequence) continue
    if (record.kind === "feed") passedFeedRecords++
    else {
      foldedRecords++
      foldedBytes += value.length
    }
  }
  let retainedFrom = head.sequence + 1
  let keptBytes = 0
  for (let i = retained.length - 1; i >= 0; i--) {
    const raw = retained[i]
    if (raw === undefined) break
    if (raw.record.kind === "body") keptBytes += raw.value.length
    if (keptBytes > thresholds.retainedBytes) break
    retainedFrom = raw.record.sequence
  }
  return {
    foldedThrough: head.sequence,
    retainedFrom: asSequence(retainedFrom),
    foldedRecords,
    foldedBytes,
    passedFeedRecords,
  }
}

/**
 * The head once a fold is written. Records may have been appended since it began: they are the new tail.
 *
 * @param head the head now.
 */
export function headAfterFold(
  head: DocumentHead,
  plan: FoldPlan,
  written: { readonly snapshotBytes: number; readonly batch: number },
): DocumentHead {
  return {
    ...head,
    snapshotSequence: plan.foldedThrough,
    snapshotBytes: written.snapshotBytes,
    retainedFrom: plan.retainedFrom,
    foldedFeedRecords: head.foldedFeedRecords + plan.passedFeedRecords,
    tailRecords: head.tailRecords - plan.foldedRecords,
    tailBytes: head.tailBytes - plan.foldedBytes,
    batch: written.batch,
  }
}
