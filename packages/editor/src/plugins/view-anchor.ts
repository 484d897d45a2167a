import type { Node } from "prosemirror-model"
import { type EditorState, Plugin, PluginKey } from "prosemirror-state"
import type { EditorView } from "prosemirror-view"
import type * as Y from "yjs"
import { changedBlocks } from "../changed-blocks.js"
import { LONG_PAGE_BLOCKS } from "./long-page.js"
import { mapThroughRemote } from "./map-through-remote.js"
import { isRemote } from "./sync.js"

/** How many blocks are remembered: when the first is deleted or moved, the next one still tells. */
const BLOCKS_MAX = 12

/** Shifts below this many px are not seen. */
const SHIFT_MIN_PX = 0.5

/** A window mostly shows fewer blocks than this. */
const NEAR = 32

/** How often the caret has come to stand elsewhere: the person moved it or wrote, or others deleted what it stood in. */
const anchorKey = new PluginKey<number>("quire-view-anchor")

/**
 * Keeps the line with the caret, or else the first block in the window, where it is on the screen while others write,
 * delete and convert above it. Some browsers do so by themselves, unless the very block they hold on to is replaced,
 * which is what a conversion does, or nothing is scrolled yet; what they leave is put right here.
 *
 * The place is taken before the first change of a frame and compared before the frame is painted, after the browser has
 * laid it out and done its own part: no layout is asked for that would not be made anyway. And no frame: what others do
 * where it cannot move the view is not waited for, so that on a long page the browser has nothing to draw for it.
 */
export function viewAnchor(ydoc: Y.Doc): Plugin<number> {
  return new Plugin<number>({
    key: anchorKey,
    state: {
      init: () => 0,
      apply(tr, moves, oldState) {
        if (!isRemote(tr)) return tr.docChanged || tr.selectionSet ? moves + 1 : moves
        return mapThroughRemote(tr, oldState.selection.head) === undefined ? moves + 1 : moves
      },
    },
    view: (view) => {
      const browser = view.dom.ownerDocument.defaultView
      if (browser === null) throw new TypeError("an editor needs a document that is shown in a window")
      let place: Place | undefined
      let isWatching = false
      // What is newly observed is told once, after the next layout and before it is painted.
      const layout = new browser.ResizeObserver(() => {
        layout.disconnect()
        isWatching = false
        const before = place
        place = undefined
        if (before !== undefined && before.doc !== view.state.doc) putBack(view, before)
      })
      const remember = (transaction: Y.Transaction): void => {
        if (transaction.local || place !== undefined) return
        try {
          place = placeOf(view, browser)
        } catch (error) {
          // Thrown from here it would end the Yjs transaction half-way: rather a view that moves than a broken ydoc.
          browser.reportError(error)
        }
      }
      const forget = (): void => {
        if (!isWatching) place = undefined
      }
      ydoc.on("beforeTransaction", remember)
      ydoc.on("afterTransaction", forget)
      return {
        update: (_view, { doc }) => {
          if (place === undefined || isWatching || doc === view.state.doc || !mayMoveView(place, doc, view.state))
            return
          isWatching = true
          layout.observe(view.dom)
        },
        destroy: () => {
          ydoc.off("beforeTransaction", remember)
          ydoc.off("afterTransaction", forget)
          layout.disconnect()
        },
      }
    },
  })
}

type Browser = Window & typeof globalThis

/** Where things are on the screen, in px below the window's upper edge. */
export interface Place {
  /** The doc that was shown then. */
  readonly doc: Node
  /** How far the text's scroller was scrolled. */
  readonly scrollTop: number
  /** The caret, if it is in the window and takes the keys. */
  readonly caret: { readonly top: number; readonly moves: number | undefined } | undefined
  /** Blocks that begin in the window, from the first, and then the one before. */
  readonly blocks: readonly { readonly id: string; readonly top: number }[]
  /** The first block that begins below the window; `undefined` when that is not known. */
  readonly below: number | undefined
  /** The blocks before this one are so far above that the browser has not drawn them; 0 when that is not known. */
  readonly drawnFrom: number
}

/** Browsers draw what is less than one window and a half away (`content-visibility`); a reserve on top of that. */
const DRAWN_WINDOWS = 2

/** Whether what others did to a doc may have moved something in the window, or the caret. */
export function mayMoveView(
  place: Pick<Place, "below" | "drawnFrom">,
  before: Node,
  { doc, selection }: EditorState,
): boolean {
  const { from, oldTo, newTo } = changedBlocks(before, doc)
  if (place.below !== undefined && from >= place.below) return false
  if (oldTo !== newTo) return true
  const [selectedFrom, selectedTo] = [selection.$from.index(0), selection.$to.index(0)]
  for (let index = from; index < Math.min(newTo, place.below ?? newTo); index++) {
    const [was, is] = [before.child(index), doc.child(index)]
    if (was === is) continue
    // Blocks with a selection are drawn wherever they are.
    const isDrawn = index >= place.drawnFrom || (index >= selectedFrom && index <= selectedTo)
    // One that is made something else gets another element, and with it another size.
    if (isDrawn || !was.sameMarkup(is)) return true
  }
  return false
}

