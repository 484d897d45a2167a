import type { Clock } from "@quire/base"
import { type EditorState, Plugin, PluginKey, type Transaction } from "prosemirror-state"
import type { DecorationSet, EditorView } from "prosemirror-view"
import type { Awareness } from "y-protocols/awareness"
import type { RelativePosition } from "yjs"
import { Activity, type Stage } from "./cursors/activity.js"
import { draw, type Placed } from "./cursors/draw.js"
import { Flags } from "./cursors/flags.js"
import { type Find, isSamePlace, ofClient, place, placeAfter } from "./cursors/places.js"
import { isSameCursor, publishedCursor, type RemoteCursor, readCursors } from "./cursors/remote-cursor.js"
import { readSelection } from "./dom-selection.js"
import { beforeRemote, isRemote, relativeSelection, resolvePosition } from "./sync.js"

/** What is known of the others. */
interface Others {
  /** Every cursor, also those whose place is not here (yet). */
  readonly cursors: readonly RemoteCursor[]
  /** Those whose place is here. */
  readonly placed: readonly Placed[]
  /** How lively each is, by client. */
  readonly stages: ReadonlyMap<number, Stage>
}

interface CursorsState extends Others {
  readonly decorations: DecorationSet
  /** How often the person has written or moved the caret. */
  readonly moves: number
}

const cursorsKey = new PluginKey<CursorsState>("quire-cursors")

/**
 * Shows the carets and selections of others, and tells them ours.
 *
 * Presence carries more than carets and changes often; a view is told at most once a frame, and only when a caret moved,
 * its owner changed name or colour, or somebody has become quiet. Between, the carets move with the text.
 */
export function cursors(awareness: Awareness, clock: Clock): Plugin<CursorsState> {
  const flags = new Flags()
  const drawn = (state: EditorState, others: Others, moves: number): CursorsState => {
    const decorations = draw(state.doc, others.placed, others.stages, (page, clientId, person) =>
      flags.create(page, clientId, person),
    )
    return { ...others, decorations, moves }
  }
  return new Plugin<CursorsState>({
    key: cursorsKey,
    state: {
      init: (_config, state) => drawn(state, { cursors: [], placed: [], stages: new Map() }, 0),
      apply(tr, value, _oldState, newState) {
        const told = tr.getMeta(cursorsKey) as Others | undefined // as `show` sets it, of this very doc
        const isMove = (tr.docChanged || tr.selectionSet) && !isRemote(tr)
        const moves = isMove ? value.moves + 1 : value.moves
        if (told !== undefined) return drawn(newState, told, moves)
        if (!tr.docChanged) return isMove ? { ...value, moves } : value
        const placed = placeAfter(tr, value.cursors, (position) => resolvePosition(newState, position), value.placed)
        return drawn(newState, { cursors: value.cursors, placed, stages: value.stages }, moves)
      },
    },
    props: {
      decorations: (state) => cursorsKey.getState(state)?.decorations,
    },
    view: (view) => new CursorsView(view, awareness, clock, flags),
  })
}

/** About a frame: the others are shown anew at most so often. */
const FRAME_MS = 16

/**
 * Carries presence into the view and the view's selection into presence, each at most once a frame: ours after the frame
 * of the key that moved it, because no key here waits for its caret there. Nothing of the others asks the browser for a
 * frame: what is out of sight needs none, and in a long page a frame costs more than what is drawn in it.
 */
class CursorsView {
  readonly #view: EditorView
  readonly #awareness: Awareness
  readonly #clock: Clock
  readonly #flags: Flags
  readonly #activity = new Activity()
  readonly #browser: Window
  readonly #stopHearing: () => void
  #frame: number | undefined
  /** Whether the frame to come is one of a move of ours. */
  #hasMoved = false
  #stopTelling: (() => void) | undefined
  /** Whether the others may have to be shown anew. */
  #hasNews = false
  #stopShowing: (() => void) | undefined
  #shownMs = Number.NEGATIVE_INFINITY
  #stopTimer: (() => void) | undefined
  #pointer: { readonly x: number; readonly y: number } | undefined
  #hasPointerMoved = false

