import type { Random } from "@quire/base"
import { type HeadingLevel, headingLevel, isTextblock, schema } from "@quire/schema"
import type { Node } from "prosemirror-model"
import { type Command, type EditorState, TextSelection, type Transaction } from "prosemirror-state"
import { createBlockId } from "../block-id.js"
import { asOwnStep } from "../plugins/undo.js"

/**
 * Commands on whole blocks. Turning a block into something else writes only the attributes that differ, never the block:
 * a colleague who types in it at the same moment loses nothing.
 */

/** Turns the selected blocks into paragraphs. */
export const toParagraph: Command = (state, dispatch) => convert(state, dispatch, { kind: "paragraph" })

/** Turns the selected blocks into headings of a level. */
export function toHeading(level: HeadingLevel): Command {
  return (state, dispatch) => convert(state, dispatch, { kind: "heading", level })
}

/** At the start of a heading: turns it into a paragraph. Else does not apply. */
export const headingToParagraph: Command = (state, dispatch) => {
  const { $cursor } = state.selection as TextSelection // other selections have none
  const isAtStart = $cursor != null && $cursor.parentOffset === 0
  if (!isAtStart || headingLevel($cursor.parent.attrs) === undefined) return false
  return toParagraph(state, dispatch)
}

/**
 * Ends the block at the caret and begins another. The part that keeps the old block's text keeps its id: at the very
 * start of a text, an empty paragraph is put before it; else the rest goes into a new block, which is a paragraph when
 * nothing is carried over.
 */
export function splitBlock(random: Random): Command {
  return (state, dispatch) => {
    const { $from, $to } = state.selection
    if (!isTextblock($from.parent) || !isTextblock($to.parent)) return false
    if (dispatch === undefined) return true
    const marks = state.storedMarks ?? ($from.parentOffset > 0 ? $from.marks() : [])
    const tr = state.tr.deleteSelection()
    const caret = tr.selection.$from
    const isAtStart = caret.parentOffset === 0 && caret.parent.content.size > 0
    if (isAtStart) tr.insert(caret.before(), newBlock(random, {}))
    else splitAt(tr, random)
    dispatch(tr.ensureMarks(marks).scrollIntoView())
    return true
  }
}

/** Selects the page's whole text. As a text selection: deleting it leaves the first block, with its id, to write in. */
export const selectAllText: Command = (state, dispatch) => {
  if (state.doc.content.size === 0) return false
  const { doc, tr } = state
  dispatch?.(tr.setSelection(TextSelection.between(doc.resolve(0), doc.resolve(doc.content.size))))
  return true
}

/** The textblocks that the selection touches, in order, each with its position in the doc. */
export function selectedBlocks(state: EditorState): readonly { readonly block: Node; readonly position: number }[] {
  const found: { block: Node; position: number }[] = []
  state.doc.nodesBetween(state.selection.from, state.selection.to, (node, position) => {
    if (!isTextblock(node)) return true
    found.push({ block: node, position })
    return false
  })
  return found
}

function convert(
  state: EditorState,
  dispatch: ((tr: Transaction) => void) | undefined,
  attributes: Readonly<Record<string, string | number>>,
): boolean {
  const blocks = selectedBlocks(state)
  if (blocks.length === 0) return false
  if (dispatch === undefined) return true
  const tr = state.tr
  for (const { block, position } of blocks) {
    for (const [name, value] of Object.entries(attributes)) {
      if (block.attrs[name] !== value) tr.setNodeAttribute(position, name, value)
    }
  }
  // The keys pressed next keep the marks that were chosen for them.
  if (state.storedMarks !== null) tr.setStoredMarks(state.storedMarks)
  if (tr.docChanged) dispatch(asOwnStep(tr).scrollIntoView())
  return true
}

function splitAt(tr: Transaction, random: Random): void {
  const caret = tr.selection.$from
  const isAtEnd = caret.parentOffset === caret.parent.content.size
  const attrs = { ...caret.parent.attrs, ...(isAtEnd ? { kind: "paragraph" } : {}), id: createBlockId(random) }
  tr.split(caret.pos, 1, [{ type: schema.nodes.textblock, attrs }])
}

function newBlock(random: Random, attrs: Readonly<Record<string, unknown>>): Node {
  return schema.node("textblock", { ...attrs, id: createBlockId(random) })
}
