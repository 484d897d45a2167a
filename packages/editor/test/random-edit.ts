import type { SeededRandom } from "@quire/testing"
import { toHeading } from "../src/commands/blocks.js"
import { toggleStrong } from "../src/commands/marks.js"
import type { HeadlessEditor } from "./headless.js"

/** Does one thing that a person might do, anywhere in the page. */
export function randomEdit(editor: HeadlessEditor, random: SeededRandom): void {
  const { state } = editor
  if (state.doc.childCount === 0) {
    editor.dispatch(state.tr.insert(0, state.schema.node("textblock")))
    return
  }
  const block = random.below(state.doc.childCount)
  const offsets = caretOffsets(state.doc.child(block).textContent)
  const ends = [random.pick(offsets), random.pick(offsets)].sort((a, b) => a - b)
  editor.select(block, ends[0] ?? 0, ends[1] ?? 0)
  random.pick(EDITS)(editor, random, block)
}

/** Where a caret can stand in a text: not within a surrogate pair, which Yjs does not let be torn. */
function caretOffsets(text: string): number[] {
  let offset = 0
  return [0, ...[...text].map((character) => (offset += character.length))]
}

type Edit = (editor: HeadlessEditor, random: SeededRandom, block: number) => void

const EDITS: readonly Edit[] = [
  (editor, random) => editor.type(random.pick(["a", "ab", "aa", "\u{1f600}", "\u{1f601}"])),
  (editor) => editor.dispatch(editor.state.tr.deleteSelection()),
  (editor) => editor.run(toggleStrong),
  (editor, random) => editor.run(toHeading(random.pick([1, 2]))),
  (editor) => editor.dispatch(editor.state.tr.split(editor.state.selection.from)),
  (editor, _random, block) => {
    if (block > 0) editor.dispatch(editor.state.tr.join(editor.position(block, 0) - 1))
  },
  (editor, _random, block) => editor.dispatch(editor.state.tr.delete(...around(editor, block))),
  (editor, random, block) => {
    const node = editor.state.doc.child(block)
    const tr = editor.state.tr.delete(...around(editor, block))
    let target = 0
    for (let index = random.below(tr.doc.childCount + 1); index > 0; index--) target += tr.doc.child(index - 1).nodeSize
    editor.dispatch(tr.insert(target, node))
  },
  (editor) => editor.run(editor.history.undo),
  (editor) => editor.run(editor.history.redo),
]

function around(editor: HeadlessEditor, block: number): [from: number, to: number] {
  const from = editor.position(block, 0) - 1
  return [from, from + editor.state.doc.child(block).nodeSize]
}
