import type { Clock } from "@quire/base"
import { closedError, corruptError, explainWriteFailure, notWrittenError, type StorageError } from "./errors.js"
import { encodeHead } from "./head.js"
import type { DocumentState, Heads } from "./heads.js"
import type { Health } from "./health.js"
import { documentKey, KEY_ID_BYTES, markKey, Range } from "./keys.js"
import type { Operation } from "./level.js"
import { decodeMark, encodeMark, FORMAT_VERSION } from "./mark.js"
import type { StorageReport } from "./report.js"
import type { Store } from "./store.js"

/**
 * Values in a batch beyond which the next commit waits for the next batch: as much as LevelDB gathers in memory
 * (its write buffer), so that one batch does not make everybody wait for several table files.
 */
const BATCH_BYTES = 4 * 1024 * 1024

/** After a large batch the next waits longer: so long for each commit, up to so many times the usual space. ADR 0026. */
const SPACING_PER_COMMIT_MS = 0.5
const LONGEST_SPACING_TIMES = 3

/** Waits between attempts to reopen the level: long enough for a person to free space, short enough to go unnoticed. */
const RETRY_FIRST_MS = 250
const RETRY_LONGEST_MS = 5_000

/** Something to be written: an append, a compaction, a catalogue entry, a change of the directory. */
export interface Commit {
  /** The document whose head it changes, if any. It may be refused while the commit waits. */
  readonly state: DocumentState | undefined
  /** Add the operations. Called once, when the batch is put together; must not fail. */
  prepare(draft: Draft): void
  /** It is on disk. */
  done(): void
  /** It will not be written. */
  failed(error: StorageError): void
}

/** A batch being put together. */
export class Draft {
  /** The batch's number. */
  readonly batch: number
  readonly operations: Operation[] = []
  readonly touched: DocumentState[] = []
  /** Bytes of the values so far. */
  sizeBytes = 0

  constructor(batch: number) {
    this.batch = batch
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.operations.push({ type: "put", key, value })
    this.sizeBytes += value.length
  }

  delete(key: Uint8Array): void {
    this.operations.push({ type: "del", key })
  }

  /** The document's head changed: it is written once, at the end of the batch. */
  touch(state: DocumentState): void {
    if (state.touchedBy === this.batch) return
    state.touchedBy = this.batch
    this.touched.push(state)
  }
}

/** What a commit queue works with. */
export interface CommitQueueOptions {
  readonly store: Store
  readonly heads: Heads
  readonly health: Health
  readonly clock: Clock
  /** Batches of a busy store begin at least so many milliseconds apart; see `#space`. */
  readonly spacingMs: number
  /** Number of the last batch ever acknowledged; the next has a higher one. */
  readonly lastBatch: number
  /** Rejects while the disk takes no writes, so that the level is not closed for nothing. */
  readonly probe: () => Promise<void>
  /** A batch is on disk; called before its commits hear of it. */
  readonly onDurable: (batch: number, touched: readonly DocumentState[]) => void
  readonly onReport: (report: StorageReport) => void
}

/**
 * Group commit. One batch is on its way to disk at any time, for the whole store; the next takes all that came
 * meanwhile. Invariants:
 *
 * - Commits become durable in the order in which they were added, or not at all.
 * - `done` is called only for what a synced batch carried, or what was found in the level afterwards.
 * - After a failed write nothing is written to that handle any more: LevelDB would lose it (a torn record hides
 *   everything behind it). The level is closed, reopened and verified; the batch in doubt is written again, the same
 *   bytes under the same number, unless it is there; only then anything later.
 *
 *     writing ──error──▶ waiting ──probe ok──▶ reopening ──▶ verifying ──▶ writing again ──▶ writing
 *                          ▲                     │ error       │ error        │ error
 *                          └─────────────────────┴─────────────┴──────────────┘
 */
export class CommitQueue {
  readonly #options: CommitQueueOptions
  #waiting: Commit[] = []
  #running: Promise<void> | undefined
  #lastBatch: number
  /** Number of the last batch known to be on disk. */
  #durableBatch: number
  /** Set by `hurry`: no waiting between attempts, and one attempt only. */
  #isHurried = false
  #wake: (() => void) | undefined
  /** The next batch begins no earlier, in elapsed milliseconds. */
  #nextAtMs = Number.NEGATIVE_INFINITY
  /** Why nothing is taken any more. */
  #ended: StorageError | undefined

  constructor(options: CommitQueueOptions) {
    this.#options = options
    this.#lastBatch = options.lastBatch
    this.#durableBatch = options.lastBatch
  }

  /** Have it written with the next batch. */
  add(commit: Commit): void {
    if (this.#ended !== undefined) return commit.failed(this.#ended)
    if (commit.state !== undefined) commit.state.uses++
    this.#waiting.push(commit)
    this.#running ??= this.#run()
  }

  /** From now on a failing write gets one more attempt, at once, and is then given up together with all that waits. */
  hurry(): void {
    this.#isHurried = true
    this.#wake?.()
  }

  /** Resolves when nothing waits to be written. */
  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  /** Take nothing any more. Call `hurry` and `settled` before. */
  end(): void {
    this.#ended ??= closedError()
  }

  async #run(): Promise<void> {
    await undefined // appends of one turn share a batch
    while (this.#waiting.length > 0) {
      await this.#space()
      const { draft, commits } = this.#form()
      if (commits.length === 0) continue
      this.#nextAtMs =
        commits.length > 1 ? this.#options.clock.elapsed() + this.#spacingMs(commits.length) : Number.NEGATIVE_INFINITY
      const givenUp = await this.#persist(draft)
      if (givenUp !== undefined) {
        await this.#giveUp(givenUp, commits)
        break
      }
      this.#acknowledge(draft, commits)
    }
    this.#running = undefined
  }

