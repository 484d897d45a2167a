import { statSync } from "node:fs"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { hasCode } from "./errors.js"
import { syncFolder } from "./folder.js"

/*
 * LevelDB syncs what it writes, but not every name it gives: when it begins a new log, and when it lets CURRENT name a new
 * manifest, it leaves it to the file system to have the name on the disk with the bytes. The journals of ext4, XFS and
 * Btrfs do that; POSIX does not promise it. Here the level's folder is synced before anything is acknowledged that only a
 * new name leads to. apps/server/test/power-loss.test.ts shows what is lost without it.
 */

/** The names in a level's folder, as far as acknowledged batches need them. */
export class LevelNames {
  readonly #path: string
  /** The log that batches go to; `undefined` for a level that has none, such as one in memory. */
  #log: { readonly path: string; sizeBytes: number } | undefined

  /** @param path the level's folder. */
  constructor(path: string) {
    this.#path = path
  }

  /** Make the names durable that opening the level gave. Rejects as the disk does. */
  async opened(): Promise<void> {
    this.#log = await newestLog(this.#path)
    if (this.#log !== undefined) await syncFolder(this.#path)
  }

  /**
   * Make the name durable of the log that a batch has just gone to. A batch that is in no log we know of, as that did not
   * grow, is in a new one. Rejects as the disk does, and if there is none: somebody took the folder away, and what LevelDB
   * writes then goes into files that nobody will find.
   */
  async written(): Promise<void> {
    if (this.#log === undefined) return
    const sizeBytes = sizeOf(this.#log.path)
    if (sizeBytes > this.#log.sizeBytes) {
      this.#log.sizeBytes = sizeBytes
      return
    }
    await this.opened()
    if (this.#log === undefined) throw new Error(`${this.#path} has no log any more`)
  }
}

async function newestLog(folder: string): Promise<{ path: string; sizeBytes: number } | undefined> {
  const numbers = (await namesIn(folder)).flatMap((name) =>
    /^\d+\.log$/.test(name) ? [Number.parseInt(name, 10)] : [],
  )
  if (numbers.length === 0) return undefined
  const path = join(folder, `${String(Math.max(...numbers)).padStart(6, "0")}.log`)
  return { path, sizeBytes: sizeOf(path) }
}

/**
 * Bytes of a file; 0 if it is gone. Asked without a thread, after every batch: what has just been written to is in the
 * system's memory, and a thread would cost more than the answer.
 */
function sizeOf(path: string): number {
  try {
    return statSync(path).size
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error
    return 0
  }
}

/** None if there is no such folder. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error
    return []
  }
}
