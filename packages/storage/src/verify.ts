import { rm } from "node:fs/promises"
import type { DocumentId } from "@quire/base"
import { BatchLedger } from "./batch-ledger.js"
import { damagedInDirectory } from "./directory-check.js"
import { errorTexts, hasCode, StorageError } from "./errors.js"
import { checkFolder, type Folder, openError } from "./folder.js"
import { isRange, Range } from "./keys.js"
import type { Level, OpenLevel } from "./level.js"
import { damagedFiles, salvageEntries } from "./level-files.js"
import { findLostTails } from "./lost-tail.js"
import { readMark } from "./mark.js"
import { describeReport, type StorageReport } from "./report.js"
import { WorkingCopy } from "./verify-copy.js"
import { documentIds, type StoredDocument, verifyDocument } from "./verify-document.js"

/** What a check works with. */
export interface VerifyOptions {
  /** The data folder. It is not written to, but for a working copy in it that is gone afterwards. */
  readonly directory: string
  /** Opens the level in a folder. */
  readonly openLevel: OpenLevel
  /**
   * Says what is wrong with a body's updates, as a clause, or `undefined`: storage does not know what is in them.
   * Called with those of one document, the snapshot's first.
   */
  readonly checkBody: (updates: readonly Uint8Array[]) => string | undefined
}

/** Something that is wrong in a data folder. */
export interface Finding {
  /** The document's name, if it is about one and nothing that names it is damaged. */
  readonly document: DocumentId | undefined
  /** What is wrong, as a sentence. */
  readonly what: string
}

/** What a check found. */
export interface Verification {
  /** Documents looked at. */
  readonly documents: number
  /** Records looked at, those in history included. */
  readonly records: number
  /** What is wrong; none: everything that was written is there. */
  readonly findings: readonly Finding[]
}

/**
 * Checks a data folder that no server uses, on a copy of it, so that looking changes nothing: LevelDB drops what it cannot
 * read when it opens. Everything stored is read, also what no server reads.
 *
 * @throws StorageError when it cannot be checked: `QUIRE_STORAGE_LOCKED`, `QUIRE_STORAGE_FORMAT_NEWER`,
 *   `QUIRE_STORAGE_NOT_WRITABLE`, `QUIRE_STORAGE_FULL`, or `QUIRE_STORAGE_CORRUPT` if it is no data folder.
 */
export async function verifyFolder(options: VerifyOptions): Promise<Verification> {
  const folder = await checkFolder(options.directory)
  const copy = await WorkingCopy.make(folder, options.openLevel)
  try {
    return (await verifyCopy(copy.folder, options)).verification
  } finally {
    await copy.close()
  }
}

/** What a check of a working copy found, and what a repair needs to know beside it. */
export interface VerifiedCopy {
  readonly verification: Verification
  /** Documents with findings. */
  readonly damaged: readonly StoredDocument[]
  /** A batch number above all that were ever used, as far as anything remembers. */
  readonly nextBatch: number
}

/** Checks a copy that may be changed by being opened. */
export async function verifyCopy(folder: Folder, options: VerifyOptions): Promise<VerifiedCopy> {
  // Before it is opened: LevelDB then replaces its logs by what it could read of them.
  const inFiles = (await damagedFiles(folder.levelPath)).map(({ name, reason }) => ({
    document: undefined,
    what: `The database's file ${name} is damaged: ${reason}. What was in it may be missing, or older than it was.`,
  }))
  // And it may end the process on a damaged table, so such a level is not opened at all.
  if (inFiles.length > 0) return await verifyAnew(folder, options, inFiles)
  let level: Level | undefined
  try {
    level = await options.openLevel(folder.levelPath)
    return await verifyLevel(level, folder, options)
  } catch (error) {
    if (!hasCode(error, "LEVEL_CORRUPTION")) throw error instanceof StorageError ? error : openError(folder, error)
    await level?.close()
    level = undefined
    const what = `The database cannot be opened: ${errorTexts(error).join("; ")}.`
    return await verifyAnew(folder, options, [{ document: undefined, what }])
  } finally {
    await level?.close()
  }
}

/** Makes the copy's level anew of what can be read of its files, and checks that. @param known what was found before. */
async function verifyAnew(folder: Folder, options: VerifyOptions, known: readonly Finding[]): Promise<VerifiedCopy> {
  const entries = await salvageEntries(folder.levelPath)
  await rm(folder.levelPath, { recursive: true })
  const level = await options.openLevel(folder.levelPath)
  try {
    for (const [key, value] of entries) await level.batch([{ type: "put", key, value }], { sync: false })
    const found = await verifyLevel(level, folder, options)
    return { ...found, verification: { ...found.verification, findings: [...known, ...found.verification.findings] } }
  } finally {
    await level.close()
  }
}

async function verifyLevel(level: Level, folder: Folder, options: VerifyOptions): Promise<VerifiedCopy> {
  const findings: Finding[] = []
  const damaged: StoredDocument[] = []
  const add = (report: StorageReport): void => {
    const document = "document" in report ? report.document : undefined
    findings.push({ document, what: describeReport(report) })
  }
  let lastBatch = 0
  try {
    lastBatch = await readMark(level)
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== "QUIRE_STORAGE_CORRUPT") throw error
    findings.push({ document: undefined, what: `The store is not served: ${error.message}.` })
  }
  for await (const what of strangeKeys(level)) findings.push({ document: undefined, what })
  for await (const reason of damagedInDirectory(level)) add({ kind: "directory-damaged", reason })
  let documents = 0
  let records = 0
  for await (const id of documentIds(level)) {
    documents++
    const stored = await verifyDocument(level, id, options.checkBody)
    records += stored.recordCount
    lastBatch = Math.max(lastBatch, stored.lastBatch)
    for (const what of stored.problems) findings.push({ document: stored.name, what })
    if (stored.problems.length > 0) damaged.push(stored)
  }
  // Last, because what is damaged was named above, and more exactly.
  const named = new Set(findings.map(({ document }) => document))
  const { entries, trouble } = await readLedger(folder)
  if (trouble !== undefined && lastBatch > 0) add({ kind: "ledger-replaced", reason: `it was ${trouble}` })
  for (const report of (await findLostTails(level, entries, lastBatch)).reports) {
    const isNamed = report.kind === "document-damaged" && (report.document === undefined || named.has(report.document))
    if (!isNamed) add(report)
  }
  const nextBatch = entries.reduce((most, { batch }) => Math.max(most, batch), lastBatch) + 1
  return { verification: { documents, records, findings }, damaged, nextBatch }
}

async function readLedger(folder: Folder): Promise<Awaited<ReturnType<typeof BatchLedger.open>>> {
  const clock = { now: () => 0, elapsed: () => 0, schedule: () => () => undefined }
  const opened = await BatchLedger.open(folder.ledgerPath, { clock, onTrouble: () => undefined })
  await opened.ledger.close()
  return opened
}

/** Keys in no range that we write. */
async function* strangeKeys(level: Level): AsyncGenerator<string> {
  for (let first = 0; first < 256; first++) {
    if (isRange(first)) continue
    const lt = first < 255 ? { lt: Uint8Array.of(first + 1) } : {}
    const found = await level.iterator({ gte: Uint8Array.of(first), ...lt, limit: 1 }).all()
    for (const [key] of found) {
      if (key[0] === Range.Mark) continue
      yield `The database has keys that are none of Quire's, such as ${Buffer.from(key).toString("hex")}.`
    }
  }
}
