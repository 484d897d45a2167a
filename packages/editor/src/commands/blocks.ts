import type { Random } from "@quire/base"
import {
  type HeadingLevel,
  headingLevel,
  INDENT_MAX,
  isCodeblock,
  isTextblock,
  readLayout,
  schema,
} from "@quire/schema"
import type { Node, ResolvedPos } from "prosemirror-model"
import { type Command, type EditorState, TextSelection, type Transaction } from "prosemirror-state"
import { createBlockId } from "../block-id.js"
import { finish, selectedBlocks, setAttributes } from "./attributes.js"

/**
 * Commands on whole blocks. Turning a block into something else writes only the attributes that differ, never the block:
 * a colleague who types in it at the same moment loses nothing. Only code is a block of another kind.
 */

/** Turns the selected blocks into paragraphs that are items of no list. */
export const toParagraph: Command = (state, dispatch) =>
  convert(state, dispatch, { kind: "paragraph", list: null, start: null, checked: null })

/** Turns the selected blocks into headings of a level. */
export function toHeading(level: HeadingLevel): Command {
  return (state, dispatch) => convert(state, dispatch, { kind: "heading", level })
}

/** At the start of a heading: turns it into a paragraph. Else does not apply. */
export const headingToParagraph: Command = (state, dispatch) => {
  const $cursor = caretAtStart(state)
  if ($cursor === undefined || headingLevel($cursor.parent.attrs) === undefined) return false
  return convert(state, dispatch, { kind: "paragraph" })
}

/**
 * Ends the block at the caret and begins another. The part that keeps the old block's text keeps its id: at the very
 * start of a text, an empty block is put before it; else the rest goes into a new block, which is a paragraph when
 * nothing is carried over. The new block stands where the old one does, in the same list; after a toggle it is the
 * first thing that the toggle holds.
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
    if (isAtStart) insertBefore(tr, random)
    else splitAt(tr, random)
    dispatch(tr.ensureMarks(marks).scrollIntoView())
    return true
  }
}

/** Ends the line at the caret, not the block. */
export const breakLine: Command = (state, dispatch) => {
  if (!state.selection.$from.parent.inlineContent) return false
  if (dispatch === undefined) return true
  const marks = state.storedMarks ?? state.selection.$from.marks()
  dispatch(state.tr.insertText("\n").ensureMarks(marks).scrollIntoView())
  return true
}

/** Draws a line across the page: above an empty block, else below the block with the caret, which goes on after it. */
export function insertRule(random: Random): Command {
  return (state, dispatch) => {
    const { $from } = state.selection
    if ($from.depth === 0) return false
    if (dispatch === undefined) return true
    const { indent, quote } = $from.parent.attrs
    const rule = schema.node("rule", { indent: indent ?? null, quote: quote ?? null, id: createBlockId(random) })
    const tr = state.tr
    if ($from.parent.content.size === 0 && isTextblock($from.parent)) {
      tr.insert($from.before(1), rule)
    } else {
      const after = $from.after(1)
      const next = state.doc.nodeAt(after)
      const needsBlock = next === null || !isTextblock(next)
      tr.insert(after, needsBlock ? [rule, newBlock(random, { quote: quote ?? null })] : [rule])
      tr.setSelection(TextSelection.create(tr.doc, after + rule.nodeSize + 1))
    }
    finish(state, dispatch, tr)
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

/** The caret when it stands before all text of its block; `undefined` elsewhere and while something is selected. */
export function caretAtStart(state: EditorState): ResolvedPos | undefined {
  if (!(state.selection instanceof TextSelection)) return undefined
  const { $cursor } = state.selection
  return $cursor !== null && $cursor.parentOffset === 0 ? $cursor : undefined
}

function convert(
  state: EditorState,
  dispatch: ((tr: Transaction) => void) | undefined,
  attributes: Readonly<Record<string, string | number | null>>,
): boolean {
  const blocks = selectedBlocks(state).filter(({ block }) => isTextblock(block) || isCodeblock(block))
  if (blocks.length === 0) return false
  if (dispatch === undefined) return true
  const tr = state.tr
  for (const { block, position } of blocks) {
    if (isTextblock(block)) setAttributes(tr, [{ block, position, attributes }])
    else tr.setNodeMarkup(position, schema.nodes.textblock, { ...placeOf(block), ...attributes })
  }
  finish(state, dispatch, tr)
  return true
}

/** The attributes that blocks of every kind have. */
export function placeOf({ attrs: { indent, quote, id } }: Node): Readonly<Record<string, unknown>> {
  return { indent, quote, id }
}

/** The block with the caret keeps its text; an empty one of the same list is put before it, and takes over its number. */
function insertBefore(tr: Transaction, random: Random): void {
  const caret = tr.selection.$from
  const { list, start, indent, quote } = caret.parent.attrs
  const position = caret.before()
  if (start !== null) tr.setNodeAttribute(position, "start", null)
  tr.insert(position, newBlock(random, { list, start, indent, quote }))
}

function splitAt(tr: Transaction, random: Random): void {
  const caret = tr.selection.$from
  const isAtEnd = caret.parentOffset === caret.parent.content.size
  const { list, indent } = readLayout(caret.parent.attrs)
  const attrs = {
    ...caret.parent.attrs,
    start: null,
    checked: null,
    ...(isAtEnd ? { kind: "paragraph" } : {}),
    ...(isAtEnd && list === "toggle" ? { list: null, indent: Math.min(INDENT_MAX, indent + 1) } : {}),
    id: createBlockId(random),
  }
  tr.split(caret.pos, 1, [{ type: schema.nodes.textblock, attrs }])
}

function newBlock(random: Random, attrs: Readonly<Record<string, unknown>>): Node {
  return schema.node("textblock", { ...attrs, id: createBlockId(random) })
}
