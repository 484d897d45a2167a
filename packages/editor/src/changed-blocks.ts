import type { Node } from "prosemirror-model"

/** The run of blocks in which two docs differ: `[from, oldTo)` of the old one became `[from, newTo)` of the new one. */
export interface ChangedBlocks {
  /** Index of the first block that differs, in both. */
  readonly from: number
  /** Index after the last one, in the old doc. */
  readonly oldTo: number
  /** Index after the last one, in the new doc. */
  readonly newTo: number
}

/** Which blocks changed between two docs, by identity: blocks that nobody touched are the same objects. */
export function changedBlocks(oldDoc: Node, newDoc: Node): ChangedBlocks {
  const shorter = Math.min(oldDoc.childCount, newDoc.childCount)
  let from = 0
  while (from < shorter && oldDoc.child(from) === newDoc.child(from)) from++
  let oldTo = oldDoc.childCount
  let newTo = newDoc.childCount
  while (oldTo > from && newTo > from && oldDoc.child(oldTo - 1) === newDoc.child(newTo - 1)) {
    oldTo--
    newTo--
  }
  return { from, oldTo, newTo }
}
