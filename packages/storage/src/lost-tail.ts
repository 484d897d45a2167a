import { asSequence, type DocumentId, type Sequence } from "@quire/base"
import { type LedgerEntry, newestEntries } from "./batch-ledger.js"
import { decodeCatalogueEntry } from "./catalogue-entry.js"
import { StorageError } from "./errors.js"
import { decodeHead } from "./head.js"
import { documentKey, Range } from "./keys.js"
import type { Level } from "./level.js"
import type { StorageReport } from "./report.js"

/** Heads read at once. */
const AT_ONCE = 500

/** What the ledger remembers that the level does not show. */
export interface LostTails {
  /** One for the store if whole batches are missing, then one for each document. */
  readonly reports: readonly StorageReport[]
  /** Where those documents really end now, so that the ledger can be told. */
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
  if (newest.lastBatch > lastBatch) {
    reports.push({ kind: "lost-batches", acknowledged: newest.lastBatch, found: lastBatch })
  }
  for (let i = 0; i < newest.documents.length; i += AT_ONCE) {
    const some = newest.documents.slice(i, i + AT_ONCE)
    const values = await level.getMany(some.map(({ id }) => documentKey(Range.Head, id)))
    for (const [at, entry] of some.entries()) {
      const value = values[at]
      try {
        const head = value === undefined ? undefined : decodeHead(value)
        const found = head?.sequence ?? asSequence(0)
        if (found >= entry.sequence) continue
        const document = head?.document ?? (await nameInCatalogue(level, entry.id))
        reports.push({ kind: "lost-tail", document, acknowledged: entry.sequence, found })
        ends.push({ id: entry.id, sequence: found })
      } catch (error) {
        if (!(error instanceof StorageError)) throw error
        reports.push({ kind: "document-damaged", document: undefined, reason: error.message })
      }
    }
  }
  return { reports, ends }
}

async function nameInCatalogue(level: Level, id: Uint8Array): Promise<DocumentId | undefined> {
  const value = await level.get(documentKey(Range.Catalogue, id), {})
  return value === undefined ? undefined : decodeCatalogueEntry(value).document
}
