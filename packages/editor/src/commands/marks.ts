import { schema } from "@quire/schema"
import { toggleMark } from "prosemirror-commands"
import type { MarkType } from "prosemirror-model"
import type { Command, EditorState } from "prosemirror-state"

/** Makes the selected text strong, or takes that back where all of it is. With nothing selected: the next keys. */
export const toggleStrong: Command = toggleMark(schema.marks.strong)

/** Makes the selected text emphasised, or takes that back where all of it is. With nothing selected: the next keys. */
export const toggleEmphasis: Command = toggleMark(schema.marks.em)

/** Whether what would be typed, or some of what is selected, has a mark. */
export function hasMark(state: EditorState, type: MarkType): boolean {
  const { from, to, empty, $from } = state.selection
  if (empty) return type.isInSet(state.storedMarks ?? $from.marks()) !== undefined
  return state.doc.rangeHasMark(from, to, type)
}
