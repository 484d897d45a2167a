import { asSequence, type DocumentId, type Sequence } from "@quire/base"
import { type LedgerEntry, newestEntries } from "./batch-ledger.js"
import { decodeCatalogueEntry } from "./catalogue-entry.js"
import { StorageError } from "./errors.js"
import { decodeHead } from "./head.js"
import { documentKey, Range, sequenceKey } from "./keys.js"
import type { Level } from "./level.js"
import type { DocumentHead } from "./log.js"
import { missingRecord } from "./record.js"
import type { StorageReport } from "./report.js"

/*
 * LevelDB drops what it cannot read of its log when it opens: the end of the log, or the rest of a 32 KiB block in the
 * middle. The first shows as a head that is older than the ledger's, the second as a record that is not there.
 */

/** Keys looked up at once. */
const AT_ONCE = 500

/** What the ledger remembers that the level does not show. */
export interface LostTails {
  /** One for the store if its last batches are missing, then one for each document. */
  readonly reports: readonly StorageReport[]
  /** Where documents that lost their end really end now, so that the ledger can be told. */
  readonly ends: readonly { readonly id: Uint8Array; readonly sequence: Sequence }[]
}

/**
 * Compare a level just opened with the ledger of what was acknowledged.
 *
 * @param lastBatch number of the last batch in the level.
 */
export async function findLostTails(
  level: Level,
  entries: readonly LedgerEntry[],
  lastBatch: number,
): Promise<LostTails> {
  const newest = newestEntries(entries)
  const reports: StorageReport[] = []
  const ends: { id: Uint8Array; sequence: Sequence }[] = []
  const heads = new Map<string, DocumentHead>()
  if (newest.lastBatch > lastBatch) {
    reports.push({ kind: "lost-batches", acknowledged: newest.lastBatch, found: lastBatch })
  }
  for (const some of inPortions(newest.documents)) {
    const values = await level.getMany(some.map(({ id }) => documentKey(Range.Head, id)))
    for (const [at, entry] of some.entries()) {
      const value = values[at]
      try {
        const head = value === undefined ? undefined : decodeHead(value)
        const found = head?.sequence ?? asSequence(0)
        if (found >= entry.sequence) {
          if (head !== undefined) heads.set(nameOf(entry.id), head)
          continue
        }
        const document = head?.document ?? (await nameInCatalogue(level, entry.id))
        reports.push({ kind: "lost-tail", document, acknowledged: entry.sequence, found })
        ends.push({ id: entry.id, sequence: found })
      } catch (error) {
        if (!(error instanceof StorageError)) throw error
        reports.push({ kind: "document-damaged", document: undefined, reason: error.message })
      }
    }
  }
  reports.push(...(await findHoles(level, entries, heads)))
  return { reports, ends }
}

/** Documents whose end is there, but not every record acknowledged lately: one report each. */
async function findHoles(
  level: Level,
  entries: readonly LedgerEntry[],
  heads: ReadonlyMap<string, DocumentHead>,
): Promise<StorageReport[]> {
  const expected = entries.flatMap(({ id, sequence }) => {
    const head = id === undefined ? undefined : heads.get(nameOf(id))
    if (id === undefined || head === undefined) return []
    return sequence >= head.retainedFrom && sequence <= head.sequence ? [{ id, sequence, head }] : []
  })
  const reports = new Map<DocumentId, StorageReport>()
  for (const some of inPortions(expected)) {
    const found = await level.hasMany(some.map(({ id, sequence }) => sequenceKey(Range.Record, id, sequence)))
    some.forEach(({ sequence, head: { document } }, at) => {
      if (found[at] === true || reports.has(document)) return
      reports.set(document, {
        kind: "document-damaged",
        document,
        reason: missingRecord({ document, sequence }).message,
      })
    })
  }
  return [...reports.values()]
}

async function nameInCatalogue(level: Level, id: Uint8Array): Promise<DocumentId | undefined> {
  const value = await level.get(documentKey(Range.Catalogue, id), {})
  return value === undefined ? undefined : decodeCatalogueEntry(value).document
}

/** An id as a key of a map. */
function nameOf(id: Uint8Array): string {
  return Buffer.from(id).toString("latin1")
}

function* inPortions<T>(all: readonly T[]): Generator<T[]> {
  for (let i = 0; i < all.length; i += AT_ONCE) yield all.slice(i, i + AT_ONCE)
}
