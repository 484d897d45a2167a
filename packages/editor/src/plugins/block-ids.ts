import type { Random } from "@quire/base"
import { isBlock } from "@quire/schema"
import type { Node } from "prosemirror-model"
import { type EditorState, Plugin, type Transaction } from "prosemirror-state"
import { createBlockId } from "../block-id.js"
import { type ChangedBlocks, changedBlocks } from "../changed-blocks.js"
import { isRemote } from "./sync.js"

/**
 * Gives each block that a local edit made or copied an id of its own. Looks at local edits only, and there only at the
 * blocks that changed: opening a page, and what others do, is never answered with a write, or two editors would mend
 * each other's mending for ever.
 */
export function blockIds(random: Random): Plugin {
  return new Plugin({
    appendTransaction(transactions, oldState, newState) {
      if (oldState.doc === newState.doc || transactions.some(isRemote)) return null
      return withFreshIds(oldState, newState, random)
    },
  })
}

function withFreshIds(oldState: EditorState, newState: EditorState, random: Random): Transaction | null {
  const changed = changedBlocks(oldState.doc, newState.doc)
  if (keepsItsIds(oldState.doc, newState.doc, changed)) return null
  const taken = idsOutside(newState.doc, changed)
  const owners = ownersOf(oldState.doc, newState.doc, changed)
  const tr = newState.tr
  newState.doc.forEach((block, offset, index) => {
    if (index < changed.from || index >= changed.newTo || !isBlock(block)) return
    const id: unknown = block.attrs.id
    const isItsOwn = typeof id === "string" && !taken.has(id) && owners.get(id) === index
    if (isItsOwn) taken.add(id)
    else tr.setNodeAttribute(offset, "id", createBlockId(random))
  })
  return tr.docChanged ? tr : null
}

/** The everyday case, typing in a block: the same ids in the same order as before. */
function keepsItsIds(oldDoc: Node, newDoc: Node, { from, oldTo, newTo }: ChangedBlocks): boolean {
  if (oldTo !== newTo) return false
  for (let index = from; index < newTo; index++) {
    const id: unknown = newDoc.child(index).attrs.id
    if (typeof id !== "string" || id !== oldDoc.child(index).attrs.id) return false
  }
  return true
}

function idsOutside(doc: Node, { from, newTo }: ChangedBlocks): Set<unknown> {
  const ids = new Set<unknown>()
  doc.forEach((block, _offset, index) => {
    if (index < from || index >= newTo) ids.add(block.attrs.id)
  })
  return ids
}

/** Which of several changed blocks with one id keeps it: the one with the text it had before, else the first. */
function ownersOf(oldDoc: Node, newDoc: Node, changed: ChangedBlocks): Map<unknown, number> {
  const oldText = new Map<unknown, string>()
  for (let index = changed.from; index < changed.oldTo; index++) {
    const block = oldDoc.child(index)
    oldText.set(block.attrs.id, block.textContent)
  }
  const owners = new Map<unknown, number>()
  const isSure = new Set<unknown>()
  for (let index = changed.from; index < changed.newTo; index++) {
    const block = newDoc.child(index)
    const id: unknown = block.attrs.id
    const hasOldText = oldText.get(id) === block.textContent
    if (owners.has(id) && (isSure.has(id) || !hasOldText)) continue
    owners.set(id, index)
    if (hasOldText) isSure.add(id)
  }
  return owners
}
