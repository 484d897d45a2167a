import type { Clock, DocumentId, Sequence } from "@quire/base"
import { BatchLedger, newestEntries } from "./batch-ledger.js"
import { Catalogue } from "./catalogue.js"
import { type Commit, CommitQueue, type Draft } from "./commit-queue.js"
import { COMPACTION, type CompactionThresholds } from "./compaction.js"
import { Compactor } from "./compactor.js"
import { Directory, readDirectory } from "./directory.js"
import type { DirectoryRecord } from "./directory-record.js"
import { readAfter, readDocument, readRecord } from "./document-reader.js"
import { closedError, StorageError } from "./errors.js"
import { type Folder, openError, openFolder, probe, syncFolder } from "./folder.js"
import { bornHead, checkOrigin, decodeHead, headAfter } from "./head.js"
import { type DocumentState, HEADS_CAPACITY, Heads, type Waiter } from "./heads.js"
import { Health } from "./health.js"
import { documentKey, keyId, markKey, Range, sequenceKey } from "./keys.js"
import type { Level, OpenLevel } from "./level.js"
import { openStore } from "./level-birth.js"
import { Listeners } from "./listeners.js"
import type {
  Appended,
  DocumentHead,
  DocumentOrigin,
  Fold,
  LoadedDocument,
  Log,
  LogHealth,
  NewRecord,
  StoredRecord,
} from "./log.js"
import { findLostTails } from "./lost-tail.js"
import { encodeMark, FORMAT_VERSION, readMark } from "./mark.js"
import { checkNewRecord, encodeRecord } from "./record.js"
import type { StorageReport } from "./report.js"
import type { Store } from "./store.js"

/** What a document log works with. */
export interface DocumentLogOptions {
  /** The data folder; created if it is not there. One process at a time. */
  readonly directory: string
  /** Opens the level in a folder inside `directory`; called again after every failed write. */
  readonly openLevel: OpenLevel
  /** Folds a snapshot and the records after it; called for one document at a time. */
  readonly fold: Fold
  /** Time, for waiting between attempts to reopen the level. */
  readonly clock: Clock
  /** Told what the operator should read. Reports found at open come before `open` resolves. */
  readonly onReport: (report: StorageReport) => void
  /** When to compact; what is left out stays as in `COMPACTION`. */
  readonly compaction?: Partial<CompactionThresholds>
  /**
   * Batches of a busy store begin at least so many milliseconds apart, so that each carries more; 0 if left out. Delays
   * an append by at most three times that, after a large batch, and one that is alone in the store not at all.
   */
  readonly batchSpacingMs?: number
  /** Documents whose ends are kept in memory; `HEADS_CAPACITY` if left out. */
  readonly headsCapacity?: number
}

/** The log on a level (LevelDB). See `Log` for what it promises, FORMAT.md for what it writes. */
export class DocumentLog implements Log {
  /** The documents there are. */
  readonly catalogue: Catalogue
  /** Who there is, and who may do what. */
  readonly directory: Directory
  /** What was found wrong at open, also told to `onReport`. */
  readonly openReports: readonly StorageReport[]
  readonly #store: Store
  readonly #queue: CommitQueue
  readonly #heads: Heads
  readonly #health: Health
  readonly #compactor: Compactor
  readonly #ledger: BatchLedger
  readonly #reports: Listeners<[StorageReport]>
  /** Documents reported as damaged: once each is enough. */
  readonly #damaged = new Set<DocumentId>()
  #closing: Promise<void> | undefined

