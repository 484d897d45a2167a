import { bodyOf } from "@quire/document"
import { schema } from "@quire/schema"
import type { Node } from "prosemirror-model"
import { type EditorState, Plugin, type Transaction } from "prosemirror-state"
import {
  absolutePositionToRelativePosition,
  initProseMirrorDoc,
  type ProsemirrorBinding,
  relativePositionToAbsolutePosition,
  ySyncPlugin,
  ySyncPluginKey,
} from "y-prosemirror"
import * as Y from "yjs"
import { changedBlocks } from "../changed-blocks.js"
import { readSelectionFirst } from "./dom-selection.js"

/**
 * The only module that knows the binding library. It joins a page's ydoc to an editor's state; everybody else asks here
 * who made a ProseMirror transaction, and turns positions into relative positions and back.
 */

/** A selection that survives the edits of others. */
export interface RelativeSelection {
  /** The end that stays when the selection is extended. */
  readonly anchor: Y.RelativePosition
  /** The end that moves. */
  readonly head: Y.RelativePosition
}

/**
 * Renders a page's body and makes the plugins that keep the rendering and the ydoc equal. Rendering writes nothing, and
 * neither does mounting the plugins; the body must have passed `checkBody`, or what does not fit is deleted from it.
 */
export function bindBody(ydoc: Y.Doc): { readonly doc: Node; readonly plugins: readonly Plugin[] } {
  const body = bodyOf(ydoc)
  const { doc, mapping } = initProseMirrorDoc(body, schema)
  // Handing over the mapping spares a second rendering, and keeps the blocks' identity.
  return { doc, plugins: [readSelectionFirst(ydoc), stickyCaret(), ySyncPlugin(body, { mapping }), textsFromBirth()] }
}

/** The origin of the Yjs transactions in which an editor writes what the person did. */
export const EDITOR_ORIGIN: unknown = ySyncPluginKey

/** Whether a ProseMirror transaction carries a change of the ydoc into the view: of another person, or by undo. */
export function isRemote(tr: Transaction): boolean {
  const meta = tr.getMeta(ySyncPluginKey) as { isChangeOrigin?: boolean } | undefined // as the binding sets it
  return meta?.isChangeOrigin === true
}

/**
 * The selection of a state whose ydoc says the same as its doc, so: not between a local edit and its writing. A caret
 * belongs to the character before it, so that what others write at the same place comes after it and two people's
 * words do not run into each other; a range belongs to what is in it, and does not grow.
 */
export function relativeSelection(state: EditorState): RelativeSelection {
  const { anchor, head } = state.selection
  return {
    anchor: relativePosition(state, anchor, anchor < head ? "after" : "before"),
    head: relativePosition(state, head, head < anchor ? "after" : "before"),
  }
}

/** A position that belongs to the character before or after it. */
function relativePosition(state: EditorState, position: number, side: "before" | "after"): Y.RelativePosition {
  const { doc, type, mapping } = bindingOf(state)
  const found: Y.RelativePosition = absolutePositionToRelativePosition(position, type, mapping)
  if (side === "after") return found
  // The binding knows one side only.
  const place = Y.createAbsolutePositionFromRelativePosition(found, doc)
  return place?.type instanceof Y.XmlText ? Y.createRelativePositionFromTypeIndex(place.type, place.index, -1) : found
}

/** Where a relative position is in the state's doc; `undefined` when what it stands in is gone or not here yet. */
export function resolvePosition(state: EditorState, position: Y.RelativePosition): number | undefined {
  const { doc, type, mapping } = bindingOf(state)
  const resolved = relativePositionToAbsolutePosition(doc, type, position, mapping)
  return resolved === null ? undefined : Math.min(resolved, state.doc.content.size)
}

function bindingOf(state: EditorState): ProsemirrorBinding {
  return ySyncPluginKey.getState(state).binding
}

/**
 * Keeps the selection in place while others write, by our rule instead of the binding's, whose caret belongs to what
 * comes after it. Stands before the binding, which remembers a selection only where none is remembered.
 */
function stickyCaret(): Plugin {
  return new Plugin({
    view(view) {
      const { doc: ydoc } = bindingOf(view.state)
      const remember = (): void => {
        const binding = bindingOf(view.state)
        binding.beforeTransactionSelection ??= {
          type: view.state.selection.toJSON().type,
          ...relativeSelection(view.state),
        }
      }
      ydoc.on("beforeAllTransactions", remember)
      return { destroy: () => ydoc.off("beforeAllTransactions", remember) }
    },
  })
}

/**
 * Gives each block made here its (empty) shared text at once. The binding makes it at the first key; two people who
 * begin to type in the same fresh block would make one each, and melting the two costs the keys of one of them.
 */
function textsFromBirth(): Plugin {
  return new Plugin({
    view: () => ({
      update(view, previous) {
        const state = view.state
        if (state.doc === previous.doc || ySyncPluginKey.getState(state).isChangeOrigin) return
        const { doc: ydoc, type, mux } = bindingOf(state)
        const { from, newTo } = changedBlocks(previous.doc, state.doc)
        const bare: Y.XmlElement[] = []
        for (let index = from; index < newTo; index++) {
          if (state.doc.child(index).content.size > 0) continue
          const element = type.get(index)
          if (element instanceof Y.XmlElement && element.length === 0) bare.push(element)
        }
        if (bare.length === 0) return
        // Inside the binding's mutex: an empty text shows nowhere, so there is nothing to render.
        mux(() => {
          ydoc.transact(() => {
            for (const element of bare) element.insert(0, [new Y.XmlText()])
          }, ySyncPluginKey)
        })
      },
    }),
  })
}
