import { BODY_ROOT } from "@quire/document"
import { type EditorState, Plugin, PluginKey } from "prosemirror-state"
import type { Mappable } from "prosemirror-transform"
import { Decoration, DecorationSet, type EditorView } from "prosemirror-view"
import type { Awareness } from "y-protocols/awareness"
import * as Y from "yjs"
import { type Person, readPerson, textColorOn } from "../person.js"
import { readSelection } from "./dom-selection.js"
import { isRemote, relativeSelection, resolvePosition } from "./sync.js"

/** Where somebody else is in the text. */
export interface RemoteCursor {
  /** Yjs's id of their editor. */
  readonly clientId: number
  /** Who they are, safe to show. */
  readonly person: Person
  /** The end of their selection that stays. */
  readonly anchor: Y.RelativePosition
  /** The end that moves: their caret. */
  readonly head: Y.RelativePosition
  /** Equal for cursors that look alike and stand in the same place. */
  readonly key: string
}

/** A cursor and where it is in the doc now. */
interface Placed {
  readonly cursor: RemoteCursor
  readonly anchor: number
  readonly head: number
}

interface CursorsState {
  /** Every cursor, also those whose place is not here (yet). */
  readonly cursors: readonly RemoteCursor[]
  readonly placed: readonly Placed[]
  readonly decorations: DecorationSet
}

const cursorsKey = new PluginKey<CursorsState>("quire-cursors")

/**
 * Shows the carets and selections of others, and tells them ours.
 *
 * Presence carries more than carets and changes often; a view is told at most once a frame, and only when a caret moved
 * or its owner changed name or colour. Between, the carets move with the text.
 */
export function cursors(awareness: Awareness): Plugin<CursorsState> {
  return new Plugin<CursorsState>({
    key: cursorsKey,
    state: {
      init: (_config, state) => resolve(state, readCursors(awareness.getStates(), awareness.clientID)),
      apply(tr, value, _oldState, newState) {
        const moved = tr.getMeta(cursorsKey) as readonly RemoteCursor[] | undefined // as `follow` sets it
        if (moved !== undefined) return resolve(newState, moved)
        if (!tr.docChanged) return value
        // A remote change replaces more than it changes: positions are lost, relative positions are not.
        if (isRemote(tr)) return resolve(newState, value.cursors)
        return draw(
          newState,
          value.cursors,
          value.placed.map((one) => moveWithText(one, tr.mapping)),
        )
      },
    },
    props: {
      decorations: (state) => cursorsKey.getState(state)?.decorations,
    },
    view: (view) => follow(view, awareness),
  })
}

/** The cursors among presence states, which are whatever their senders sent; what does not read as one is left out. */
export function readCursors(states: ReadonlyMap<number, unknown>, ownClientId: number): readonly RemoteCursor[] {
  const found: RemoteCursor[] = []
  for (const [clientId, state] of states) {
    if (clientId === ownClientId || !isObject(state) || !isObject(state.cursor)) continue
    const anchor = readRelativePosition(state.cursor.anchor)
    const head = readRelativePosition(state.cursor.head)
    if (anchor === undefined || head === undefined) continue
    const person = readPerson(state.user)
    const key = JSON.stringify([clientId, person, anchor, head])
    found.push({ clientId, person, anchor, head, key })
  }
  return found
}

/** A relative position into the body, or `undefined` for anything else. Yjs reads no other root on its account. */
function readRelativePosition(json: unknown): Y.RelativePosition | undefined {
  if (!isObject(json)) return undefined
  const { type, tname, item, assoc } = json
  if (!isIdOrNothing(type) || !isIdOrNothing(item)) return undefined
  if (tname !== undefined && tname !== null && tname !== BODY_ROOT) return undefined
  if (assoc !== undefined && typeof assoc !== "number") return undefined
  if (!isObject(type) && !isObject(item) && tname !== BODY_ROOT) return undefined
  return Y.createRelativePositionFromJSON(json)
}

function isIdOrNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true
  return isObject(value) && isCount(value.client) && isCount(value.clock)
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null
}

