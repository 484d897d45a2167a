import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { BatchLedger } from "./batch-ledger.js"
import { readableDirectory } from "./directory-check.js"
import { corruptError, hasCode } from "./errors.js"
import { checkFolder, type Folder, folderAt, syncFolder, writeFormat } from "./folder.js"
import { markKey } from "./keys.js"
import type { Entry } from "./level.js"
import { encodeMark, FORMAT_VERSION } from "./mark.js"
import { mend, type Salvage } from "./repair-document.js"
import { type Finding, type Verification, type VerifiedCopy, type VerifyOptions, verifyCopy } from "./verify.js"
import { WorkingCopy } from "./verify-copy.js"
import { documentIds, readRaw } from "./verify-document.js"

/** What a repair works with. */
export interface RepairOptions extends VerifyOptions {
  /** Makes one body of what is left of it. */
  readonly salvage: Salvage
  /** Names the part of the quarantine that this repair fills, as a folder's name: a date and time. */
  readonly stamp: string
}

/** What a repair did. */
export interface Repair {
  /** What was found before. */
  readonly before: Verification
  /** What became of each damaged document, as sentences; none if nothing was wrong. */
  readonly done: readonly Finding[]
  /** Folder with everything as it was before; `undefined` if nothing was changed. */
  readonly quarantine: string | undefined
}

/** Folder in a data folder for what repairs replaced. Nothing in it is ever read or removed by Quire. */
const QUARANTINE = "quarantine"

/**
 * Mends a data folder that no server uses. Works on a copy, checks that copy again, and only then puts it in the place of
 * the original, which goes into the quarantine as a whole. Stopped at any moment, the folder is as before, or as after,
 * or is refused by the server until a repair is run again.
 *
 * @throws StorageError as `verifyFolder`; `QUIRE_STORAGE_CORRUPT` if the copy is not sound afterwards (nothing is changed).
 */
export async function repairFolder(options: RepairOptions): Promise<Repair> {
  await finishInterrupted(options.directory)
  const folder = await checkFolder(options.directory)
  const copy = await WorkingCopy.make(folder, options.openLevel)
  try {
    const { before, done } = await mendCopy(copy.folder, options)
    if (before.findings.length === 0) return { before, done: [], quarantine: undefined }
    const { findings } = (await verifyCopy(copy.folder, options)).verification
    const [left] = findings
    if (left !== undefined) throw corruptError(`the repaired copy of ${folder.path}`, left.what)
    const quarantine = join(folder.path, QUARANTINE, options.stamp)
    await exchange(folder, copy.folder, { quarantine, report: [...before.findings, ...done] })
    return { before, done, quarantine }
  } finally {
    await copy.close()
  }
}

async function mendCopy(
  folder: Folder,
  options: RepairOptions,
): Promise<{ before: Verification; done: readonly Finding[] }> {
  const first = await verifyCopy(folder, options)
  if (first.verification.findings.length === 0) return { before: first.verification, done: [] }
  const done = await mendLevel(folder, first, options)
  await renewLedger(folder)
  return { before: first.verification, done }
}

/**
 * Writes the level anew: whole documents as they are, damaged ones mended. Changing the old one would not do: what is
 * damaged in its tables comes through whatever is written over it.
 */
async function mendLevel(folder: Folder, found: VerifiedCopy, options: RepairOptions): Promise<Finding[]> {
  const done: Finding[] = []
  const damaged = new Map(found.damaged.map((document) => [hex(document.id), document]))
  const path = join(folder.path, "mended")
  const [old, mended] = [await options.openLevel(folder.levelPath), await options.openLevel(path)]
  try {
    const write = async (entries: readonly Entry[]): Promise<void> =>
      mended.batch(
        entries.map(([key, value]) => ({ type: "put", key, value })),
        { sync: true },
      )
    for await (const id of documentIds(old)) {
      const document = damaged.get(hex(id))
      if (document === undefined) await write(await readRaw(old, id))
      else {
        const { entries, what, document: name } = mend(document, found.nextBatch, options.salvage)
        await write(entries)
        done.push({ document: name, what })
      }
    }
    for await (const entries of readableDirectory(old)) await write(entries)
    await write([[markKey(), encodeMark({ format: FORMAT_VERSION, batch: found.nextBatch })]])
  } finally {
    await old.close()
    await mended.close()
  }
  await rm(folder.levelPath, { recursive: true })
  await rename(path, folder.levelPath)
  return done
}

function hex(id: Uint8Array): string {
  return Buffer.from(id).toString("hex")
}

/** A ledger that remembers nothing: what it remembered was told, and holds no more. */
async function renewLedger(folder: Folder): Promise<void> {
  await rm(folder.ledgerPath, { force: true })
  const clock = { now: () => 0, elapsed: () => 0, schedule: () => () => undefined }
  const { ledger } = await BatchLedger.open(folder.ledgerPath, { clock, onTrouble: () => undefined })
  await ledger.close()
}

/**
 * Puts the copy into the original's place. The file `format` goes first and comes back last: a server refuses a folder
 * that has data and no format file, so it cannot start in between, also not after a stop here.
 */
async function exchange(
  original: Folder,
  copy: Folder,
  { quarantine, report }: { readonly quarantine: string; readonly report: readonly Finding[] },
): Promise<void> {
  const aside = folderAt(quarantine)
  await mkdir(join(original.path, QUARANTINE), { recursive: true })
  await mkdir(aside.path)
  await writeFile(join(aside.path, "report.txt"), `${report.map(({ what }) => what).join("\n")}\n`)
  await rename(join(original.path, "format"), join(aside.path, "format"))
  await rename(original.levelPath, aside.levelPath)
  await rename(copy.levelPath, original.levelPath)
  await moveIfThere(original.ledgerPath, aside.ledgerPath)
  await rename(copy.ledgerPath, original.ledgerPath)
  await syncFolder(aside.path)
  await syncFolder(original.path)
  await writeFormat(original.path)
}

/** Ends a repair that was stopped while it exchanged the two: forwards if the new level is there, else backwards. */
async function finishInterrupted(path: string): Promise<void> {
  const names = await namesIn(path)
  if (names.includes("format") || !names.includes(QUARANTINE)) return
  const newest = (await namesIn(join(path, QUARANTINE))).sort().at(-1)
  if (newest === undefined) return
  const aside = folderAt(join(path, QUARANTINE, newest))
  const kept = await namesIn(aside.path)
  if (!kept.includes("format")) return
  if (kept.includes("level") && names.includes("level")) return await writeFormat(path)
  const original = folderAt(path)
  await moveIfThere(aside.levelPath, original.levelPath)
  await rename(join(aside.path, "format"), join(path, "format"))
  await syncFolder(path)
}

async function moveIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error
  }
}

async function namesIn(path: string): Promise<string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return []
    throw error
  }
}
