import * as Y from "yjs"

/** Updates merged at once. `Y.mergeUpdates` sorts anew at every step: one call over very many would not end. */
const GROUP = 10

/** One update that says what all of these say, merged in tens, as a tree; `undefined` for none. */
export function mergeTree(updates: readonly Uint8Array[]): Uint8Array | undefined {
  let level = updates
  while (level.length > 1) {
    const merged: Uint8Array[] = []
    for (let i = 0; i < level.length; i += GROUP) merged.push(Y.mergeUpdates(level.slice(i, i + GROUP)))
    level = merged
  }
  return level[0]
}