/** Finds the cursors' places in the doc. */
function resolve(state: EditorState, list: readonly RemoteCursor[]): CursorsState {
  const placed: Placed[] = []
  for (const cursor of list) {
    const anchor = resolvePosition(state, cursor.anchor)
    const head = resolvePosition(state, cursor.head)
    if (anchor !== undefined && head !== undefined) placed.push({ cursor, anchor, head })
  }
  return draw(state, list, placed)
}

/** Where a cursor is after an edit of ours, by the rule of `relativeSelection`. */
function moveWithText({ cursor, anchor, head }: Placed, mapping: Mappable): Placed {
  return {
    cursor,
    anchor: mapping.map(anchor, anchor < head ? 1 : -1),
    head: mapping.map(head, head < anchor ? 1 : -1),
  }
}

function draw(state: EditorState, list: readonly RemoteCursor[], placed: readonly Placed[]): CursorsState {
  const decorations: Decoration[] = []
  for (const { cursor, anchor, head } of placed) {
    // After our own caret where both stand in one place: keys typed beside what is no text go astray in some browsers.
    const spec = { key: cursor.key, side: 10, ignoreSelection: true }
    decorations.push(Decoration.widget(head, (view) => caret(view, cursor.person), spec))
    if (anchor !== head) {
      // ProseMirror sets this through CSSOM, which a strict content security policy allows; the colour is #rrggbb.
      const attributes = { class: "remote-selection", style: `--person: ${cursor.person.color}` }
      decorations.push(Decoration.inline(Math.min(anchor, head), Math.max(anchor, head), attributes))
    }
  }
  return { cursors: list, placed, decorations: DecorationSet.create(state.doc, decorations) }
}

/** A caret with its name. The name is drawn by CSS out of an attribute: it is no text of the page to find or copy. */
function caret(view: EditorView, person: Person): HTMLElement {
  const element = view.dom.ownerDocument.createElement("span")
  element.className = "remote-caret"
  element.dataset.name = person.name
  element.setAttribute("aria-hidden", "true")
  element.style.setProperty("--person", person.color)
  element.style.setProperty("--person-text", textColorOn(person.color))
  return element
}

/** Carries presence into the view and the view's selection into presence, each at most once a frame. */
function follow(view: EditorView, awareness: Awareness): { update(): void; destroy(): void } {
  const { requestAnimationFrame, cancelAnimationFrame } = browserOf(view)
  let frame: number | undefined
  const later = (): void => {
    frame ??= requestAnimationFrame(() => {
      frame = undefined
      readSelection(view)
      publish(view, awareness)
      show(view, awareness)
    })
  }
  awareness.on("change", later)
  view.dom.addEventListener("focusin", later)
  return {
    update: later,
    destroy: () => {
      if (frame !== undefined) cancelAnimationFrame(frame)
      awareness.off("change", later)
      view.dom.removeEventListener("focusin", later)
      awareness.setLocalStateField("cursor", null)
    },
  }
}

function show(view: EditorView, awareness: Awareness): void {
  const found = readCursors(awareness.getStates(), awareness.clientID)
  const shown = cursorsKey.getState(view.state)?.cursors ?? []
  const isSame = found.length === shown.length && found.every((cursor, index) => cursor.key === shown[index]?.key)
  if (!isSame) view.dispatch(view.state.tr.setMeta(cursorsKey, found))
}

/** Says where we are, once we have been in the text; leaving it for a button or a comment leaves the caret standing. */
function publish(view: EditorView, awareness: Awareness): void {
  if (!view.hasFocus()) return
  const { anchor, head } = relativeSelection(view.state)
  const cursor = { anchor: Y.relativePositionToJSON(anchor), head: Y.relativePositionToJSON(head) }
  const current: unknown = awareness.getLocalState()?.cursor
  if (JSON.stringify(current) !== JSON.stringify(cursor)) awareness.setLocalStateField("cursor", cursor)
}

function browserOf(view: EditorView): Window {
  const browser = view.dom.ownerDocument.defaultView
  if (browser === null) throw new TypeError("an editor needs a document that is shown in a window")
  return browser
}
