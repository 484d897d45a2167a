import { asSequence, type DocumentId } from "@quire/base"
import { encodeCatalogueEntry } from "./catalogue-entry.js"
import { encodeChunk, encodeSnapshot, snapshotBytes } from "./folded.js"
import { encodeHead } from "./head.js"
import { documentKey, Range, sequenceKey } from "./keys.js"
import type { Entry } from "./level.js"
import type { DocumentHead, DocumentKind, StoredRecord } from "./log.js"
import { encodeRecord } from "./record.js"
import type { StoredDocument } from "./verify-document.js"

/**
 * Makes one body of what is left of it: everything in these updates that does not build on something lost. Storage does
 * not know what is in them.
 */
export type Salvage = (kind: DocumentKind, updates: readonly Uint8Array[]) => Salvaged

/** What is left of a body. */
export interface Salvaged {
  /** As one update, with its state vector and delete set: a snapshot. */
  readonly update: Uint8Array
  readonly stateVector: Uint8Array
  readonly deleteSet: Uint8Array
  /** How many of the updates could not be read. */
  readonly unreadable: number
  /** True if something in the others builds on what is lost. */
  readonly isIncomplete: boolean
}

/** How a document is mended. */
export interface Mended {
  readonly document: DocumentId | undefined
  /** Everything that it consists of afterwards. */
  readonly entries: readonly Entry[]
  /** What became of it, as sentences. */
  readonly what: string
}

/** A document whose name is lost cannot be opened by anybody; one with an entry and nothing else is new. */
export function mend(stored: StoredDocument, batch: number, salvage: Salvage): Mended {
  const { name, entry } = stored
  const id = Buffer.from(stored.id).toString("hex")
  if (name === undefined) {
    const what = `The document with the id ${id} has lost its name and cannot be opened. It is in the quarantine only.`
    return { document: undefined, entries: [], what }
  }
  const listed: Entry[] =
    entry === undefined ? [] : [[documentKey(Range.Catalogue, stored.id), encodeCatalogueEntry(entry)]]
  const kept = whatIsLeft(stored)
  if (kept.length === 0 && stored.snapshots.length === 0) {
    const what = `"${name}": nothing of its text can be read. It is in the quarantine only${entry === undefined ? "" : ", and an empty document has its title"}.`
    return { document: name, entries: listed, what }
  }
  const snapshot = stored.snapshots.at(-1)
  const bodies = kept
    .filter(({ kind, sequence }) => kind === "body" && sequence > (snapshot?.sequence ?? 0))
    .map(({ payload }) => payload)
  const kind = stored.head?.kind ?? entry?.kind ?? "plain"
  const salvaged = salvage(kind, snapshot === undefined ? bodies : [snapshot.update, ...bodies])
  const entries = [...listed, ...rewrite(stored, { name, kind, batch, kept, salvaged }), ...stored.authorship]
  return { document: name, entries, what: describe(name, stored, salvaged) }
}

/** Every readable record, from history or kept one by one, in order. */
function whatIsLeft(stored: StoredDocument): StoredRecord[] {
  const bySequence = new Map<number, StoredRecord>()
  for (const { records } of stored.chunks) for (const record of records) bySequence.set(record.sequence, record)
  for (const { record } of stored.records) bySequence.set(record.sequence, record)
  return [...bySequence.values()].sort((a, b) => a.sequence - b.sequence)
}

/** The document as if it had just been folded: one snapshot, and in history what is left of its records. */
function rewrite(
  stored: StoredDocument,
  made: {
    readonly name: DocumentId
    readonly kind: DocumentKind
    readonly batch: number
    readonly kept: readonly StoredRecord[]
    readonly salvaged: Salvaged
  },
): Entry[] {
  const { id, head } = stored
  const { name, kind, batch, kept, salvaged } = made
  const last = asSequence(stored.lastSequence)
  const feed = kept.filter((record) => record.kind === "feed")
  const bodies = kept.filter((record) => record.kind === "body")
  const times = kept.map(({ timeMs }) => timeMs)
  const snapshot = { ...salvaged, sequence: last }
  const mended: DocumentHead = {
    document: name,
    kind,
    // The same history: clients that still hold what was lost give it back by merging. One that is lost starts anew.
    epoch: head?.epoch ?? Buffer.from(id).subarray(0, 8).toString("hex"),
    createdMs: head?.createdMs ?? stored.entry?.createdMs ?? Math.min(...times, Number.MAX_SAFE_INTEGER),
    changedMs: times.reduce((latest, time) => Math.max(latest, time), head?.changedMs ?? 0),
    sequence: last,
    // No record's: so no resume token that was given before is good any more.
    checksum: 0,
    schema: kept.reduce((highest, { schema }) => Math.max(highest, schema), head?.schema ?? 0),
    snapshotSequence: last,
    snapshotBytes: snapshotBytes(snapshot),
    retainedFrom: asSequence(last + 1),
    foldedFeedRecords: feed.length,
    tailRecords: 0,
    tailBytes: 0,
    batch,
  }
  const chunk = encodeChunk(
    asSequence(1),
    last,
    bodies.map((record) => encodeRecord(record, record.batch).value),
  )
  return [
    [documentKey(Range.Head, id), encodeHead(mended)],
    [sequenceKey(Range.Snapshot, id, last), encodeSnapshot(snapshot)],
    [sequenceKey(Range.History, id, last), chunk],
    ...feed.map(
      (record): Entry => [sequenceKey(Range.Record, id, record.sequence), encodeRecord(record, record.batch).value],
    ),
  ]
}

function describe(name: DocumentId, stored: StoredDocument, salvaged: Salvaged): string {
  const parts: string[] = []
  if (salvaged.unreadable > 0) parts.push(`${salvaged.unreadable} changes could not be read`)
  if (salvaged.isIncomplete) parts.push("some changes build on what is lost and were left out")
  const rest = parts.length === 0 ? "every change that can be read is in it" : parts.join("; ")
  const history = stored.head === undefined ? " Its head was made anew." : ""
  return `"${name}" was rebuilt of what is left: ${rest}. As it was, it is in the quarantine.${history}`
}
