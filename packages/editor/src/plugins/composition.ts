import { DOMSerializer, Mark, type Node } from "prosemirror-model"
import { Plugin, PluginKey, type Transaction } from "prosemirror-state"
import { ReplaceStep } from "prosemirror-transform"
import { Decoration, DecorationSet, type EditorView, type NodeView } from "prosemirror-view"

/**
 * A composition (an input method that has not decided on a text yet; on phones every word is one) lives in one text node
 * of the page. It breaks off when that node is taken out of the page or its text is set anew, and the input method then
 * writes what it had a second time. ProseMirror spares the node while its text stays; here it is also spared
 *
 * - when others type in it: `writeIntoComposition` puts their text into the same node, beside what is composed;
 * - when others make its block something else: the block's element stays as it was drawn until the composition ends.
 *
 * The state has every change at once; only that look waits. A block that others delete, move, join or split before the
 * composition is gone from where it was, and the composition with it.
 */
export function compositions(): Plugin {
  return new Plugin<DecorationSet | undefined>({
    key: compositionsKey,
    state: {
      init: () => undefined,
      apply: (tr) => tr.getMeta(compositionsKey) as DecorationSet | undefined, // as `drawAnewAfterwards` sets it
    },
    props: {
      decorations: (state) => compositionsKey.getState(state),
      // Textblocks are drawn by `items`, which draws them as steady blocks too.
      nodeViews: { codeblock: (node, view) => new SteadyBlock(node, view) },
      handleDOMEvents: {
        compositionstart: (view) => {
          composed.set(view, "")
          return false
        },
        compositionupdate: (view, event) => {
          composed.set(view, event.data)
          return false
        },
      },
    },
    view: drawAnewAfterwards,
  })
}

/** Decorates blocks that have to be drawn anew, for one transaction: a view asks a block only when something differs. */
const compositionsKey = new PluginKey<DecorationSet | undefined>("quire-compositions")

/**
 * Puts what a ProseMirror transaction, about to be dispatched, changes in the text that is being composed in into that
 * text's node. Does nothing while nothing is composed, and where the change is not of that text alone.
 */
export function writeIntoComposition(view: EditorView, tr: Transaction): void {
  if (!view.composing) return
  const text = textAtCaret(view)
  if (text === undefined) return
  let from = view.posAtDOM(text, 0)
  let to = from + text.data.length
  if (to > tr.before.content.size || tr.before.textBetween(from, to, "\n", "\ufffc") !== text.data) return
  for (const [index, step] of tr.steps.entries()) {
    const change = plainChange(step, from, to, tr.docs[index])
    const map = step.getMap()
    const start = change === undefined ? from : from + change.offset
    const end = change === undefined ? to : start + change.length
    if (change === undefined) {
      from = map.map(from, 1)
      to = map.map(to, -1)
    } else if (start === from || (change.text !== "" && end === from + (startOfComposition(view, text) ?? -1))) {
      // The view draws by itself what is put in at the node's ends. At the composition's start it has to: the browser would
      // take it for composed, and the input method write over it. So the node is cut down to what follows. That keeps the
      // other's keys; the browser may still break the composition off there.
      text.deleteData(0, end - from)
      from = map.map(end, 1)
      to = map.map(to, 1)
    } else if (end === to) {
      text.deleteData(change.offset, change.length)
      from = map.map(from, -1)
      to = map.map(start, -1)
    } else {
      text.replaceData(change.offset, change.length, change.text)
      from = map.map(from, -1)
      to = map.map(to, 1)
    }
  }
}

/** What is being composed in each view. */
const composed = new WeakMap<EditorView, string>()

/** Where what is being composed begins in its text node: around the caret, mostly before it. */
function startOfComposition(view: EditorView, text: Text): number | undefined {
  const shown = composed.get(view) ?? ""
  const caret = view.dom.ownerDocument.getSelection()?.focusOffset ?? 0
  for (let start = Math.max(0, caret - shown.length); start <= caret; start++) {
    if (text.data.startsWith(shown, start)) return start
  }
  return undefined
}

