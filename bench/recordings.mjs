// Recorded traces of people writing (traces/README.md) as the Yjs updates that an editor would have sent.
import { createHash } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { gunzipSync } from "node:zlib"
import * as Y from "yjs"

const FOLDERS = ["traces", "../apps/server/test/traces"].map((path) => fileURLToPath(new URL(path, import.meta.url)))

/** The one author of every recording. */
export const AUTHOR = 1
/** Name of the Y.Text that is written. */
const ROOT = "text"

/** Where a recording lies, or `undefined`. `QUIRE_TRACES` names a folder for those that are not of the repository. */
export function recordingPath(name) {
  const folders = [...FOLDERS, ...(process.env.QUIRE_TRACES === undefined ? [] : [process.env.QUIRE_TRACES])]
  return folders.map((folder) => join(folder, `${name}.json.gz`)).find((path) => existsSync(path))
}

/**
 * A recording's transactions as Yjs updates, in order, and for each the author's clock after it.
 *
 * @param sha256 of its end text: that it is what it says.
 * @throws when the recording is another, or Yjs does not come to its end text.
 */
export function replay(path, sha256) {
  const { txns, endContent } = JSON.parse(gunzipSync(readFileSync(path)).toString("utf8"))
  if (createHash("sha256").update(endContent).digest("hex") !== sha256) throw new Error(`${path} is another recording`)
  const ydoc = new Y.Doc()
  ydoc.clientID = AUTHOR
  const text = ydoc.getText(ROOT)
  const updates = []
  const clocks = []
  ydoc.on("update", (update) => {
    updates.push(update)
    clocks.push(Y.getState(ydoc.store, AUTHOR))
  })
  for (const { patches } of txns) {
    ydoc.transact(() => {
      for (const [position, deleted, inserted] of patches) {
        if (deleted > 0) text.delete(position, deleted)
        if (inserted !== "") text.insert(position, inserted)
      }
    })
  }
  if (text.toString() !== endContent) throw new Error(`replaying ${path} gives another text`)
  return { updates, clocks, endContent, stateBytes: Y.encodeStateAsUpdate(ydoc).length }
}

/** The text of somebody who took in these updates. */
export function recordedText(updates) {
  const ydoc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(ydoc, update)
  return ydoc.getText(ROOT).toString()
}