function placeOf(view: EditorView, browser: Browser): Place {
  const { doc } = view.state
  const elements = view.dom.children
  const isKnown = elements.length === doc.childCount
  const first = isKnown ? firstBelow(elements, coveredAbove(view, browser)) : 0
  const above = isKnown && leavesOut(view, browser) ? firstBelow(elements, -DRAWN_WINDOWS * browser.innerHeight) : 0
  return {
    doc,
    scrollTop: scrollerOf(view.dom).scrollTop,
    caret: caretIn(view, browser),
    blocks: isKnown ? blocksIn(view, browser, first) : [],
    below: isKnown ? firstBelow(elements, browser.innerHeight, first) : undefined,
    // The one before may still reach down to there.
    drawnFrom: Math.max(0, above - 1),
  }
}

/** Whether blocks out of view are left out of drawing here, also those with others' carets: see `editor.css`. */
function leavesOut(view: EditorView, { CSS }: Browser): boolean {
  const isLong = view.state.doc.childCount >= LONG_PAGE_BLOCKS
  return isLong && CSS.supports("content-visibility", "auto") && CSS.supports("overflow-clip-margin", "16rem")
}

function caretIn(view: EditorView, browser: Window): Place["caret"] {
  if (!view.hasFocus()) return undefined
  const { top, bottom } = view.coordsAtPos(view.state.selection.head)
  if (bottom < 0 || top > browser.innerHeight) return undefined
  return { top, moves: anchorKey.getState(view.state) }
}

/** What a page says its header covers, in px; 0 in a page that says nothing. */
function coveredAbove(view: EditorView, browser: Browser): number {
  const { scrollPaddingTop } = browser.getComputedStyle(view.dom.ownerDocument.documentElement)
  return Number.parseFloat(scrollPaddingTop) || 0
}

/** @param first the first block that begins in the window. */
function blocksIn(view: EditorView, browser: Browser, first: number): Place["blocks"] {
  const elements = view.dom.children
  const found: { id: string; top: number }[] = []
  const add = (index: number): void => {
    const element = elements.item(index)
    const id: unknown = view.state.doc.maybeChild(index)?.attrs.id
    const top = topOf(element)
    if (typeof id === "string" && top !== undefined && top < browser.innerHeight) found.push({ id, top })
  }
  for (let index = first; index < first + BLOCKS_MAX; index++) add(index)
  if (first > 0) add(first - 1)
  return found
}

/** The index of the first element from `start` on that begins below a height of the window; they lie one below the other. */
function firstBelow(elements: HTMLCollection, height: number, start = 0): number {
  let low = start
  let high = elements.length
  // What is looked for is mostly near, and each look costs.
  for (let step = NEAR; low + step < high; step *= 4) {
    const top = topOf(elements.item(low + step))
    if (top === undefined || top < height) continue
    high = low + step
    break
  }
  while (low < high) {
    const middle = (low + high) >> 1
    // A hidden one is nowhere: the next that is shown stands for it.
    let shown = middle
    let top = topOf(elements.item(shown))
    while (top === undefined && ++shown < high) top = topOf(elements.item(shown))
    if (top === undefined || top >= height) high = middle
    else low = shown + 1
  }
  return low
}

/** How far below the window's upper edge an element begins; `undefined` for one that is hidden. */
function topOf(element: Element | null): number | undefined {
  const box = element?.getBoundingClientRect()
  const isHidden = box === undefined || (box.width === 0 && box.height === 0)
  return isHidden ? undefined : box.top
}

function putBack(view: EditorView, place: Place): void {
  const shift = shiftOf(view, place)
  if (shift === undefined || Math.abs(shift) < SHIFT_MIN_PX) return
  const scroller = scrollerOf(view.dom)
  const scrolled = scroller.scrollTop - place.scrollTop
  // Then it was the browser, which is not done twice, or the person, whose own scrolling hides the shift.
  if (Math.abs(scrolled) >= SHIFT_MIN_PX && holdsByItself(scroller)) return
  scroller.scrollBy({ top: shift + scrolled, behavior: "instant" })
}

/** Whether the browser holds on to something when what is above changes. */
function holdsByItself(scroller: Element): boolean {
  return scroller.ownerDocument.defaultView?.getComputedStyle(scroller).getPropertyValue("overflow-anchor") === "auto"
}

/** How far what is held on to has moved down the screen. */
function shiftOf(view: EditorView, { caret, blocks }: Place): number | undefined {
  const { doc, selection } = view.state
  if (caret !== undefined && caret.moves === anchorKey.getState(view.state)) {
    return view.coordsAtPos(selection.head).top - caret.top
  }
  const starts = new Map<unknown, number>(blocks.map(({ id }) => [id, -1]))
  doc.forEach((block, start) => {
    if (starts.has(block.attrs.id)) starts.set(block.attrs.id, start)
  })
  for (const { id, top } of blocks) {
    const start = starts.get(id) ?? -1
    const element = start < 0 ? null : view.nodeDOM(start)
    const now = element instanceof Element ? topOf(element) : undefined
    if (now !== undefined) return now - top
  }
  return undefined
}

/** What scrolls the text: the page, or an element around it. */
function scrollerOf(dom: HTMLElement): Element {
  const { scrollingElement, documentElement, defaultView } = dom.ownerDocument
  const page = scrollingElement ?? documentElement
  for (let element = dom.parentElement; element !== null && element !== page; element = element.parentElement) {
    const overflow = defaultView?.getComputedStyle(element).overflowY
    if ((overflow === "auto" || overflow === "scroll") && element.scrollHeight > element.clientHeight) return element
  }
  return page
}
