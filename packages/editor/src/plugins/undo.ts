import { bodyOf } from "@quire/document"
import type { Node } from "prosemirror-model"
import {
  type Command,
  NodeSelection,
  Plugin,
  PluginKey,
  type PluginView,
  type Selection,
  TextSelection,
  type Transaction,
} from "prosemirror-state"
import type { EditorView } from "prosemirror-view"
import * as Y from "yjs"
import { isFrozen } from "./foreign-content.js"
import { EDITOR_ORIGIN, isRemote, type RelativeSelection, relativeSelection, resolvePosition } from "./sync.js"

/** A pause that ends a step. */
const CAPTURE_MS = 500

/** What a step of the history remembers beside its edits: the selection to return to. */
const SELECTION = "selection"

interface UndoState {
  /** The selection before the newest local edit. */
  readonly before: RelativeSelection | undefined
  /** Whether the newest local change is to be taken back alone: neither joined to the edit before nor to the next. */
  readonly isOwnStep: boolean
  /** What the newest local edit is part of; `undefined` if of nothing. */
  readonly whole: unknown
  /** Whether the edit before it is part of the same, so that both are taken back together. */
  readonly goesOn: boolean
}

const undoKey = new PluginKey<UndoState>("quire-undo")

/**
 * Says that a local edit is taken back alone, even if it comes within half a second of another: turning a block into
 * something else, as opposed to a further key.
 */
export function asOwnStep(tr: Transaction): Transaction {
  return tr.setMeta(undoKey, true)
}

/**
 * Says that a local edit is one of several that are taken back together, and alone. For what has to be several edits
 * lest it touch what is between: replacing a word everywhere.
 *
 * @param whole the same object for all of them, and for them only.
 */
export function asPartOf(tr: Transaction, whole: object): Transaction {
  return tr.setMeta(undoKey, whole)
}

/**
 * What this person did to this page since it was opened, and can take back. The edits of others stay, also those inside
 * a block whose making is taken back. Lives as long as the editor, whatever becomes of the view's plugins.
 */
export class EditHistory {
  readonly #manager: Y.UndoManager
  readonly #captureMs: number
  /** The selection when undo or redo began: where redo or undo will return to. */
  #beforeStep: RelativeSelection | undefined

