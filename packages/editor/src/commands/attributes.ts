import { isBlock } from "@quire/schema"
import type { Node } from "prosemirror-model"
import type { EditorState, Transaction } from "prosemirror-state"
import { asOwnStep } from "../plugins/undo.js"

/** A block of the page. */
export interface PlacedBlock {
  readonly block: Node
  /** Where it begins in the doc. */
  readonly position: number
  /** Its place among the blocks, from 0. */
  readonly index: number
}

/** What is to be written into a block: attributes by name. */
export interface AttributeChange {
  readonly block: Node
  readonly position: number
  readonly attributes: Readonly<Record<string, string | number | boolean | null>>
}

/** The blocks that the selection touches, in order, of whatever kind. */
export function selectedBlocks(state: EditorState): readonly PlacedBlock[] {
  const found: PlacedBlock[] = []
  state.doc.nodesBetween(state.selection.from, state.selection.to, (block, position, _parent, index) => {
    if (isBlock(block)) found.push({ block, position, index })
    return false
  })
  return found
}

/** Adds to a ProseMirror transaction the attributes that differ, one by one: what stays is not written again. */
export function setAttributes(tr: Transaction, changes: readonly AttributeChange[]): Transaction {
  for (const { block, position, attributes } of changes) {
    for (const [name, value] of Object.entries(attributes)) {
      if (block.attrs[name] !== value) tr.setNodeAttribute(position, name, value)
    }
  }
  return tr
}

/**
 * Writes the attributes that differ, as one step to take back. Applies when there is a block to write to, even if
 * nothing differs.
 */
export function writeAttributes(
  state: EditorState,
  dispatch: ((tr: Transaction) => void) | undefined,
  changes: readonly AttributeChange[],
): boolean {
  if (changes.length === 0) return false
  if (dispatch !== undefined) finish(state, dispatch, setAttributes(state.tr, changes))
  return true
}

/** Dispatches a change of blocks as one step to take back; does nothing when there is none. */
export function finish(state: EditorState, dispatch: (tr: Transaction) => void, tr: Transaction): void {
  // The keys pressed next keep the marks that were chosen for them.
  if (state.storedMarks !== null) tr.setStoredMarks(state.storedMarks)
  if (tr.docChanged) dispatch(asOwnStep(tr).scrollIntoView())
}
