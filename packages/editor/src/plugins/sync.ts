import { type BodyWatch, bodyOf } from "@quire/document"
import { schema } from "@quire/schema"
import type { Node } from "prosemirror-model"
import { type EditorState, Plugin, TextSelection, type Transaction } from "prosemirror-state"
import type { EditorView } from "prosemirror-view"
import { initProseMirrorDoc, ProsemirrorBinding, ySyncPlugin, ySyncPluginKey } from "y-prosemirror"
import * as Y from "yjs"
import { changedBlocks } from "../changed-blocks.js"
import { absolutePositionToRelativePosition, relativePositionToAbsolutePosition } from "./binding-positions.js"
import { compositions, writeIntoComposition } from "./composition.js"
import { readSelectionFirst } from "./dom-selection.js"
import { foreignContent, isFrozen } from "./foreign-content.js"
import { isBlockGone, mapToOtherBlock } from "./map-through-remote.js"
import { narrowChange } from "./remote-change.js"
import { renderChange } from "./render-part.js"
import { writeEdit } from "./write-edit.js"

/**
 * The only module, with `write-edit`, that knows the binding library. It joins a page's ydoc to an editor's state;
 * everybody else asks here who made a ProseMirror transaction, and turns positions into relative positions and back.
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
 * neither does mounting the plugins.
 *
 * @param watch watches this body. Once it has found something that does not fit, nothing is rendered or written any more.
 * @throws TypeError if it has found something already: to render it would delete it for everybody.
 */
