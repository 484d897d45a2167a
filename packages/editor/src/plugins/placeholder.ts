import { headingLevel } from "@quire/schema"
import { Plugin } from "prosemirror-state"
import { Decoration, DecorationSet } from "prosemirror-view"

/** Shows a hint in the one block of a page without text. The hint is drawn by CSS and never becomes content. */
export function placeholder(hint: string): Plugin {
  return new Plugin({
    props: {
      decorations(state) {
        const only = state.doc.childCount === 1 ? state.doc.child(0) : undefined
        if (only === undefined || only.content.size > 0 || headingLevel(only.attrs) !== undefined) return null
        const attributes = { class: "is-placeholder", "data-placeholder": hint }
        return DecorationSet.create(state.doc, [Decoration.node(0, only.nodeSize, attributes)])
      },
    },
  })
}
