import type { Node } from "prosemirror-model"
import { type EditorState, Plugin, type Transaction } from "prosemirror-state"
import { changedBlocks } from "../changed-blocks.js"
import { isRemote } from "./sync.js"

/** What stands for half a character, as in Yjs and in UTF-8. */
const REPLACEMENT = "\ufffd"

/** Halves of surrogate pairs that stand alone; whole pairs are no match. */
const LONE_SURROGATE = /\p{Surrogate}/gu

/**
 * Lets no half of a character out of a UTF-16 pair get into the ydoc: it does not survive the encoding of an update, so
 * that everybody else would see another text than its writer. What a local edit tears (a plugin that cuts between the
 * halves, a mark on one of them, a broken paste) becomes U+FFFD at once.
 */
export function wholeCharacters(): Plugin {
  return new Plugin({
    appendTransaction(transactions, oldState, newState) {
      if (oldState.doc === newState.doc || transactions.some(isRemote)) return null
      return withWholeCharacters(oldState, newState)
    },
  })
}

function withWholeCharacters(oldState: EditorState, newState: EditorState): Transaction | null {
  const { from, newTo } = changedBlocks(oldState.doc, newState.doc)
  const tr = newState.tr
  newState.doc.forEach((block, offset, index) => {
    if (index >= from && index < newTo) mendBlock(tr, block, offset)
  })
  return tr.docChanged ? tr : null
}

/** Replaces one for one, so that positions hold. */
function mendBlock(tr: Transaction, block: Node, position: number): void {
  block.descendants((node, offset) => {
    for (const { index } of node.text?.matchAll(LONE_SURROGATE) ?? []) {
      const at = position + 1 + offset + index
      tr.replaceWith(at, at + 1, node.type.schema.text(REPLACEMENT, node.marks))
    }
  })
}