  /** @param captureMs edits closer together than this are taken back as one. */
  constructor(ydoc: Y.Doc, captureMs: number = CAPTURE_MS) {
    this.#captureMs = captureMs
    this.#manager = new Y.UndoManager(bodyOf(ydoc), {
      captureTimeout: captureMs,
      trackedOrigins: new Set([EDITOR_ORIGIN]),
      captureTransaction: (transaction) => transaction.meta.get("addToHistory") !== false,
      deleteFilter: mayDelete,
    })
  }

  /** Whether there is something to take back. */
  get canUndo(): boolean {
    return this.#manager.canUndo()
  }

  /** Whether there is something to put back. */
  get canRedo(): boolean {
    return this.#manager.canRedo()
  }

  /** Takes the newest step back. Applies when there is one and the editor has not frozen. */
  readonly undo: Command = (state, dispatch) => {
    if (!this.canUndo || isFrozen(state)) return false
    if (dispatch === undefined) return true
    this.#beforeStep = relativeSelection(state)
    this.#manager.undo()
    return true
  }

  /** Puts back what was taken back last. Applies when there is something and the editor has not frozen. */
  readonly redo: Command = (state, dispatch) => {
    if (!this.canRedo || isFrozen(state)) return false
    if (dispatch === undefined) return true
    this.#beforeStep = relativeSelection(state)
    this.#manager.redo()
    return true
  }

  /** Calls `listener` whenever what can be undone or redone may have changed. Returns the undo. */
  subscribe(listener: () => void): () => void {
    this.#manager.on("stack-item-added", listener)
    this.#manager.on("stack-item-popped", listener)
    return () => {
      this.#manager.off("stack-item-added", listener)
      this.#manager.off("stack-item-popped", listener)
    }
  }

  /**
   * Divides the edits into steps and restores the selection. Stands before the sync plugin, so that it hears of an edit
   * before that is written.
   */
  plugin(): Plugin<UndoState> {
    return new Plugin<UndoState>({
      key: undoKey,
      state: {
        init: () => ({ before: undefined, isOwnStep: false, whole: undefined, goesOn: false }),
        apply(tr, value, oldState) {
          if (isRemote(tr)) return value
          const whole = wholeOf(tr)
          if (!tr.docChanged) return tr.selectionSet && whole === undefined ? { ...value, isOwnStep: true } : value
          // What a plugin adds to an edit belongs to it; in between, doc and ydoc do not say the same.
          if (tr.getMeta("appendedTransaction") !== undefined) return value
          const goesOn = whole !== undefined && whole === value.whole
          return { before: relativeSelection(oldState), isOwnStep: isStepOfItsOwn(tr), whole, goesOn }
        },
      },
      view: (view) => this.#attach(view),
    })
  }

  /** Forgets everything. May be called twice. */
  close(): void {
    this.#manager.destroy()
  }

  #attach(view: EditorView): PluginView {
    const remember = (event: { stackItem: { meta: Map<unknown, unknown> }; origin: unknown }): void => {
      const before = event.origin === this.#manager ? this.#beforeStep : undoKey.getState(view.state)?.before
      event.stackItem.meta.set(SELECTION, before)
    }
    const restore = (event: { stackItem: { meta: Map<unknown, unknown> } }): void => {
      restoreSelection(view, event.stackItem.meta.get(SELECTION) as RelativeSelection | undefined) // as `remember` set it
    }
    this.#manager.on("stack-item-added", remember)
    this.#manager.on("stack-item-popped", restore)
    return {
      update: (updated, previous) => {
        if (updated.state.doc === previous.doc) return
        const [now, before] = [undoKey.getState(updated.state), undoKey.getState(previous)]
        this.#manager.captureTimeout = now?.goesOn ? Number.POSITIVE_INFINITY : this.#captureMs
        if (!now?.goesOn && (now?.isOwnStep || before?.isOwnStep)) this.#manager.stopCapturing()
      },
      destroy: () => {
        this.#manager.off("stack-item-added", remember)
        this.#manager.off("stack-item-popped", restore)
      },
    }
  }
}

/** What an edit is part of: several edits of ours, or a composition, which the view numbers. */
function wholeOf(tr: Transaction): unknown {
  const meta: unknown = tr.getMeta(undoKey)
  return typeof meta === "object" ? meta : tr.getMeta("composition")
}

function isStepOfItsOwn(tr: Transaction): boolean {
  const event: unknown = tr.getMeta("uiEvent")
  return tr.getMeta(undoKey) !== undefined || event === "paste" || event === "drop" || event === "cut"
}

function restoreSelection(view: EditorView, selection: RelativeSelection | undefined): void {
  if (selection === undefined) return
  const anchor = resolvePosition(view.state, selection.anchor)
  const head = resolvePosition(view.state, selection.head)
  if (anchor === undefined || head === undefined) return
  view.dispatch(view.state.tr.setSelection(selectionBetween(view.state.doc, anchor, head)).scrollIntoView())
}

/** The whole node if two places are its ends; else the text between them. */
function selectionBetween(doc: Node, anchor: number, head: number): Selection {
  const node = doc.resolve(anchor).nodeAfter
  const isNode = node !== null && !node.isText && anchor + node.nodeSize === head && NodeSelection.isSelectable(node)
  return isNode ? NodeSelection.create(doc, anchor) : TextSelection.between(doc.resolve(anchor), doc.resolve(head))
}

/** Undoing the making of a block or text must not take along what others have since written in it. */
function mayDelete(item: Y.Item): boolean {
  if (!(item.content instanceof Y.ContentType)) return true
  const type = item.content.type
  const holdsText = type instanceof Y.XmlText || type instanceof Y.XmlElement
  return !(holdsText && type.length > 0)
}