export function bindBody(ydoc: Y.Doc, watch: BodyWatch): { readonly doc: Node; readonly plugins: readonly Plugin[] } {
  const body = bodyOf(ydoc)
  const check = watch.getCheck()
  if (!check.ok) throw new TypeError(`the body does not fit the schema (${check.misfit.kind}): mount no editor on it`)
  const { doc, mapping } = initProseMirrorDoc(body, schema)
  mapping.set(body, doc)
  // Handing over the mapping spares a second rendering, and keeps the blocks' identity.
  return {
    doc,
    plugins: [
      foreignContent(watch),
      readSelectionFirst(ydoc),
      compositions(),
      ourRules(),
      ySyncPlugin(body, { mapping }),
    ],
  }
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
 * words do not run into each other; a range belongs to what is in it, and does not grow. In a frozen editor it is the
 * body's start.
 */
export function relativeSelection(state: EditorState): RelativeSelection {
  if (isFrozen(state)) {
    const start = Y.createRelativePositionFromTypeIndex(bindingOf(state).type, 0)
    return { anchor: start, head: start }
  }
  const { anchor, head } = state.selection
  return {
    anchor: relativePosition(state, anchor, anchor < head ? "after" : "before"),
    head: relativePosition(state, head, head < anchor ? "after" : "before"),
  }
}

/** A position that belongs to the character before or after it. */
function relativePosition(state: EditorState, position: number, side: "before" | "after"): Y.RelativePosition {
  const { doc, type, mapping } = bindingOf(state)
  const $position = state.doc.resolve(position)
  // Between blocks, where the selection of a whole block begins and ends, the binding finds places in their texts.
  if ($position.depth === 0) {
    return Y.createRelativePositionFromTypeIndex(type, $position.index(0), side === "before" ? -1 : 0)
  }
  const found: Y.RelativePosition = absolutePositionToRelativePosition(position, type, mapping)
  if (side === "after") return found
  // The binding knows one side only.
  const place = Y.createAbsolutePositionFromRelativePosition(found, doc)
  return place?.type instanceof Y.XmlText ? Y.createRelativePositionFromTypeIndex(place.type, place.index, -1) : found
}

/**
 * Where a relative position is in the state's doc; `undefined` when what it stands in is gone or not here yet, and in a
 * frozen editor.
 */
export function resolvePosition(state: EditorState, position: Y.RelativePosition): number | undefined {
  return isFrozen(state) ? undefined : resolveIn(state.doc, bindingOf(state), position)
}

/** Something to be told of what others did, before it is shown. */
type RemoteListener = (tr: Transaction, find: (position: Y.RelativePosition) => number | undefined) => void

const remoteListeners = new WeakMap<EditorView, Set<RemoteListener>>()

/**
 * Calls `listener` with each ProseMirror transaction that carries a change of the ydoc into a view, right before it is
 * dispatched: it may set meta, so that what belongs to the change is shown with it. It is also given what `resolvePosition`
 * is of the doc to come. Returns the undo.
 */
export function beforeRemote(view: EditorView, listener: RemoteListener): () => void {
  const listeners = remoteListeners.get(view) ?? new Set()
  remoteListeners.set(view, listeners.add(listener))
  return () => listeners.delete(listener)
}

function resolveIn(
  doc: Node,
  { doc: ydoc, type: body, mapping }: ProsemirrorBinding,
  position: Y.RelativePosition,
): number | undefined {
  const place = Y.createAbsolutePositionFromRelativePosition(position, ydoc)
  // The binding finds some place also for what is deleted.
  if (place === null || isDeleted(place.type)) return undefined
  const resolved = relativePositionToAbsolutePosition(ydoc, body, position, mapping)
  return resolved === null ? undefined : Math.min(resolved, doc.content.size)
}

function isDeleted(type: Y.AbstractType<unknown>): boolean {
  for (let item = type._item; item !== null; ) {
    if (item.deleted) return true
    item = item.parent instanceof Y.AbstractType ? item.parent._item : null
  }
  return false
}

function bindingOf(state: EditorState): ProsemirrorBinding {
  return ySyncPluginKey.getState(state).binding
}

/**
 * Puts our rules between the binding and the view. Stands before the binding's own plugin, whose view asks for them.
 *
 * - What the person did is written by `writeEdit`.
 * - What others did, and undo, is rendered by `renderChange` and `narrowChange`, and the selection stays with its words by our rule: the
 *   binding's caret belongs to what comes after it. The view does not scroll, and marks chosen for the next key stay.
 */
function ourRules(): Plugin {
  return new Plugin({
    view(view) {
      const binding = bindingOf(view.state)
      const { doc: ydoc, type: body, mapping } = binding
      let remembered: RelativeSelection | undefined

      const remember = (): void => {
        // Any value keeps the binding from remembering a selection of its own, and these from restoring it.
        binding.beforeTransactionSelection = { type: "none", anchor: null, head: null }
        // While a local edit is being written, the two sides do not say the same.
        const isSame = mapping.get(body) === view.state.doc && !isFrozen(view.state)
        remembered = isSame ? relativeSelection(view.state) : undefined
      }
      binding._prosemirrorChanged = (doc) => {
        if (isFrozen(view.state)) return
        const { $from, $to } = view.state.selection
        const selected = { from: $from.index(0), to: $to.indexAfter(0) }
        ydoc.transact(() => writeEdit(binding, doc, selected), EDITOR_ORIGIN)
      }
      const render = (goal: Node, meta: Transaction): void => {
        mapping.set(body, goal) // places are looked for in it
        const head = remembered && resolveIn(goal, binding, remembered.head)
        const hinge = head === undefined ? undefined : { before: view.state.selection.head, after: head }
        const tr = narrowChange(view.state, goal, hinge)
        keepIdentity(binding, goal, tr.doc)
        keepSelection(view.state, tr, remembered)
        writeIntoComposition(view, tr)
        const find = (position: Y.RelativePosition): number | undefined => resolveIn(tr.doc, binding, position)
        copyMeta(meta, tr)
        for (const listener of remoteListeners.get(view) ?? []) listener(tr, find)
        view.dispatch(tr)
      }
      binding._observeFunction = (events: Y.YEvent<Y.XmlFragment>[], transaction: Y.Transaction): void => {
        if (!isFrozen(view.state)) renderChange(binding, view.state, [events, transaction], render)
      }
      const facade = {
        get state() {
          return view.state
        },
        dispatch: (whole: Transaction) => render(whole.doc, whole),
        hasFocus: () => false, // the binding would scroll to the caret at everybody's keys
      }
      binding.initView = () => ProsemirrorBinding.prototype.initView.call(binding, facade)

      ydoc.on("beforeAllTransactions", remember)
      return { destroy: () => ydoc.off("beforeAllTransactions", remember) }
    },
  })
}

/** Makes the binding know the blocks by the objects that the doc really has, or it would take them for changed. */
function keepIdentity({ type: body, mapping }: ProsemirrorBinding, rendered: Node, doc: Node): void {
  if (body.length !== doc.childCount) return
  const { from, newTo } = changedBlocks(rendered, doc)
  if (from < newTo) {
    body.slice(from, newTo).forEach((element, index) => {
      if (element instanceof Y.XmlElement) mapping.set(element, doc.child(from + index))
    })
  }
  mapping.set(body, doc)
}

function keepSelection(state: EditorState, tr: Transaction, remembered: RelativeSelection | undefined): void {
  if (!tr.docChanged) return
  const { selection, storedMarks } = state
  // Selections of whole nodes are where their nodes are; steps tell.
  if (selection instanceof TextSelection && remembered !== undefined) {
    const { anchor: from, head: to } = selection
    const anchor = followEnd(state, tr, from, from < to ? 1 : -1, remembered.anchor)
    const head = followEnd(state, tr, to, to < from ? 1 : -1, remembered.head)
    if (anchor !== undefined && head !== undefined) {
      const kept = TextSelection.between(tr.doc.resolve(anchor), tr.doc.resolve(head))
      if (!kept.eq(tr.selection)) tr.setSelection(kept)
    }
  }
  if (storedMarks !== null) tr.setStoredMarks(storedMarks)
}

/** Where an end of a selection has gone; `undefined` when its block is gone for good. */
function followEnd(
  state: EditorState,
  tr: Transaction,
  position: number,
  side: -1 | 1,
  relative: Y.RelativePosition,
): number | undefined {
  const elsewhere = mapToOtherBlock(tr, position, side)
  if (elsewhere !== undefined) return elsewhere
  if (isBlockGone(tr, position)) return undefined
  return resolveIn(tr.doc, bindingOf(state), relative) ?? tr.mapping.map(position, side)
}

function copyMeta(from: Transaction, to: Transaction): void {
  for (const key of ["addToHistory", ySyncPluginKey]) {
    const value: unknown = from.getMeta(key)
    if (value !== undefined) to.setMeta(key, value)
  }
}
