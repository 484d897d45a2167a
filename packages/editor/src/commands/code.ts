import { isCodeblock, isTextblock, schema } from "@quire/schema"
import { type Command, TextSelection, type Transaction } from "prosemirror-state"
import { finish, type PlacedBlock, selectedBlocks } from "./attributes.js"
import { caretAtStart, placeOf, toParagraph } from "./blocks.js"

/** Commands on code blocks. Code is a node of its own, so turning text into code writes the text anew. */

/** Turns the selected blocks into one block of code, a line each; turns code back into text. */
export const toggleCodeblock: Command = (state, dispatch) => {
  const blocks = selectedBlocks(state)
  if (blocks.some(({ block }) => isCodeblock(block))) return toParagraph(state, dispatch)
  const texts = blocks.filter(({ block }) => isTextblock(block))
  if (texts.length === 0 || texts.length !== blocks.length) return false
  if (dispatch !== undefined) {
    const { anchor, head } = state.selection
    finish(state, dispatch, toCode(state.tr, texts, { anchor, head, language: null }))
  }
  return true
}

/** At the start of an empty code block, or of one that begins the page: turns it into text. For Backspace. */
export const codeblockToText: Command = (state, dispatch) => {
  const $cursor = caretAtStart(state)
  if ($cursor === undefined || !isCodeblock($cursor.parent)) return false
  const isFirst = $cursor.index(0) === 0
  return (isFirst || $cursor.parent.content.size === 0) && toParagraph(state, dispatch)
}

/** On the last line of a code block that ends the page: makes a paragraph below and goes there. For ArrowDown. */
export const leaveCodeDown: Command = (state, dispatch) => {
  const { $head, empty } = state.selection
  if (!empty || !isCodeblock($head.parent) || $head.after() < state.doc.content.size) return false
  if ($head.parent.textContent.slice($head.parentOffset).includes("\n")) return false
  if (dispatch === undefined) return true
  const after = $head.after()
  const tr = state.tr.insert(after, schema.node("textblock"))
  dispatch(tr.setSelection(TextSelection.create(tr.doc, after + 1)).scrollIntoView())
  return true
}

/** How a run of blocks becomes code. */
export interface CodeOptions {
  /** Where the selection stands before; it is put to the same characters. */
  readonly anchor: number
  /** The end of the selection that moves. */
  readonly head: number
  /** The language; null for none. */
  readonly language: string | null
}

/** Adds to a ProseMirror transaction that neighbouring textblocks become one block of code. Marks are left behind. */
export function toCode(tr: Transaction, blocks: readonly PlacedBlock[], options: CodeOptions): Transaction {
  const first = blocks[0] as PlacedBlock // callers have at least one
  const last = blocks.at(-1) as PlacedBlock
  const text = blocks.map(({ block }) => block.textContent).join("\n")
  const attrs = { ...placeOf(first.block), language: options.language }
  const code = schema.node("codeblock", attrs, text === "" ? [] : [schema.text(text)])
  tr.replaceWith(first.position, last.position + last.block.nodeSize, code)
  // Each border between two blocks was two positions and is one line break now.
  const inCode = (position: number): number => {
    const borders = blocks.filter((placed) => placed.position < position).length - 1
    return Math.min(Math.max(position - borders, first.position + 1), first.position + 1 + text.length)
  }
  return tr.setSelection(TextSelection.create(tr.doc, inCode(options.anchor), inCode(options.head)))
}
