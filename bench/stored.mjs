// What a data folder holds.
import { readdirSync, statSync } from "node:fs"
import { join } from "node:path"

/** First bytes of Quire's keys for history chunks (packages/storage/FORMAT.md, "Keys"). */
const HISTORY = 0x40

/** Bytes of all files in a folder. */
export function folderBytes(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
}

/** Bytes of keys and values in the level of a Quire folder that no process uses. */
export async function quireBytes(folder, Level) {
  const level = new Level(join(folder, "level"), { keyEncoding: "view", valueEncoding: "view" })
  await level.open()
  const bytes = { withoutHistory: 0, history: 0 }
  for await (const [key, value] of level.iterator()) {
    bytes[key[0] === HISTORY ? "history" : "withoutHistory"] += key.length + value.length
  }
  await level.close()
  return bytes
}
