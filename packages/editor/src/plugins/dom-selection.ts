import { Plugin, TextSelection } from "prosemirror-state"
import type { EditorView } from "prosemirror-view"
import type * as Y from "yjs"

/**
 * Takes the caret from the page before a change of somebody else is rendered, and before a key is acted on. A browser
 * tells of a caret that was moved (by a click, by End) in a task of its own; a change that arrives before that task would
 * put the caret back to where the editor last knew it, and the next keys would go there; a key that does would do its
 * work there. Has to stand before the sync plugin, which remembers the selection at the same moment, and before keymaps.
 */
export function readSelectionFirst(ydoc: Y.Doc): Plugin {
  return new Plugin({
    props: {
      handleDOMEvents: {
        keydown: (view) => {
          readSelection(view)
          return false
        },
      },
    },
    view: (view) => {
      const read = (): void => readSelection(view)
      ydoc.on("beforeAllTransactions", read)
      return { destroy: () => ydoc.off("beforeAllTransactions", read) }
    },
  })
}

/**
 * Puts the state's selection to where the page's is; for whoever is about to dispatch something that the person did not
 * do. While the editor itself writes, both are the same.
 */
export function readSelection(view: EditorView): void {
  const { selection, doc } = view.state
  if (view.isDestroyed || view.composing || !(selection instanceof TextSelection) || !view.hasFocus()) return
  const inPage = view.dom.ownerDocument.getSelection()
  if (inPage === null || inPage.anchorNode === null || inPage.focusNode === null) return
  if (!view.dom.contains(inPage.anchorNode) || !view.dom.contains(inPage.focusNode)) return
  const anchor = view.posAtDOM(inPage.anchorNode, inPage.anchorOffset)
  const head = view.posAtDOM(inPage.focusNode, inPage.focusOffset)
  if (anchor === selection.anchor && head === selection.head) return
  const moved = TextSelection.between(doc.resolve(anchor), doc.resolve(head))
  if (!moved.eq(selection)) view.dispatch(view.state.tr.setSelection(moved))
}
