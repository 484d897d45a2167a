import { asSequence, type Clock, type DocumentId } from "@quire/base"
import type { CommitQueue, Draft } from "./commit-queue.js"
import {
  COMPACTION_RETRY_FIRST_MS,
  COMPACTION_RETRY_LONGEST_MS,
  type CompactionThresholds,
  FOLD_REST_TIMES,
  type FoldPlan,
  headAfterFold,
  isUrgent,
  planFold,
  shouldCompact,
} from "./compaction.js"
import { type FoldableDocument, readFoldable } from "./document-reader.js"
import { corruptError } from "./errors.js"
import { encodeAuthorship, encodeChunk, encodeSnapshot, snapshotBytes } from "./folded.js"
import type { DocumentState } from "./heads.js"
import { Range, sequenceKey } from "./keys.js"
import type { Fold, FoldResult } from "./log.js"
import type { StorageReport } from "./report.js"
import type { Store } from "./store.js"

/** What a compactor works with. */
export interface CompactorOptions {
  readonly store: Store
  readonly queue: CommitQueue
  readonly fold: Fold
  readonly clock: Clock
  readonly thresholds: CompactionThresholds
  readonly onReport: (report: StorageReport) => void
}

/**
 * Folds long tails in the background, one document at a time. Appends never wait for a fold: what comes meanwhile is
 * the next tail. Everything a fold changes is one batch through the commit queue, so a stop at any point leaves the
 * document as it was before or as it is after.
 */
export class Compactor {
  readonly #options: CompactorOptions
  readonly #waiting = new Set<DocumentState>()
  /** Documents that failed, and when they may be tried again. */
  readonly #retries = new Map<DocumentId, { readonly atMs: number; readonly delayMs: number }>()
  /** Documents folded a moment ago, each with the undo of looking at it again. */
  readonly #resting = new Map<DocumentState, () => void>()
  #isRunning = false
  #isStopped = false

  constructor(options: CompactorOptions) {
    this.#options = options
  }

  /** Look at a document whose tail has just grown. Cheap; called after every batch. */
  consider(state: DocumentState): void {
    if (this.#isStopped || state.durable === undefined || state.refusal !== undefined) return
    if (!shouldCompact(state.durable, this.#options.thresholds) || this.#waiting.has(state)) return
    const retry = this.#retries.get(state.document)
    if (retry !== undefined && this.#options.clock.elapsed() < retry.atMs) return
    if (this.#resting.has(state) && !isUrgent(state.durable, this.#options.thresholds)) return
    this.#wake(state)
    state.uses++
    this.#waiting.add(state)
    if (!this.#isRunning) void this.#run()
  }

  /**
   * Begin no more folds. The result of one that still runs is dropped: the tail it would have folded is still there.
   */
  stop(): void {
    this.#isStopped = true
    for (const state of this.#resting.keys()) this.#wake(state)
  }

  /** Never rejects: each document's failure ends in a report. */
  async #run(): Promise<void> {
    this.#isRunning = true
    for (const state of this.#waiting) {
      if (this.#isStopped) break
      try {
        await this.#compact(state)
        this.#retries.delete(state.document)
      } catch (error) {
        if (!this.#isStopped) this.#putOff(state.document, error)
      }
      this.#waiting.delete(state)
      state.uses--
      this.consider(state) // it may have grown that long again meanwhile
    }
    this.#isRunning = false
  }

  /** Let a document be that has just been folded, and look at it again afterwards. */
  #rest(state: DocumentState, tookMs: number): void {
    if (tookMs <= 0) return
    state.uses++ // kept in memory meanwhile
    const cancel = this.#options.clock.schedule(FOLD_REST_TIMES * tookMs, () => {
      this.#wake(state)
      this.consider(state)
    })
    this.#resting.set(state, cancel)
  }

  #wake(state: DocumentState): void {
    const cancel = this.#resting.get(state)
    if (cancel === undefined) return
    cancel()
    this.#resting.delete(state)
    state.uses--
  }

  async #compact(state: DocumentState): Promise<void> {
    const { store, fold, thresholds, clock } = this.#options
    const startedAtMs = clock.elapsed()
    const document = await store.read((level) => readFoldable(level, state.document))
    if (document === undefined) throw corruptError(`the log of "${state.document}"`, "it is gone")
    const { head, snapshot, retained } = document
    const records = retained
      .map((raw) => raw.record)
      .filter((record) => record.kind === "body" && record.sequence > head.snapshotSequence)
    if (records.length === 0)
      throw corruptError(`the head of "${state.document}"`, "it counts a tail that is not there")
    const result = await fold({ document: head.document, kind: head.kind, snapshot, records })
    if (result.update.length === 0) throw new RangeError("the fold returned an empty update")
    if (this.#isStopped) return
    const plan = planFold(head, retained, thresholds)
    await this.#write(state, { document, result, plan })
    this.#rest(state, clock.elapsed() - startedAtMs)
  }

  #write(state: DocumentState, folded: Folded): Promise<void> {
    const operations = prepareFold(state, folded)
    return new Promise((resolve, reject) => {
      this.#options.queue.add({
        state,
        prepare: (draft: Draft): void => {
          operations(draft)
          if (state.head === undefined) return
          state.head = headAfterFold(state.head, folded.plan, {
            snapshotBytes: snapshotBytes(folded.result),
            batch: draft.batch,
          })
          draft.touch(state)
        },
        done: resolve,
        failed: reject,
      })
    })
  }

  #putOff(document: DocumentId, error: unknown): void {
    const before = this.#retries.get(document)
    const delayMs =
      before === undefined ? COMPACTION_RETRY_FIRST_MS : Math.min(2 * before.delayMs, COMPACTION_RETRY_LONGEST_MS)
    this.#retries.set(document, { atMs: this.#options.clock.elapsed() + delayMs, delayMs })
    const reason = error instanceof Error ? error.message : String(error)
    this.#options.onReport({ kind: "compaction-failed", document, reason, retryMs: delayMs })
  }
}

interface Folded {
  readonly document: FoldableDocument
  readonly result: FoldResult
  readonly plan: FoldPlan
}

/** Encode what a fold writes, ahead of the batch, so that putting the batch together stays quick. */
function prepareFold(state: DocumentState, { document, result, plan }: Folded): (draft: Draft) => void {
  const { head, retained } = document
  const { id } = state
  const snapshot = encodeSnapshot({ ...result, sequence: plan.foldedThrough })
  const moved = retained.filter(({ record }) => record.kind === "body" && record.sequence < plan.retainedFrom)
  const last = asSequence(plan.retainedFrom - 1)
  const chunk =
    plan.retainedFrom > head.retainedFrom
      ? encodeChunk(
          head.retainedFrom,
          last,
          moved.map((raw) => raw.value),
        )
      : undefined
  return (draft) => {
    draft.put(sequenceKey(Range.Snapshot, id, plan.foldedThrough), snapshot)
    if (head.snapshotSequence > 0) draft.delete(sequenceKey(Range.Snapshot, id, head.snapshotSequence))
    for (const { record } of moved) draft.delete(sequenceKey(Range.Record, id, record.sequence))
    if (chunk !== undefined) draft.put(sequenceKey(Range.History, id, last), chunk)
    if (result.authorship.length > 0) {
      const part = {
        first: asSequence(head.snapshotSequence + 1),
        last: plan.foldedThrough,
        authorship: result.authorship,
      }
      draft.put(sequenceKey(Range.Authorship, id, plan.foldedThrough), encodeAuthorship(part))
    }
  }
}