  private constructor(options: DocumentLogOptions, found: FoundStore) {
    const { store, ledger, reports } = found
    const onReport = (report: StorageReport): void => reports.notify(report)
    this.#store = store
    this.#ledger = ledger
    this.#reports = reports
    this.openReports = found.openReports
    this.#health = new Health(options.clock)
    this.#heads = new Heads(store, options.headsCapacity ?? HEADS_CAPACITY)
    this.#queue = new CommitQueue({
      store,
      heads: this.#heads,
      health: this.#health,
      clock: options.clock,
      spacingMs: options.batchSpacingMs ?? 0,
      lastBatch: found.lastBatch,
      probe: () => probe(found.folder),
      onDurable: (batch, touched) => this.#onDurable(batch, touched),
      onReport,
    })
    this.#compactor = new Compactor({
      store,
      queue: this.#queue,
      fold: options.fold,
      clock: options.clock,
      thresholds: { ...COMPACTION, ...options.compaction },
      onReport,
    })
    this.catalogue = new Catalogue({ store, queue: this.#queue, heads: this.#heads, onReport })
    this.directory = new Directory({ store, queue: this.#queue }, found.directory)
  }

  /**
   * Open a data folder.
   *
   * @throws StorageError `QUIRE_STORAGE_LOCKED`, `QUIRE_STORAGE_FORMAT_NEWER`, `QUIRE_STORAGE_NOT_WRITABLE`,
   *   `QUIRE_STORAGE_CORRUPT`, `QUIRE_STORAGE_FULL` or `QUIRE_STORAGE_FAILED`; nothing stays open then.
   */
  static async open(options: DocumentLogOptions): Promise<DocumentLog> {
    return new DocumentLog(options, await findStore(options))
  }

  async load(document: DocumentId): Promise<LoadedDocument | undefined> {
    return await this.#read(document, (level) => readDocument(level, document))
  }

  /** The end of a document; `undefined` if it was never written. One read, however long the document is. */
  async head(document: DocumentId): Promise<DocumentHead | undefined> {
    return await this.#read(document, async (level) => {
      const value = await level.get(documentKey(Range.Head, keyId(document)), {})
      return value === undefined ? undefined : decodeHead(value, document)
    })
  }

  async record(document: DocumentId, sequence: Sequence): Promise<StoredRecord | undefined> {
    return await this.#read(document, (level) => readRecord(level, document, sequence))
  }

  async read(document: DocumentId, after: Sequence): Promise<readonly StoredRecord[] | undefined> {
    return await this.#read(document, (level) => readAfter(level, document, after))
  }

  append(document: DocumentId, record: NewRecord, origin: DocumentOrigin): Promise<Appended> {
    return new Promise((resolve, reject) => {
      if (this.#closing !== undefined) return reject(closedError())
      const state = this.#heads.take(document)
      const append = new Append({ state, record, origin, heads: this.#heads, queue: this.#queue, resolve, reject })
      if (state.waiting === undefined) append.admit()
      else state.waiting.push(append)
    })
  }

  getHealth(): LogHealth {
    return this.#health.get()
  }

  subscribe(listener: () => void): () => void {
    return this.#health.subscribe(listener)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#compactor.stop()
    this.#queue.hurry()
    await this.#queue.settled()
    // Appends called before `close` may still have waited for their document's end to be read.
    await this.#heads.settled()
    await this.#queue.settled()
    this.#queue.end()
    try {
      await this.#store.end(closedError())
    } finally {
      await this.#ledger.close()
    }
  }

  async #read<T>(document: DocumentId, work: (level: Level) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw closedError()
    try {
      return await this.#store.read(work)
    } catch (error) {
      if (error instanceof StorageError && error.code === "QUIRE_STORAGE_CORRUPT" && !this.#damaged.has(document)) {
        this.#damaged.add(document)
        this.#reports.notify({ kind: "document-damaged", document, reason: error.message })
      }
      throw error
    }
  }

  #onDurable(batch: number, touched: readonly DocumentState[]): void {
    this.#ledger.note(
      batch,
      touched.flatMap(({ id, durable }) => (durable === undefined ? [] : [{ id, sequence: durable.sequence }])),
    )
    for (const state of touched) this.#compactor.consider(state)
  }
}

/** One append, from the call to its promise's end. */
class Append implements Commit, Waiter {
  readonly state: DocumentState
  readonly #wish: AppendWish
  #checksum = 0

