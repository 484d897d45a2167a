import { type HeadingLevel, headingLevel, isCodeblock, type ListKind, readLayout, schema } from "@quire/schema"
import type { Node } from "prosemirror-model"
import type { EditorState } from "prosemirror-state"
import { selectedBlocks } from "./commands/attributes.js"
import { linkAt } from "./commands/links.js"
import { hasMark } from "./commands/marks.js"
import type { EditHistory } from "./plugins/undo.js"

/** What a toolbar shows of an editor. */
export interface EditorStatus {
  /** What the selected blocks are; `mixed` when they differ, or when there is none. */
  readonly block: "paragraph" | "code" | HeadingLevel | "mixed"
  /** The list that the selected blocks are items of; `none` when they are not, `mixed` when they differ. */
  readonly list: ListKind | "none" | "mixed"
  /** Whether all selected blocks stand in a quote. */
  readonly isQuote: boolean
  /** Whether the selection, or the next key, is strong. */
  readonly isStrong: boolean
  /** Whether the selection, or the next key, is emphasised. */
  readonly isEmphasis: boolean
  /** Whether the selection, or the next key, is underlined. */
  readonly isUnderline: boolean
  /** Whether the selection, or the next key, is struck through. */
  readonly isStrike: boolean
  /** Whether the selection, or the next key, is code in a text. */
  readonly isCode: boolean
  /** Where the link at the caret or the start of the selection leads, as stored; `undefined` when there is none. */
  readonly link: string | undefined
  /** Whether there is something to take back. */
  readonly canUndo: boolean
  /** Whether there is something to put back. */
  readonly canRedo: boolean
  /** Whether the person may write: not without the right to, and not in an editor that has frozen. */
  readonly isEditable: boolean
}

/** The status of a state. Gives `previous` back when nothing differs from it. */
export function readStatus(
  state: EditorState,
  history: EditHistory,
  options: { readonly isEditable: boolean; readonly previous?: EditorStatus },
): EditorStatus {
  const blocks = selectedBlocks(state).map(({ block }) => block)
  const status: EditorStatus = {
    block: common(blocks, kindOf) ?? "mixed",
    list: common(blocks, (block) => readLayout(block.attrs).list ?? "none") ?? "mixed",
    isQuote: blocks.length > 0 && blocks.every((block) => readLayout(block.attrs).quote > 0),
    isStrong: hasMark(state, schema.marks.strong),
    isEmphasis: hasMark(state, schema.marks.em),
    isUnderline: hasMark(state, schema.marks.underline),
    isStrike: hasMark(state, schema.marks.strike),
    isCode: hasMark(state, schema.marks.code),
    link: linkAt(state)?.href,
    canUndo: history.canUndo,
    canRedo: history.canRedo,
    isEditable: options.isEditable,
  }
  const { previous } = options
  const fields = Object.keys(status) as (keyof EditorStatus)[] // the keys of the literal above
  const isSame = previous !== undefined && fields.every((field) => previous[field] === status[field])
  return isSame ? previous : status
}

function kindOf(block: Node): EditorStatus["block"] {
  if (isCodeblock(block)) return "code"
  return block.type === schema.nodes.rule ? "mixed" : (headingLevel(block.attrs) ?? "paragraph")
}

/** What is the same of all blocks; `undefined` when it differs, or when there is no block. */
function common<T>(blocks: readonly Node[], read: (block: Node) => T): T | undefined {
  const values = new Set(blocks.map(read))
  const [first] = values
  return values.size === 1 ? first : undefined
}
