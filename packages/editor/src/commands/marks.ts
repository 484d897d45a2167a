import { isCodeblock, schema } from "@quire/schema"
import { toggleMark } from "prosemirror-commands"
import type { MarkType } from "prosemirror-model"
import type { Command, EditorState } from "prosemirror-state"

/** Makes the selected text strong, or takes that back where all of it is. With nothing selected: the next keys. */
export const toggleStrong: Command = outsideCode(schema.marks.strong)

/** Makes the selected text emphasised, or takes that back where all of it is. With nothing selected: the next keys. */
export const toggleEmphasis: Command = outsideCode(schema.marks.em)

/** Underlines the selected text, or takes that back where all of it is. With nothing selected: the next keys. */
export const toggleUnderline: Command = outsideCode(schema.marks.underline)

/** Strikes the selected text through, or takes that back where all of it is. With nothing selected: the next keys. */
export const toggleStrike: Command = outsideCode(schema.marks.strike)

/** Makes the selected text code, or takes that back where all of it is. With nothing selected: the next keys. */
export const toggleCode: Command = outsideCode(schema.marks.code)

/** Whether what would be typed, or some of what is selected, has a mark. */
export function hasMark(state: EditorState, type: MarkType): boolean {
  const { from, to, empty, $from } = state.selection
  if (empty) return type.isInSet(state.storedMarks ?? $from.marks()) !== undefined
  return state.doc.rangeHasMark(from, to, type)
}

/** Toggles a mark, except within one code block: its text has none. */
function outsideCode(type: MarkType): Command {
  const toggle = toggleMark(type)
  return (state, dispatch, view) => {
    const { $from, $to } = state.selection
    if (isCodeblock($from.parent) && $from.sameParent($to)) return false
    return toggle(state, dispatch, view)
  }
}
