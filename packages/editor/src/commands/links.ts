import { isCodeblock, linkUrl, schema } from "@quire/schema"
import type { Command, EditorState } from "prosemirror-state"
import { asOwnStep } from "../plugins/undo.js"

/** A link in the text. */
export interface LinkRange {
  /** Where it begins in the doc. */
  readonly from: number
  /** Where it ends. */
  readonly to: number
  /** What it leads to, as stored: show it, and ask `linkUrl` before following it. */
  readonly href: string
}

/** The link that the caret, or the start of the selection, is in or at the end of. */
export function linkAt(state: EditorState): LinkRange | undefined {
  const { $from, empty } = state.selection
  const { parent } = $from
  if (!parent.inlineContent) return undefined
  const isLinked = (index: number): string | undefined => {
    const child = index >= 0 && index < parent.childCount ? parent.child(index) : undefined
    const mark = child === undefined ? undefined : schema.marks.link.isInSet(child.marks)
    return mark === undefined ? undefined : String(mark.attrs.href)
  }
  let first = $from.index()
  let href = isLinked(first)
  if (href === undefined && empty && $from.textOffset === 0) {
    first -= 1
    href = isLinked(first)
  }
  if (href === undefined) return undefined
  let last = first
  while (isLinked(first - 1) === href) first--
  while (isLinked(last + 1) === href) last++
  const start = $from.start()
  let from = start
  for (let index = 0; index < first; index++) from += parent.child(index).nodeSize
  let to = from
  for (let index = first; index <= last; index++) to += parent.child(index).nodeSize
  return { from, to, href }
}

/**
 * Links the selected text; with nothing selected, changes the link at the caret, or writes the target as a linked text.
 * Does not apply for a target that may not be linked to, nor in code.
 */
export function setLink(target: string): Command {
  return (state, dispatch) => {
    const href = typedUrl(target)
    const { from, to, empty, $from } = state.selection
    if (href === undefined || !$from.parent.inlineContent || isCodeblock($from.parent)) return false
    if (dispatch === undefined) return true
    const mark = schema.mark("link", { href })
    const range = empty ? linkAt(state) : { from, to }
    const tr = state.tr
    if (range === undefined) tr.replaceSelectionWith(schema.text(target.trim(), mark.addToSet($from.marks())), false)
    else tr.removeMark(range.from, range.to, schema.marks.link).addMark(range.from, range.to, mark)
    dispatch(asOwnStep(tr).removeStoredMark(schema.marks.link).scrollIntoView())
    return true
  }
}

/** Takes the link away that is selected or at the caret; its text stays. */
export const removeLink: Command = (state, dispatch) => {
  const { from, to, empty } = state.selection
  const range = empty ? linkAt(state) : { from, to }
  if (range === undefined || !state.doc.rangeHasMark(range.from, range.to, schema.marks.link)) return false
  dispatch?.(asOwnStep(state.tr.removeMark(range.from, range.to, schema.marks.link)))
  return true
}

/** What somebody who types a target means: `example.org` is a web address and `ada@example.org` a mail address. */
export function typedUrl(typed: string): string | undefined {
  const text = typed.trim()
  const url = linkUrl(text)
  if (url !== undefined) return url
  if (/^[^\s@:/]+@[^\s@:/]+\.[^\s@:/.]{2,}$/u.test(text)) return linkUrl(`mailto:${text}`)
  return /^[^\s@:/.]+(?:\.[^\s@:/.]+)*\.[^\s@:/.\d]{2,}(?::\d+)?(?:[/?#]\S*)?$/u.test(text)
    ? linkUrl(`https://${text}`)
    : undefined
}
