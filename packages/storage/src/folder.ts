import { randomBytes } from "node:crypto"
import { mkdir, open, readdir, readFile, rename, stat, statfs, unlink } from "node:fs/promises"
import { dirname, join, resolve } from "node:path"
import { damagedLevelError, errorTexts, explainWriteFailure, hasCode, StorageError } from "./errors.js"
import { FORMAT_VERSION } from "./mark.js"

/*
 * The data folder: `format` (one line of text), `level/` and `ledger`. FORMAT.md, "The folder".
 */

const FORMAT_TEXT = /^quire storage format ([1-9][0-9]{0,8})\n$/

/** What a probe writes. */
const PROBE_BYTES = 64 * 1024

/** Free space asked for beyond what LevelDB rewrites when it is reopened: its new log, its manifest, the next batch. */
const REOPEN_SPARE_BYTES = 1024 * 1024

/** Where the parts of a data folder are. */
export interface Folder {
  /** The folder itself. */
  readonly path: string
  /** The level's own folder. */
  readonly levelPath: string
  /** The ledger file. */
  readonly ledgerPath: string
}

/**
 * Make sure that a folder is one of ours and can be written, creating it if it is not there.
 *
 * @throws StorageError `QUIRE_STORAGE_FORMAT_NEWER`, `QUIRE_STORAGE_NOT_WRITABLE`, or `QUIRE_STORAGE_CORRUPT` if the
 *   format file is missing beside data, or is none.
 */
export async function openFolder(path: string): Promise<Folder> {
  try {
    await makeFolder(path)
    const text = await readFormat(path)
    if (text === undefined) await createFormat(path)
    else checkFormat(path, text)
  } catch (error) {
    throw error instanceof StorageError ? error : notWritable(path, error)
  }
  return folderAt(path)
}

/** Make a folder, and those it lies in, so that a loss of power does not take it away with all that is in it. */
async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true })
  if (first === undefined) return
  for (let made = resolve(path); made !== dirname(resolve(first)); made = dirname(made)) await syncFolder(dirname(made))
}

/** The names of the parts. Nothing is looked at. */
export function folderAt(path: string): Folder {
  return { path, levelPath: join(path, "level"), ledgerPath: join(path, "ledger") }
}

/**
 * Make sure that a folder is one of ours and has data, changing nothing.
 *
 * @throws StorageError `QUIRE_STORAGE_FORMAT_NEWER`, or `QUIRE_STORAGE_CORRUPT` if it is not a data folder.
 */
export async function checkFolder(path: string): Promise<Folder> {
  let text: string | undefined
  let found: string[] = []
  try {
    text = await readFormat(path)
    found = await readdir(path)
  } catch (error) {
    if (!hasCode(error, "ENOENT", "ENOTDIR")) throw notWritable(path, error)
  }
  if (text === undefined || !found.includes("level")) {
    throw new StorageError("QUIRE_STORAGE_CORRUPT", `${path} is not a data folder of Quire`, {
      hint: "Name the folder that the server was started with: it has a file format and a folder level.",
    })
  }
  checkFormat(path, text)
  return folderAt(path)
}