/** The text node with the caret, which is where a composition is. */
function textAtCaret(view: EditorView): Text | undefined {
  const { Text: TextNode } = view.dom.ownerDocument.defaultView ?? {}
  const node = view.dom.ownerDocument.getSelection()?.focusNode
  return TextNode !== undefined && node instanceof TextNode && view.dom.contains(node) ? node : undefined
}

interface PlainChange {
  readonly offset: number
  readonly length: number
  readonly text: string
}

/** What a step does to a range of text with the same marks; `undefined` if it does something else, or elsewhere. */
function plainChange(step: unknown, from: number, to: number, doc: Node | undefined): PlainChange | undefined {
  if (!(step instanceof ReplaceStep) || step.from < from || step.to > to || doc === undefined) return undefined
  const { content, openStart, openEnd } = step.slice
  const marks = doc.nodeAt(from)?.marks ?? Mark.none
  const isPlain = content.content.every((node) => node.isText && Mark.sameSet(node.marks, marks))
  if (!isPlain || openStart > 0 || openEnd > 0) return undefined
  return { offset: step.from - from, length: step.to - step.from, text: content.textBetween(0, content.size) }
}

/** The blocks of each view that look as they did before somebody made them something else. */
const outdatedBlocks = new WeakMap<EditorView, Set<SteadyBlock>>()

function outdatedIn(view: EditorView): Set<SteadyBlock> {
  const known = outdatedBlocks.get(view)
  if (known !== undefined) return known
  const blocks = new Set<SteadyBlock>()
  outdatedBlocks.set(view, blocks)
  return blocks
}

/** A block drawn as its schema says, whose element stays while somebody composes in it. */
export class SteadyBlock implements NodeView {
  readonly dom: HTMLElement
  readonly contentDOM: HTMLElement
  readonly #view: EditorView
  readonly #outdated: Set<SteadyBlock>
  /** What the element shows. */
  readonly #drawn: Node

  constructor(node: Node, view: EditorView) {
    const { toDOM } = node.type.spec
    if (toDOM === undefined) throw new TypeError(`a ${node.type.name} cannot be drawn: its schema has no toDOM`)
    const { dom, contentDOM } = DOMSerializer.renderSpec(view.dom.ownerDocument, toDOM(node))
    this.dom = dom as HTMLElement // a block is an element
    this.contentDOM = contentDOM as HTMLElement // and holds text, both by our schema
    this.#view = view
    this.#outdated = outdatedIn(view)
    this.#drawn = node
  }

  update(node: Node, _decorations: readonly Decoration[]): boolean {
    if (node.sameMarkup(this.#drawn)) {
      this.#outdated.delete(this)
      return true
    }
    const text = this.#view.composing ? textAtCaret(this.#view) : undefined
    if (text === undefined || !this.dom.contains(text)) return false
    this.#outdated.add(this)
    return true
  }

  destroy(): void {
    this.#outdated.delete(this)
  }
}

function drawAnewAfterwards(view: EditorView): { update(): void; destroy(): void } {
  const outdated = outdatedIn(view)
  let timer: number | undefined
  const browser = view.dom.ownerDocument.defaultView
  const drawAnew = (): void => {
    timer = undefined
    if (view.isDestroyed || view.composing || outdated.size === 0) return
    const { doc, tr } = view.state
    const decorations: Decoration[] = []
    for (const { contentDOM } of outdated) {
      const $start = doc.resolve(view.posAtDOM(contentDOM, 0))
      if ($start.depth > 0) decorations.push(Decoration.node($start.before(), $start.after(), {}, { isOutdated: true }))
    }
    view.dispatch(tr.setMeta(compositionsKey, DecorationSet.create(doc, decorations)))
  }
  const later = (): void => {
    // After the view has read what the composition left behind.
    if (outdated.size > 0) timer ??= browser?.setTimeout(drawAnew, 0)
  }
  view.dom.addEventListener("compositionend", later)
  return {
    update: () => {
      if (!view.composing) later()
    },
    destroy: () => {
      if (timer !== undefined) browser?.clearTimeout(timer)
      view.dom.removeEventListener("compositionend", later)
    },
  }
}
