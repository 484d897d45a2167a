import { ySyncPluginKey } from "y-prosemirror"
import * as Y from "yjs"

/**
 * Who began a Yjs transaction: the person at this editor (`editor`), the same person taking something back or putting
 * it back (`undo`), somebody else, by an update that came from outside (`remote`), or other code of this program.
 */
export type Origin = "editor" | "undo" | "remote" | "program"

/** Who began a Yjs transaction. */
export function originOf(transaction: Y.Transaction): Origin {
  if (!transaction.local) return "remote"
  if (transaction.origin === ySyncPluginKey) return "editor"
  if (transaction.origin instanceof Y.UndoManager) return "undo"
  return "program"
}
