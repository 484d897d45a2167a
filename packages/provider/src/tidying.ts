import * as Y from "yjs"

/**
 * Whether a transaction, run while others' updates are taken in, is Yjs's own removal of superfluous marks
 * (`cleanupYTextAfterTransaction`, yjs 13.6): without an origin, it deletes marks and does nothing else. Every ydoc does
 * it for itself, so it is nobody's edit, least of all a reader's.
 */
export function isTidying({ origin, doc, deleteSet, beforeState, afterState }: Y.Transaction): boolean {
  if (origin !== null || deleteSet.clients.size === 0) return false
  for (const [client, clock] of afterState) if (beforeState.get(client) !== clock) return false
  for (const [client, ranges] of deleteSet.clients) {
    const structs = doc.store.clients.get(client) ?? []
    for (const { clock, len } of ranges) {
      for (let at = Y.findIndexSS(structs, clock); at < structs.length; at++) {
        const struct = structs[at]
        if (struct === undefined || struct.id.clock >= clock + len) break
        if (!(struct instanceof Y.Item && struct.content instanceof Y.ContentFormat) && !isCollected(struct))
          return false
      }
    }
  }
  return true
}

/** What was deleted may have lost its content already, when the transaction is told of. */
function isCollected(struct: Y.GC | Y.Item): boolean {
  return struct instanceof Y.GC || (struct instanceof Y.Item && struct.content instanceof Y.ContentDeleted)
}
