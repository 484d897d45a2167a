import { isBlock } from "@quire/schema"
import type { Node } from "prosemirror-model"
import type { Command } from "prosemirror-state"
import { asPartOf } from "../plugins/undo.js"

/**
 * Replaces a text wherever it stands, exactly as written, within a block; the replacement takes over the marks. Applies
 * when it stands somewhere.
 *
 * Each place is a ProseMirror transaction of its own: written as one, everything between the first and the last place of
 * a block would be replaced, and with it what others type there, their carets and their names on it. All are taken back
 * as one step.
 *
 * @param text what is looked for; not empty.
 */
export function replaceAll(text: string, replacement: string): Command {
  return (state, dispatch) => {
    const places = placesOf(state.doc, text)
    if (places.length === 0) return false
    if (dispatch === undefined) return true
    const whole = {}
    let current = state
    // From the end, so that places hold until they are reached.
    for (const from of places.reverse()) {
      const to = from + text.length
      const tr = replacement === "" ? current.tr.delete(from, to) : current.tr.insertText(replacement, from, to)
      dispatch(asPartOf(tr, whole))
      current = current.apply(tr)
    }
    return true
  }
}

/** Where a text begins in a doc, places that overlap left out. */
function placesOf(doc: Node, text: string): number[] {
  const places: number[] = []
  if (text === "") return places
  doc.descendants((block, position) => {
    if (!isBlock(block) || !block.inlineContent) return
    const content = block.textBetween(0, block.content.size, undefined, "\ufffc")
    for (let at = content.indexOf(text); at >= 0; at = content.indexOf(text, at + text.length)) {
      places.push(position + 1 + at)
    }
  })
  return places
}