/** Write the format file, durably. Of two processes that do so in one moment neither disturbs the other. */
export async function writeFormat(path: string): Promise<void> {
  const temporary = join(path, `format.${randomBytes(4).toString("hex")}.new`)
  const file = await open(temporary, "w")
  try {
    await file.writeFile(`quire storage format ${FORMAT_VERSION}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, join(path, "format"))
  await syncFolder(path)
}

/**
 * Rejects while the folder takes no writes, or while there is less space than reopening the level takes: LevelDB then
 * writes its log anew as a table file, and is of no use to anybody if it cannot.
 */
export async function probe(folder: Folder): Promise<void> {
  const neededBytes = (await levelLogBytes(folder)) + REOPEN_SPARE_BYTES
  const { bavail, bsize } = await statfs(folder.path)
  if (bavail * bsize < neededBytes) {
    throw Object.assign(new Error(`${bavail * bsize} bytes are free, ${neededBytes} needed`), { code: "ENOSPC" })
  }
  const path = join(folder.path, "probe")
  const file = await open(path, "w")
  try {
    await file.writeFile(new Uint8Array(PROBE_BYTES))
    await file.sync()
  } finally {
    await file.close()
    await unlink(path)
  }
}

/** Make the names in a folder durable: a file's own fsync does not. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r")
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** The error for a level that does not open, in our words. */
export function openError(folder: Folder, error: unknown): StorageError {
  if (error instanceof StorageError) return error
  if (hasCode(error, "LEVEL_LOCKED")) {
    return new StorageError("QUIRE_STORAGE_LOCKED", `the data folder ${folder.path} is in use by another process`, {
      hint: "Stop the other server, or give this one a data folder of its own.",
      cause: error,
    })
  }
  if (hasCode(error, "EACCES", "EPERM", "EROFS") || /permission denied|read-only/i.test(errorTexts(error).join(";"))) {
    return notWritable(folder.path, error)
  }
  if (hasCode(error, "LEVEL_CORRUPTION"))
    return damagedLevelError(folder.levelPath, errorTexts(error).join("; "), error)
  const { code, reason } = explainWriteFailure(error)
  return new StorageError(code, `the data folder ${folder.path} cannot be opened: ${reason}`, {
    hint: "Check the disk and its free space, then start the server again.",
    cause: error,
  })
}

/** Bytes of LevelDB's log files; 0 if there is no level folder (a level in memory). */
async function levelLogBytes({ levelPath }: Folder): Promise<number> {
  try {
    const logs = (await readdir(levelPath)).filter((file) => file.endsWith(".log"))
    const sizes = await Promise.all(logs.map(async (file) => (await stat(join(levelPath, file))).size))
    return sizes.reduce((sum, size) => sum + size, 0)
  } catch (error) {
    if (hasCode(error, "ENOENT")) return 0
    throw error
  }
}

async function readFormat(path: string): Promise<string | undefined> {
  try {
    return await readFile(join(path, "format"), "utf8")
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined
    throw error
  }
}

/** The format file is made before anything else, so data without it is not what we left there. */
async function createFormat(path: string): Promise<void> {
  const found = await readdir(path)
  if (!found.includes("level") && !found.includes("ledger")) return await writeFormat(path)
  // Unless another process has made all of it since we looked for the file: the level's lock tells who may go on.
  const text = await readFormat(path)
  if (text !== undefined) return checkFormat(path, text)
  throw new StorageError("QUIRE_STORAGE_CORRUPT", `the data folder ${path} has data but no format file`, {
    hint: `If it is Quire's, restore the file "format" from a backup; otherwise choose an empty folder.`,
  })
}

function checkFormat(path: string, text: string): void {
  const version = FORMAT_TEXT.exec(text)?.[1]
  if (version === undefined) {
    throw new StorageError(
      "QUIRE_STORAGE_CORRUPT",
      `the format file in ${path} reads ${JSON.stringify(text.slice(0, 80))}, not "quire storage format N"`,
      { hint: "Choose another folder if this is not Quire's; otherwise restore the file from a backup." },
    )
  }
  if (Number(version) > FORMAT_VERSION) {
    throw new StorageError(
      "QUIRE_STORAGE_FORMAT_NEWER",
      `the data folder ${path} has format ${version}, this release knows ${FORMAT_VERSION}`,
      { hint: "Start the newer release again; to go back, restore the backup made before the upgrade." },
    )
  }
}

function notWritable(path: string, error: unknown): StorageError {
  return new StorageError(
    "QUIRE_STORAGE_NOT_WRITABLE",
    `the data folder ${path} cannot be written (${errorTexts(error).join("; ")})`,
    { hint: "Let the server's user write there, or name another folder.", cause: error },
  )
}
