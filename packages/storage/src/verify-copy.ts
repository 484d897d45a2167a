import { cp, mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises"
import { basename, join } from "node:path"
import { hasCode } from "./errors.js"
import { type Folder, folderAt, openError } from "./folder.js"
import type { Level, OpenLevel } from "./level.js"

const PREFIX = "doctor-"

/**
 * A copy of a data folder to be opened, changed, and thrown away or put in the place of the original. It lies in the data
 * folder, so that it can be put there by renaming. While it exists no server can open the original.
 */
export class WorkingCopy {
  /** The copy. */
  readonly folder: Folder
  readonly #path: string
  readonly #lock: Level

  private constructor(path: string, lock: Level) {
    this.#path = path
    this.#lock = lock
    this.folder = folderAt(join(path, "data"))
  }

  /**
   * Locks the original and copies it.
   *
   * @throws StorageError as opening the original would.
   */
  static async make(original: Folder, openLevel: OpenLevel): Promise<WorkingCopy> {
    let path: string | undefined
    try {
      path = await mkdtemp(join(original.path, PREFIX))
      const lock = await lockLike(original, join(path, "lock"), openLevel)
      const copy = new WorkingCopy(path, lock)
      try {
        await removeOthers(original.path, basename(path))
        await copyAll(original, copy.folder)
      } catch (error) {
        await copy.close()
        throw error
      }
      return copy
    } catch (error) {
      if (path !== undefined) await rm(path, { recursive: true, force: true })
      throw openError(original, error)
    }
  }

  /** Throws the copy away, as far as it was not moved, and unlocks the original. */
  async close(): Promise<void> {
    await this.#lock.close()
    await rm(this.#path, { recursive: true, force: true })
  }
}

/**
 * Takes the lock of a level without opening it, as opening changes it: an empty level beside it whose lock file is the
 * other's.
 */
async function lockLike(original: Folder, path: string, openLevel: OpenLevel): Promise<Level> {
  await mkdir(path)
  await symlink(join("..", "..", basename(original.levelPath), "LOCK"), join(path, "LOCK"))
  return await openLevel(path)
}

async function copyAll(original: Folder, copy: Folder): Promise<void> {
  await mkdir(copy.path)
  await cp(original.levelPath, copy.levelPath, {
    recursive: true,
    // Closing any handle of the lock file would give up the lock.
    filter: (source) => basename(source) !== "LOCK",
  })
  try {
    await cp(original.ledgerPath, copy.ledgerPath)
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error
  }
}

/** What a check that was killed has left. Nobody else can be checking now: the lock is ours. */
async function removeOthers(path: string, own: string): Promise<void> {
  for (const name of await readdir(path)) {
    if (name.startsWith(PREFIX) && name !== own) await rm(join(path, name), { recursive: true, force: true })
  }
}
