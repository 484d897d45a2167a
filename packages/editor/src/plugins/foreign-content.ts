import type { BodyWatch } from "@quire/document"
import { type EditorState, Plugin, PluginKey } from "prosemirror-state"

/**
 * What becomes of an editor into whose page something arrives that its schema does not know: it freezes before that is
 * rendered, because rendering would delete it for everybody. From then on nothing is rendered, nobody can write, and
 * nothing is written to the ydoc; what was typed before is in the ydoc and on its way. The page around it shows the text
 * in another manner and offers to reload.
 */
export function foreignContent(watch: BodyWatch): Plugin<BodyWatch> {
  return new Plugin<BodyWatch>({
    key: foreignContentKey,
    state: { init: () => watch, apply: (_tr, value) => value },
    filterTransaction: (tr) => !tr.docChanged || watch.getCheck().ok,
    props: { editable: () => watch.getCheck().ok },
    // A ProseMirror transaction without a change makes the view ask again whether it is editable.
    view: (view) => ({ destroy: watch.subscribe(() => view.dispatch(view.state.tr)) }),
  })
}

/** Whether the editor has frozen. What ydoc and doc say then differs, so that positions have no meaning any more. */
export function isFrozen(state: EditorState): boolean {
  return foreignContentKey.getState(state)?.getCheck().ok === false
}

const foreignContentKey = new PluginKey<BodyWatch>("quire-foreign-content")