  constructor(view: EditorView, awareness: Awareness, clock: Clock, flags: Flags) {
    this.#view = view
    this.#awareness = awareness
    this.#clock = clock
    this.#flags = flags
    this.#browser = browserOf(view)
    awareness.on("change", this.#hear)
    this.#stopHearing = beforeRemote(view, (tr, find) => this.#show(tr, find))
    view.dom.addEventListener("focusin", this.#move)
    view.dom.addEventListener("focusout", this.#leave)
    view.dom.addEventListener("pointermove", this.#point)
    view.dom.addEventListener("pointerleave", this.#point)
    this.#move()
    this.#showSoon()
  }

  update(view: EditorView, previous: EditorState): void {
    const now = cursorsKey.getState(view.state)
    this.#flags.show(now?.stages ?? new Map())
    if (now?.moves !== cursorsKey.getState(previous)?.moves) this.#move()
    // Others may have taken our block apart, or moved it.
    else if (view.state.doc !== previous.doc) this.#tellSoon()
  }

  destroy(): void {
    if (this.#frame !== undefined) this.#browser.cancelAnimationFrame(this.#frame)
    this.#stopTelling?.()
    this.#stopShowing?.()
    this.#stopTimer?.()
    this.#stopHearing()
    this.#awareness.off("change", this.#hear)
    this.#view.dom.removeEventListener("focusin", this.#move)
    this.#view.dom.removeEventListener("focusout", this.#leave)
    this.#view.dom.removeEventListener("pointermove", this.#point)
    this.#view.dom.removeEventListener("pointerleave", this.#point)
    this.#awareness.setLocalStateField("cursor", null)
  }

  /** What we tell comes back to us at once: it is no news. */
  readonly #hear = (changes: Record<"added" | "updated" | "removed", readonly number[]>): void => {
    const { clientID } = this.#awareness
    const isOwn = (clients: readonly number[]): boolean => clients.every((client) => client === clientID)
    if (!Object.values(changes).every(isOwn)) this.#showSoon()
  }

  readonly #showSoon = (): void => {
    this.#hasNews = true
    const dueMs = this.#shownMs + FRAME_MS
    this.#stopShowing ??= this.#clock.schedule(Math.max(0, dueMs - this.#clock.elapsed()), () => {
      this.#stopShowing = undefined
      if (this.#hasNews) readSelection(this.#view)
      this.#show()
    })
  }

  readonly #move = (): void => {
    this.#hasMoved = true
    this.#later()
  }

  readonly #later = (): void => {
    this.#frame ??= this.#browser.requestAnimationFrame(() => {
      this.#frame = undefined
      if (this.#hasMoved) this.#tellSoon()
      this.#hasMoved = false
      if (this.#hasPointerMoved) this.#flags.pointAt(this.#pointer)
      this.#hasPointerMoved = false
    })
  }

  #tellSoon(): void {
    this.#stopTelling ??= this.#clock.schedule(0, () => {
      this.#stopTelling = undefined
      readSelection(this.#view)
      this.#publish()
    })
  }

  /** At once, because a window that is hidden paints no frame. */
  readonly #leave = (): void => this.#publish({ isAway: true })

  readonly #point = (event: PointerEvent): void => {
    this.#pointer = event.type === "pointermove" ? { x: event.clientX, y: event.clientY } : undefined
    this.#hasPointerMoved = true
    this.#later()
  }

  /** Says where we are, once we have been in the text; who leaves it for a button or a window leaves a pale caret. */
  #publish({ isAway } = { isAway: !this.#isHere() }): void {
    const current: unknown = this.#awareness.getLocalState()?.cursor
    if (isAway && (current === undefined || current === null)) return
    const cursor = publishedCursor(relativeSelection(this.#view.state), isAway)
    if (JSON.stringify(current) !== JSON.stringify(cursor)) this.#awareness.setLocalStateField("cursor", cursor)
  }

  #isHere(): boolean {
    return this.#view.hasFocus() && this.#view.dom.ownerDocument.hasFocus()
  }

  /** Shows what is new of the others: with a change of the text that is about to be shown, or by itself. */
  #show(change?: Transaction, findAfter?: Find): void {
    if (!this.#hasNews) return
    this.#hasNews = false
    this.#shownMs = this.#clock.elapsed()
    const { state } = this.#view
    const shown = cursorsKey.getState(state)
    if (shown === undefined) return
    const find = findAfter ?? ((position: RelativePosition) => resolvePosition(state, position))
    const stayed = change === undefined ? shown.placed : placeAfter(change, shown.cursors, find, shown.placed)
    const nowMs = this.#clock.elapsed()
    const known = new Map(shown.cursors.map((cursor) => [cursor.clientId, cursor]))
    const cursors = readCursors(this.#awareness.getStates(), this.#awareness.clientID).map((cursor) => {
      const before = known.get(cursor.clientId)
      return before !== undefined && isSameCursor(cursor, before) ? before : cursor
    })
    const placed = place(cursors, find, (cursor) => stayed.find((one) => one.cursor === cursor))
    this.#activity.note(cursors, nowMs, ({ clientId }) =>
      isSamePlace(ofClient(placed, clientId), ofClient(stayed, clientId)),
    )
    const stages = new Map(cursors.map((cursor) => [cursor.clientId, this.#activity.stageOf(cursor, nowMs)]))
    const isSame =
      cursors.length === shown.cursors.length &&
      cursors.every((cursor, index) => cursor === shown.cursors[index]) &&
      cursors.every(({ clientId }) => stages.get(clientId) === shown.stages.get(clientId))
    if (change !== undefined || !isSame) {
      const told = (change ?? state.tr).setMeta(cursorsKey, { cursors, placed, stages } satisfies Others)
      if (change === undefined) this.#view.dispatch(told)
    }
    this.#stopTimer?.()
    const nextMs = this.#activity.nextChangeInMs(nowMs)
    this.#stopTimer = nextMs === undefined ? undefined : this.#clock.schedule(nextMs, this.#showSoon)
  }
}

function browserOf(view: EditorView): Window {
  const browser = view.dom.ownerDocument.defaultView
  if (browser === null) throw new TypeError("an editor needs a document that is shown in a window")
  return browser
}
