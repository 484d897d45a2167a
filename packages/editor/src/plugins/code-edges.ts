import { schema } from "@quire/schema"
import type { ResolvedPos } from "prosemirror-model"
import { type Command, type EditorState, Plugin, TextSelection } from "prosemirror-state"
import type { EditorView } from "prosemirror-view"

/**
 * Ways out of code within a text. What is typed at its end goes on as code; so that one can write on in plain words,
 * also where the text ends with it, an arrow key first leaves the code and only then moves the caret. A caret that an
 * arrow brings to the end of code from outside stays outside. Other marks need none of this: bold goes on at its end and
 * not at its start, a link never does.
 */
export function codeEdges(): Plugin {
  return new Plugin({
    props: {
      handleKeyDown(view, event) {
        if (event.shiftKey || event.ctrlKey || event.altKey || event.metaKey || view.composing) return false
        if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return false
        const isForward = (event.key === "ArrowRight") !== isRightToLeft(view)
        const step = isForward ? leaveCodeForward : stepBackAtCode
        return step(view.state, view.dispatch)
      },
    },
    appendTransaction(transactions, before, after) {
      const hasOnlyMoved = transactions.every((tr) => !tr.docChanged && tr.getMeta("pointer") === undefined)
      const $before = caretOf(before)
      const $after = caretOf(after)
      if (!hasOnlyMoved || $before === undefined || $after === undefined) return null
      const cameFromOutside = $before.pos > $after.pos && $before.sameParent($after) && isEndOfCode($after)
      return cameFromOutside ? after.tr.setStoredMarks(schema.marks.code.removeFromSet($after.marks())) : null
    },
  })
}

/** Leaves the code that the caret stands at the end of; the caret does not move. Does not apply elsewhere. */
export const leaveCodeForward: Command = (state, dispatch) => {
  const $caret = caretOf(state)
  if ($caret === undefined || !isEndOfCode($caret) || !isCodeNext(state)) return false
  dispatch?.(state.tr.setStoredMarks(schema.marks.code.removeFromSet($caret.marks())))
  return true
}

/**
 * Goes back into the code that was left at its end, or out of the code that a text begins with; the caret does not move.
 * Does not apply elsewhere.
 */
export const stepBackAtCode: Command = (state, dispatch) => {
  const $caret = caretOf(state)
  if ($caret === undefined) return false
  if (isEndOfCode($caret) && !isCodeNext(state)) {
    dispatch?.(state.tr.setStoredMarks($caret.marks()))
    return true
  }
  if ($caret.nodeBefore !== null || !isCodeNext(state)) return false
  dispatch?.(state.tr.setStoredMarks(schema.marks.code.removeFromSet($caret.marks())))
  return true
}

function caretOf({ selection }: EditorState): ResolvedPos | undefined {
  return selection instanceof TextSelection && selection.$cursor !== null ? selection.$cursor : undefined
}

function isEndOfCode({ nodeBefore, nodeAfter }: ResolvedPos): boolean {
  const { code } = schema.marks
  return nodeBefore !== null && code.isInSet(nodeBefore.marks) !== undefined && !code.isInSet(nodeAfter?.marks ?? [])
}

/** Whether the next key would be code. */
function isCodeNext({ storedMarks, selection }: EditorState): boolean {
  return schema.marks.code.isInSet(storedMarks ?? selection.$from.marks()) !== undefined
}

function isRightToLeft(view: EditorView): boolean {
  const { node } = view.domAtPos(view.state.selection.head)
  const element = node instanceof Element ? node : node.parentElement
  if (element === null) return false
  return view.dom.ownerDocument.defaultView?.getComputedStyle(element).direction === "rtl"
}
