import { readdir, readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import { damagedLevelError, hasCode } from "./errors.js"
import type { OpenLevel } from "./level.js"
import { damagedIndexes } from "./level-files.js"
import { Store } from "./store.js"

/**
 * Open the level at `path`. LevelDB does not sync the first manifest of a new level, so a loss of power in the first
 * moments of a data folder leaves a level that it calls damaged for ever. Nothing is in such a level, which is looked up,
 * and so it is made anew. Rejects as the level's opening does.
 *
 * @throws StorageError `QUIRE_STORAGE_CORRUPT` if the index of a table is damaged: LevelDB may end the process on one.
 */
export async function openStore(path: string, openLevel: OpenLevel): Promise<Store> {
  const [damaged] = await damagedIndexes(path)
  if (damaged !== undefined) throw damagedLevelError(path, `${damaged.name}: ${damaged.reason}`)
  try {
    return await Store.open(path, openLevel)
  } catch (error) {
    if (!hasCode(error, "LEVEL_CORRUPTION") || !(await holdsNothing(path))) throw error
    await rm(path, { recursive: true })
    return await Store.open(path, openLevel)
  }
}

/** Whether a level has no table, and no log with a byte in it that is not zero. */
async function holdsNothing(path: string): Promise<boolean> {
  for (const name of await readdir(path)) {
    if (/\.(ldb|sst)$/.test(name)) return false
    if (name.endsWith(".log") && (await readFile(join(path, name))).some((byte) => byte !== 0)) return false
  }
  return true
}