  constructor(wish: AppendWish) {
    this.state = wish.state
    this.#wish = wish
  }

  admit(): void {
    const { state, record, origin, queue, reject } = this.#wish
    if (state.refusal !== undefined) return reject(state.refusal)
    if (record.sequence !== state.next) {
      return reject(
        new StorageError(
          "QUIRE_STORAGE_SEQUENCE",
          `record ${record.sequence} of "${state.document}" was appended, the next is ${state.next}`,
          { hint: "Load the document again and continue from its head." },
        ),
      )
    }
    try {
      checkNewRecord(record)
      if (state.next === 1) checkOrigin(origin)
    } catch (error) {
      return reject(error)
    }
    state.next++
    queue.add(this)
  }

  prepare(draft: Draft): void {
    const { state, record, origin, heads } = this.#wish
    const encoded = encodeRecord(record, draft.batch)
    this.#checksum = encoded.checksum
    draft.put(sequenceKey(Range.Record, state.id, record.sequence), encoded.value)
    const head = state.head ?? bornHead(state.document, { ...origin, kind: heads.kindAtBirth(state, origin.kind) })
    state.head = headAfter(head, record, {
      checksum: encoded.checksum,
      sizeBytes: encoded.value.length,
      batch: draft.batch,
    })
    draft.touch(state)
  }

  done(): void {
    this.#wish.resolve({ sequence: this.#wish.record.sequence, checksum: this.#checksum })
  }

  failed(error: StorageError | TypeError): void {
    this.#wish.reject(error)
  }
}

interface AppendWish {
  readonly state: DocumentState
  readonly record: NewRecord
  readonly origin: DocumentOrigin
  readonly heads: Heads
  readonly queue: CommitQueue
  readonly resolve: (appended: Appended) => void
  readonly reject: (error: unknown) => void
}

/** An opened and checked folder. */
interface FoundStore {
  readonly folder: Folder
  readonly store: Store
  readonly ledger: BatchLedger
  readonly lastBatch: number
  readonly reports: Listeners<[StorageReport]>
  readonly openReports: readonly StorageReport[]
  readonly directory: readonly DirectoryRecord[]
}

async function findStore(options: DocumentLogOptions): Promise<FoundStore> {
  const folder = await openFolder(options.directory)
  const reports = new Listeners<[StorageReport]>()
  reports.add(options.onReport)
  let store: Store | undefined
  let ledger: BatchLedger | undefined
  try {
    // The level's lock comes first: nobody else writes the ledger from here on.
    store = await openStore(folder.levelPath, options.openLevel)
    const levelBatch = await store.read(readMark)
    const opened = await BatchLedger.open(folder.ledgerPath, {
      clock: options.clock,
      onTrouble: (reason) => reports.notify({ kind: "ledger-failed", reason }),
    })
    ledger = opened.ledger
    await syncFolder(folder.path)
    const openReports: StorageReport[] = []
    if (opened.trouble === "damaged" || (opened.trouble === "missing" && levelBatch > 0)) {
      openReports.push({ kind: "ledger-replaced", reason: `it was ${opened.trouble}` })
    }
    const { entries } = opened
    const lost = await store.read((level) => findLostTails(level, entries, levelBatch))
    openReports.push(...lost.reports)
    const directory = await store.read(readDirectory)
    openReports.push(...directory.reports)
    // A batch of its own, above all that were ever acknowledged: level and ledger agree on where things stand now.
    const lastBatch = Math.max(levelBatch, newestEntries(entries).lastBatch) + 1
    const mark = encodeMark({ format: FORMAT_VERSION, batch: lastBatch })
    await store.write([{ type: "put", key: markKey(), value: mark }])
    ledger.note(lastBatch, lost.ends)
    for (const report of openReports) reports.notify(report)
    return { folder, store, ledger, lastBatch, reports, openReports, directory: directory.records }
  } catch (error) {
    await ledger?.close()
    await store?.end(closedError())
    throw openError(folder, error)
  }
}