  /**
   * A batch costs the process about the same whether it carries one record or fifty, and a quick disk would take
   * thousands of small ones a second. So a batch that carried several is followed by the next only after a moment, and
   * one that carried many after a longer one: what is shared by more costs each less, and the wait less than it seems.
   * Whoever writes alone never waits.
   */
  async #space(): Promise<void> {
    const waitMs = this.#nextAtMs - this.#options.clock.elapsed()
    if (waitMs > 0) await this.#pause(waitMs)
  }

  #spacingMs(commits: number): number {
    const { spacingMs } = this.#options
    return Math.min(LONGEST_SPACING_TIMES * spacingMs, Math.max(spacingMs, SPACING_PER_COMMIT_MS * commits))
  }

  #form(): { readonly draft: Draft; readonly commits: Commit[] } {
    const draft = new Draft(++this.#lastBatch)
    const waiting = this.#waiting
    const commits: Commit[] = []
    let taken = 0
    while (taken < waiting.length && draft.sizeBytes < BATCH_BYTES) {
      const commit = waiting[taken++]
      if (commit === undefined) break
      const refusal = commit.state?.refusal
      if (refusal !== undefined) {
        fail(commit, refusal)
        continue
      }
      commit.prepare(draft)
      commits.push(commit)
    }
    this.#waiting = taken === waiting.length ? [] : waiting.slice(taken)
    for (const state of draft.touched) {
      if (state.head !== undefined) draft.put(documentKey(Range.Head, state.id), encodeHead(state.head))
    }
    draft.put(markKey(), encodeMark({ format: FORMAT_VERSION, batch: draft.batch }))
    return { draft, commits }
  }

  #acknowledge(draft: Draft, commits: readonly Commit[]): void {
    const durable = draft.touched.filter((state) => state.refusal === undefined)
    for (const state of durable) {
      state.durable = state.head
      state.isWritten = true
    }
    this.#durableBatch = draft.batch
    this.#options.onDurable(draft.batch, durable)
    for (const commit of commits) {
      const refusal = commit.state?.refusal
      if (refusal !== undefined) fail(commit, refusal)
      else {
        if (commit.state !== undefined) commit.state.uses--
        commit.done()
      }
    }
    this.#options.heads.evict()
  }

  /** Write a batch, however long it takes. Returns the reason if it had to be given up. */
  async #persist(draft: Draft): Promise<StorageError | undefined> {
    const { store, health, probe } = this.#options
    try {
      await store.write(draft.operations)
      return undefined
    } catch (error) {
      health.fail(explainWriteFailure(error).reason)
    }
    for (let delayMs = RETRY_FIRST_MS; ; delayMs = Math.min(2 * delayMs, RETRY_LONGEST_MS)) {
      await this.#pause(delayMs)
      const isLast = this.#isHurried
      try {
        // The failed handle still answers reads correctly, so it stays open until there is hope.
        await probe()
        if (!(await this.#reopen(draft))) await store.write(withoutRefused(draft))
        health.recover()
        return undefined
      } catch (error) {
        const failure = explainWriteFailure(error)
        health.fail(failure.reason)
        if (isLast) return notWrittenError(failure, error)
      }
    }
  }

  /**
   * Reopen the level and verify its end. Returns whether the batch in doubt is there. What is there is on disk even if
   * a failed fsync had dropped it: on opening, LevelDB writes what it read of its log to a synced table file.
   */
  async #reopen(draft: Draft): Promise<boolean> {
    const { store, heads, onReport } = this.#options
    const level = await store.reopen()
    const value = await level.get(markKey(), {})
    const found = value === undefined ? 0 : decodeMark(value).batch
    if (found > draft.batch)
      throw corruptError("the store's mark", `it names batch ${found}, none after ${draft.batch} was written`)
    if (found < this.#durableBatch) {
      onReport({ kind: "lost-batches", acknowledged: this.#durableBatch, found })
      this.#durableBatch = found
    }
    const isThere = found === draft.batch
    for (const report of await heads.verify(level, new Set(isThere ? draft.touched : []))) onReport(report)
    store.resume()
    return isThere
  }

  async #giveUp(error: StorageError, commits: readonly Commit[]): Promise<void> {
    this.#ended = error
    const waiting = this.#waiting
    this.#waiting = []
    for (const commit of commits) fail(commit, error)
    for (const commit of waiting) fail(commit, error)
    await this.#options.store.end(error).catch(() => {
      // The level was given up because it does not work; that it does not close either changes nothing.
    })
  }

  #pause(delayMs: number): Promise<void> {
    if (this.#isHurried) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#options.clock.schedule(delayMs, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
  }
}

function fail(commit: Commit, error: StorageError): void {
  if (commit.state !== undefined) commit.state.uses--
  commit.failed(error)
}

/** The batch's operations but for those of documents refused since it was put together. */
function withoutRefused(draft: Draft): Operation[] {
  const refused = draft.touched.filter((state) => state.refusal !== undefined)
  if (refused.length === 0) return draft.operations
  return draft.operations.filter(({ key }) => {
    if (key[0] === Range.Mark || key[0] === Range.Catalogue || key[0] === Range.Directory) return true
    const id = key.subarray(1, 1 + KEY_ID_BYTES)
    return !refused.some((state) => Buffer.compare(state.id, id) === 0)
  })
}
