import * as Y from "yjs"
import { mergeUpdates } from "./updates.js"

/** A log's prefix folded into one update, and what a room needs to know about it without opening it. */
export interface Folded {
  /** Yjs update, v1 encoding. */
  readonly update: Uint8Array
  /** Its state vector, encoded by Yjs. */
  readonly stateVector: Uint8Array
  /** An update without structs that repeats all its deletions. */
  readonly deleteSet: Uint8Array
}

/**
 * Folds updates, oldest first, into one. Through a temporary ydoc, because merging alone joins no structs and collects
 * no garbage (a 260,000-update text: 3.4 MB merged, 0.31 MB so); what Yjs cannot load completely is only merged.
 *
 * @param collectGarbage whether deleted content may be forgotten; not in documents whose clients keep Yjs snapshots.
 */
export function foldUpdates(updates: readonly Uint8Array[], collectGarbage: boolean): Folded {
  return throughYdoc(updates, collectGarbage) ?? mergedOnly(mergeUpdates(updates))
}

/** In one transaction, so that what a transaction ends with, joining and collecting, is done once. */
function throughYdoc(updates: readonly Uint8Array[], gc: boolean): Folded | undefined {
  const ydoc = new Y.Doc({ gc })
  try {
    ydoc.transact(() => {
      for (const update of updates) Y.applyUpdate(ydoc, update)
    })
    if (ydoc.store.pendingStructs !== null || ydoc.store.pendingDs !== null) return undefined
    const stateVector = Y.encodeStateVector(ydoc)
    const update = Y.encodeStateAsUpdate(ydoc)
    return { update, stateVector, deleteSet: Y.encodeStateAsUpdate(ydoc, stateVector) }
  } catch {
    // Yjs refuses this content: the caller keeps it merged, so that nothing accepted is lost.
    return undefined
  } finally {
    ydoc.destroy()
  }
}

function mergedOnly(update: Uint8Array): Folded {
  const stateVector = Y.encodeStateVectorFromUpdate(update)
  return { update, stateVector, deleteSet: Y.diffUpdate(update, stateVector) }
}
