import { type HeadingLevel, headingLevel, schema } from "@quire/schema"
import type { EditorState } from "prosemirror-state"
import { selectedBlocks } from "./commands/blocks.js"
import { hasMark } from "./commands/marks.js"
import type { EditHistory } from "./plugins/undo.js"

/** What a toolbar shows of an editor. */
export interface EditorStatus {
  /** What the selected blocks are; `mixed` when they differ, or when there is none. */
  readonly block: "paragraph" | HeadingLevel | "mixed"
  /** Whether the selection, or the next key, is strong. */
  readonly isStrong: boolean
  /** Whether the selection, or the next key, is emphasised. */
  readonly isEmphasis: boolean
  /** Whether there is something to take back. */
  readonly canUndo: boolean
  /** Whether there is something to put back. */
  readonly canRedo: boolean
  /** Whether the person may write. */
  readonly isEditable: boolean
}

/** The status of a state. Gives `previous` back when nothing differs from it. */
export function readStatus(
  state: EditorState,
  history: EditHistory,
  options: { readonly isEditable: boolean; readonly previous?: EditorStatus },
): EditorStatus {
  const status: EditorStatus = {
    block: blockOf(state),
    isStrong: hasMark(state, schema.marks.strong),
    isEmphasis: hasMark(state, schema.marks.em),
    canUndo: history.canUndo,
    canRedo: history.canRedo,
    isEditable: options.isEditable,
  }
  const { previous } = options
  const isSame = previous !== undefined && STATUS_FIELDS.every((field) => previous[field] === status[field])
  return isSame ? previous : status
}

const STATUS_FIELDS = ["block", "isStrong", "isEmphasis", "canUndo", "canRedo", "isEditable"] as const

function blockOf(state: EditorState): EditorStatus["block"] {
  const kinds = new Set(selectedBlocks(state).map(({ block }) => headingLevel(block.attrs) ?? "paragraph"))
  const [first] = kinds
  return kinds.size === 1 && first !== undefined ? first : "mixed"
}
