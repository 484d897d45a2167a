import { TextSelection } from "prosemirror-state"
import type { HeadlessEditor } from "./headless.js"

/** Puts a block to another place, an index among those that remain, and the caret into it. */
export function moveBlock(editor: HeadlessEditor, from: number, to: number): void {
  const block = editor.state.doc.child(from)
  const tr = editor.state.tr.delete(editor.position(from, 0) - 1, editor.position(from + 1, 0) - 1)
  let target = 0
  for (let index = 0; index < to; index++) target += tr.doc.child(index).nodeSize
  tr.insert(target, block)
  editor.dispatch(tr.setSelection(TextSelection.create(tr.doc, target + 1)))
}

/** Takes blocks out of the page, up to an index. */
export function removeBlocks(editor: HeadlessEditor, from: number, to: number): void {
  editor.dispatch(editor.state.tr.delete(editor.position(from, 0) - 1, editor.position(to, 0) - 1))
}
