import type { DocumentId } from "@quire/base"
import { type CatalogueEntry, checkTitle, decodeCatalogueEntry, encodeCatalogueEntry } from "./catalogue-entry.js"
import type { CommitQueue } from "./commit-queue.js"
import { StorageError } from "./errors.js"
import { decodeHead } from "./head.js"
import type { Heads } from "./heads.js"
import { type DocumentRange, documentKey, keyId, Range, rangeBounds } from "./keys.js"
import type { Level } from "./level.js"
import type { DocumentHead, DocumentKind } from "./log.js"
import type { StorageReport } from "./report.js"
import type { Store } from "./store.js"

/** A document to be listed before anything is written to it. */
export interface NewCatalogueEntry {
  /** Its name. */
  readonly document: DocumentId
  /** What it is; its first append will not change that. */
  readonly kind: DocumentKind
  /** Its title, at most `TITLE_MAX_BYTES`. */
  readonly title: string
  /** When it is made, milliseconds since the epoch of Unix. */
  readonly timeMs: number
}

/** What became of a wish to create a document. */
export type Created =
  | { readonly ok: true; readonly entry: CatalogueEntry }
  | { readonly ok: false; readonly reason: "exists" }

/** What a catalogue works with. */
export interface CatalogueOptions {
  readonly store: Store
  readonly queue: CommitQueue
  readonly heads: Heads
  readonly onReport: (report: StorageReport) => void
}

/**
 * The documents there are, by name. A document is listed from its catalogue entry or from its log, whichever is there;
 * one that was only ever written to has no title. Writes are durable when they resolve.
 */
export class Catalogue {
  readonly #options: CatalogueOptions
  /** The last change under way of each document: changes of one follow one another. */
  readonly #changing = new Map<DocumentId, Promise<unknown>>()

  constructor(options: CatalogueOptions) {
    this.#options = options
  }

  /** List a new document. Refused with `exists` if it is listed or was ever written to. */
  async create(input: NewCatalogueEntry): Promise<Created> {
    const { document, kind, title, timeMs } = input
    checkTitle(title, timeMs)
    return await this.#inTurn(document, async () => {
      if ((await this.get(document)) !== undefined) return { ok: false, reason: "exists" }
      const entry: CatalogueEntry = { document, kind, title, createdMs: timeMs, changedMs: timeMs }
      const isWritten = await this.#write(entry, { isBirth: true })
      return isWritten ? { ok: true, entry } : { ok: false, reason: "exists" }
    })
  }

  /** One document as it is listed; `undefined` if there is none of that name. */
  async get(document: DocumentId): Promise<CatalogueEntry | undefined> {
    const id = keyId(document)
    return await this.#options.store.read(async (level) => {
      const [entry, head] = await level.getMany([documentKey(Range.Catalogue, id), documentKey(Range.Head, id)])
      return join(
        entry === undefined ? undefined : decodeCatalogueEntry(entry, document),
        head === undefined ? undefined : decodeHead(head, document),
      )
    })
  }

  /** Name a document. Returns its entry afterwards, or `undefined` if there is none of that name. */
  async setTitle(document: DocumentId, title: string, timeMs: number): Promise<CatalogueEntry | undefined> {
    checkTitle(title, timeMs)
    return await this.#inTurn(document, async () => {
      const before = await this.get(document)
      if (before === undefined) return undefined
      const entry: CatalogueEntry = { ...before, title, changedMs: Math.max(before.changedMs, timeMs) }
      await this.#write(entry, { isBirth: false })
      return entry
    })
  }

  /** All documents, the one changed last first. A damaged one is left out, and reported. */
  async list(): Promise<readonly CatalogueEntry[]> {
    const { entries, heads } = await this.#options.store.read(async (level) => ({
      entries: await this.#readAll(level, Range.Catalogue, decodeCatalogueEntry),
      heads: await this.#readAll(level, Range.Head, decodeHead),
    }))
    const listed: CatalogueEntry[] = []
    for (const document of new Set([...entries.keys(), ...heads.keys()])) {
      const entry = join(entries.get(document), heads.get(document))
      if (entry !== undefined) listed.push(entry)
    }
    return listed.sort((a, b) => b.changedMs - a.changedMs || (a.document < b.document ? -1 : 1))
  }

  /** Write an entry. `false`: it is a birth, and the document's first record came before it. */
  #write(entry: CatalogueEntry, options: { readonly isBirth: boolean }): Promise<boolean> {
    const { queue, heads } = this.#options
    const { document } = entry
    return new Promise((resolve, reject) => {
      let isWritten = true
      queue.add({
        state: undefined,
        prepare: (draft) => {
          // A record queued since `get` looked, and so not on disk then, is in an earlier batch or before us in this.
          if (options.isBirth && heads.peek(document)?.head !== undefined) isWritten = false
          else {
            if (options.isBirth) heads.announceKind(document, entry.kind)
            draft.put(documentKey(Range.Catalogue, keyId(document)), encodeCatalogueEntry(entry))
          }
        },
        done: () => {
          if (options.isBirth && isWritten) heads.settleKind(document, true)
          resolve(isWritten)
        },
        failed: (error) => {
          if (options.isBirth) heads.settleKind(document, false)
          reject(error)
        },
      })
    })
  }

  async #readAll<T extends { readonly document: DocumentId }>(
    level: Level,
    range: DocumentRange,
    decode: (value: Uint8Array) => T,
  ): Promise<Map<DocumentId, T>> {
    const all = new Map<DocumentId, T>()
    for (const [, value] of await level.iterator(rangeBounds(range)).all()) {
      try {
        const one = decode(value)
        all.set(one.document, one)
      } catch (error) {
        if (!(error instanceof StorageError)) throw error
        this.#options.onReport({ kind: "document-damaged", document: undefined, reason: error.message })
      }
    }
    return all
  }

  async #inTurn<T>(document: DocumentId, change: () => Promise<T>): Promise<T> {
    const before = this.#changing.get(document) ?? Promise.resolve()
    const mine = before.then(change, change) // a failed change is its own caller's, not the next one's
    this.#changing.set(document, mine)
    try {
      return await mine
    } finally {
      if (this.#changing.get(document) === mine) this.#changing.delete(document)
    }
  }
}

function join(entry: CatalogueEntry | undefined, head: DocumentHead | undefined): CatalogueEntry | undefined {
  if (entry === undefined) {
    if (head === undefined) return undefined
    const { document, kind, createdMs, changedMs } = head
    return { document, kind, title: "", createdMs, changedMs }
  }
  if (head === undefined || head.changedMs <= entry.changedMs) return entry
  return { ...entry, changedMs: head.changedMs }
}
