import { asSequence, type DocumentId } from "@quire/base"
import { readEnd } from "./document-reader.js"
import { corruptError, StorageError } from "./errors.js"
import { decodeHead } from "./head.js"
import { documentKey, keyId, Range } from "./keys.js"
import type { Level } from "./level.js"
import type { DocumentHead, DocumentKind } from "./log.js"
import type { StorageReport } from "./report.js"
import type { Store } from "./store.js"

/** Documents whose ends are kept in memory, about half a kilobyte each. More are kept only while they are written. */
export const HEADS_CAPACITY = 10_000

/** Heads read at once when a reopened level is verified. */
const VERIFY_AT_ONCE = 500

/** What waits for a document's end to be read. */
export interface Waiter {
  /** The end is known: go on. */
  admit(): void
  /** It cannot be read. */
  failed(error: StorageError | TypeError): void
}

/** Where one document ends, in memory: on disk, in the batch being written, and behind all queued appends. */
export class DocumentState {
  readonly document: DocumentId
  /** Its id in keys. */
  readonly id: Uint8Array
  /** The head as of the newest batch that was put together; `undefined`: not one record yet. */
  head: DocumentHead | undefined
  /** The head as of the newest batch known to be on disk. */
  durable: DocumentHead | undefined
  /** The sequence that the next append must have. */
  next = 1
  /** The kind its catalogue entry states, known while it has no head. */
  catalogueKind: DocumentKind | undefined
  /** Why it takes no appends any more, if so. */
  refusal: StorageError | undefined
  /** Uses that keep it in memory: queued commits, a compaction. */
  uses = 0
  /** Whether something was written to it since the log was opened, so that a reopened level must show it. */
  isWritten = false
  /** Number of the batch that last touched it. */
  touchedBy = 0
  /** Those waiting for the end to be read, in order; `undefined` once it was. */
  waiting: Waiter[] | undefined = []

  constructor(document: DocumentId) {
    this.document = document
    this.id = keyId(document)
  }
}

/** The ends of the documents in use. Bounded: idle ones leave, oldest first, and are read again when needed. */
export class Heads {
  readonly #store: Store
  readonly #capacity: number
  readonly #states = new Map<DocumentId, DocumentState>()
  readonly #loading = new Set<Promise<void>>()
  /** Kinds of catalogue entries on their way to disk. */
  readonly #kindsInFlight = new Map<DocumentId, DocumentKind>()

  constructor(store: Store, capacity: number) {
    this.#store = store
    this.#capacity = capacity
  }

  /** The document's state, if it is in memory, loaded or not. */
  peek(document: DocumentId): DocumentState | undefined {
    return this.#states.get(document)
  }

  /** The document's state; its end is being read while `waiting` is there. */
  take(document: DocumentId): DocumentState {
    const known = this.#states.get(document)
    if (known !== undefined) return known
    const state = new DocumentState(document)
    this.#states.set(document, state)
    const loading = this.#load(state).finally(() => this.#loading.delete(loading))
    this.#loading.add(loading)
    return state
  }

  /** Resolves when no end is being read. */
  async settled(): Promise<void> {
    while (this.#loading.size > 0) await Promise.all(this.#loading)
  }

  /** The kind a document without a head is born with. */
  kindAtBirth(state: DocumentState, origin: DocumentKind): DocumentKind {
    return this.#kindsInFlight.get(state.document) ?? state.catalogueKind ?? origin
  }

  /** A catalogue entry is being written. Call `settleKind` when it is durable or given up. */
  announceKind(document: DocumentId, kind: DocumentKind): void {
    this.#kindsInFlight.set(document, kind)
  }

  /** The entry announced is durable, or not written. */
  settleKind(document: DocumentId, isDurable: boolean): void {
    const kind = this.#kindsInFlight.get(document)
    this.#kindsInFlight.delete(document)
    const state = this.#states.get(document)
    // The state may have been read from disk before the entry was there.
    if (isDurable && state !== undefined && kind !== undefined) state.catalogueKind = kind
  }

  /** Drop idle documents, oldest first, down to the capacity. */
  evict(): void {
    let excess = this.#states.size - this.#capacity
    if (excess <= 0) return
    let looked = 0
    for (const state of this.#states.values()) {
      // Busy ones at the front are passed over, not searched past for ever: this runs after every batch.
      if (excess === 0 || ++looked > this.#capacity) break
      if (state.uses > 0 || state.waiting !== undefined || state.refusal !== undefined) continue
      this.#states.delete(state.document)
      excess--
    }
  }

  /**
   * Compare a reopened level with what was acknowledged. Documents that lost a record are refused from now on.
   *
   * @param inDoubt documents touched by the batch in doubt, if it turned out to be written.
   * @returns a report for each.
   */
  async verify(level: Level, inDoubt: ReadonlySet<DocumentState>): Promise<StorageReport[]> {
    const reports: StorageReport[] = []
    const states = [...this.#states.values()].filter((state) => state.isWritten && state.refusal === undefined)
    for (const state of inDoubt) if (!state.isWritten && state.refusal === undefined) states.push(state)
    for (let i = 0; i < states.length; i += VERIFY_AT_ONCE) {
      const some = states.slice(i, i + VERIFY_AT_ONCE)
      const values = await level.getMany(some.map((state) => documentKey(Range.Head, state.id)))
      some.forEach((state, at) => {
        const expected = inDoubt.has(state) ? state.head : state.durable
        if (expected === undefined) return
        const report = compare(state, expected, values[at])
        if (report !== undefined) reports.push(report)
      })
    }
    return reports
  }

  async #load(state: DocumentState): Promise<void> {
    try {
      const end = await this.#store.read((level) => readEnd(level, state.document))
      state.head = end.head
      state.durable = end.head
      state.next = (end.head?.sequence ?? 0) + 1
      state.catalogueKind ??= end.catalogueKind
    } catch (error) {
      if (!(error instanceof StorageError || error instanceof TypeError)) throw error
      this.#states.delete(state.document)
      for (const waiter of state.waiting ?? []) waiter.failed(error)
      return
    }
    const waiting = state.waiting ?? []
    state.waiting = undefined
    for (const waiter of waiting) waiter.admit()
  }
}

/** Refuse a document whose head on disk is behind what was acknowledged. */
function compare(
  state: DocumentState,
  expected: DocumentHead,
  value: Uint8Array | undefined,
): StorageReport | undefined {
  let found: DocumentHead | undefined
  try {
    found = value === undefined ? undefined : decodeHead(value, state.document)
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    state.refusal = error
    return { kind: "document-damaged", document: state.document, reason: error.message }
  }
  const sequence = found?.sequence ?? asSequence(0)
  if (sequence > expected.sequence) return undefined
  if (sequence === expected.sequence && found?.checksum === expected.checksum) return undefined
  state.refusal = corruptError(
    `the log of "${state.document}"`,
    `it ends at record ${sequence}, but record ${expected.sequence} was acknowledged`,
  )
  return { kind: "lost-tail", document: state.document, acknowledged: expected.sequence, found: sequence }
}
