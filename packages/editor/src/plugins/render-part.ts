import { schema } from "@quire/schema"
import { Fragment, Node } from "prosemirror-model"
import { EditorState, type Transaction } from "prosemirror-state"
import type { ProsemirrorBinding } from "y-prosemirror"
import * as Y from "yjs"

/**
 * Rendering what a Yjs transaction did to a few blocks. The binding makes the whole doc anew for it, out of all elements
 * of the body, and has ProseMirror check each: on a long page that is most of what somebody's key costs everybody else.
 * Here the same code of the binding, which alone knows how an element becomes a block, is shown the touched elements and
 * an empty doc; what it makes of them is put into the doc that was there.
 */

/**
 * Renders a Yjs transaction as `ProsemirrorBinding._typeChanged` does. Where blocks came or went, it is left to that.
 *
 * @param shown the state that is shown.
 * @param render told of the doc that the body says now, and of a ProseMirror transaction with the binding's meta.
 */
export function renderChange(
  binding: ProsemirrorBinding,
  shown: EditorState,
  [events, transaction]: readonly [Y.YEvent<Y.XmlFragment>[], Y.Transaction],
  render: (goal: Node, meta: Transaction) => void,
): void {
  const places = placesOfTouched(binding, shown.doc, transaction)
  if (places === undefined) return binding._typeChanged(events, transaction)
  const view = {
    state: blankLike(shown),
    dispatch: (part: Transaction) => render(goalOf(binding, shown.doc, [...places.values()], part.doc), part),
    hasFocus: () => false,
  }
  const stand: ProsemirrorBinding = Object.create(binding, {
    prosemirrorView: { value: view },
    type: { value: { toArray: () => [...places.keys()] } },
  })
  stand._typeChanged(events, transaction)
}

/** The touched blocks and their indices in the doc; `undefined` where blocks came, went or cannot be told apart. */
function placesOfTouched(
  { type: body, mapping }: ProsemirrorBinding,
  doc: Node,
  transaction: Y.Transaction,
): ReadonlyMap<Y.XmlElement, number> | undefined {
  const changed: ReadonlyMap<unknown, unknown> = transaction.changed
  if (mapping.get(body) !== doc || changed.has(body)) return undefined
  const blocks = doc.content.content
  const places = new Map<Y.XmlElement, number>()
  for (const type of changed.keys()) {
    const element = blockAround(type, body)
    if (element === undefined || places.has(element)) continue
    const block = mapping.get(element)
    if (!(block instanceof Node)) return undefined
    const index = blocks.indexOf(block)
    // One object may stand for two blocks that are alike.
    if (index < 0 || index !== blocks.lastIndexOf(block)) return undefined
    places.set(element, index)
  }
  return places
}

/** The body's child that a type is, or is in; `undefined` for what is elsewhere or deleted. */
function blockAround(type: unknown, body: Y.XmlFragment): Y.XmlElement | undefined {
  let around = type
  while (around instanceof Y.AbstractType) {
    const item: Y.Item | null = around._item
    if (item === null || item.deleted) return undefined
    if (item.parent === body) return around instanceof Y.XmlElement ? around : undefined
    around = item.parent
  }
  return undefined
}

/** A state with nothing in it that is otherwise the shown one: the binding asks it for what its plugin keeps. */
function blankLike(shown: EditorState): EditorState {
  const { doc, selection } = EditorState.create({ doc: schema.topNodeType.create() })
  return Object.create(shown, { doc: { value: doc }, selection: { value: selection } })
}

/** The doc with some of its blocks replaced. */
function goalOf(
  { type: body, mapping }: ProsemirrorBinding,
  doc: Node,
  places: readonly number[],
  { content: made }: Node,
): Node {
  if (made.childCount < places.length) {
    // The binding has deleted an element that it could make no block of.
    const elements: readonly unknown[] = body.toArray()
    const nodes = elements.map((element) => (element instanceof Y.XmlElement ? mapping.get(element) : undefined))
    return doc.copy(Fragment.from(nodes.filter((node) => node instanceof Node)))
  }
  return doc.copy(places.reduce((content, place, nth) => content.replaceChild(place, made.child(nth)), doc.content))
}
