import { Node } from "prosemirror-model"
import {
  relativePositionToAbsolutePosition as bindingToAbsolute,
  absolutePositionToRelativePosition as bindingToRelative,
  type ProsemirrorBinding,
} from "y-prosemirror"
import * as Y from "yjs"

/**
 * The binding's two ways between positions and relative positions, without its walk that looks up the size of every
 * block before the position: it is taken at each key of everybody, several times, and grows with the page. Here blocks
 * are counted on Yjs's side and their sizes added up on ProseMirror's. Everything but a place in a block's one text is
 * left to the binding, and the results are the same.
 */

type Mapping = ProsemirrorBinding["mapping"]

/** The relative position of a place in the doc that was rendered last. */
export function absolutePositionToRelativePosition(
  position: number,
  body: Y.XmlFragment,
  mapping: Mapping,
): Y.RelativePosition {
  const doc = renderedDoc(body, mapping)
  if (doc === undefined || position < 0 || position > doc.content.size) {
    return bindingToRelative(position, body, mapping)
  }
  const $position = doc.resolve(position)
  const element = $position.depth === 1 ? elementOf(body, mapping, doc, $position.index(0)) : undefined
  const text = element instanceof Y.XmlElement ? element.firstChild : undefined
  if (!(text instanceof Y.XmlText) || text.length < $position.parentOffset) {
    return bindingToRelative(position, body, mapping)
  }
  return Y.createRelativePositionFromTypeIndex(text, $position.parentOffset)
}

/** The place of a relative position in the doc that was rendered last; `null` when it is not in the body. */
export function relativePositionToAbsolutePosition(
  ydoc: Y.Doc,
  body: Y.XmlFragment,
  position: Y.RelativePosition,
  mapping: Mapping,
): number | null {
  const place = Y.createAbsolutePositionFromRelativePosition(position, ydoc)
  const doc = renderedDoc(body, mapping)
  const element = place?.type instanceof Y.XmlText ? place.type.parent : undefined
  const isPlain = element instanceof Y.XmlElement && element.parent === body && element.firstChild === place?.type
  const index = isPlain && doc !== undefined ? indexOf(body, mapping, doc, element) : undefined
  if (doc === undefined || place === null || index === undefined) {
    return bindingToAbsolute(ydoc, body, position, mapping)
  }
  let start = 0
  for (let before = 0; before < index; before++) start += doc.child(before).nodeSize
  return start + 1 + place.index
}

/** The block that was asked for last: nearly always the one with the person's caret, and far into a list of blocks. */
const lastAsked = new WeakMap<Y.XmlFragment, unknown>()

/** The body's child that a block of the doc that was rendered last is made of. */
export function elementOf(body: Y.XmlFragment, mapping: Mapping, doc: Node, index: number): unknown {
  const last = lastAsked.get(body)
  if (last instanceof Y.XmlElement && mapping.get(last) === doc.child(index)) return last
  const element: unknown = body.get(index)
  lastAsked.set(body, element)
  return element
}

/** The doc, if the binding has rendered it whole and nothing has been added to or taken from the body since. */
export function renderedDoc(body: Y.XmlFragment, mapping: Mapping): Node | undefined {
  const doc = mapping.get(body)
  return doc instanceof Node && doc.childCount === body.length ? doc : undefined
}

/** Told by the block's object where no other block is the same one, which takes a tenth of a walk over Yjs's items. */
function indexOf(body: Y.XmlFragment, mapping: Mapping, doc: Node, element: Y.XmlElement): number | undefined {
  const block = mapping.get(element)
  const blocks = doc.content.content
  const index = block instanceof Node ? blocks.indexOf(block) : -1
  if (index >= 0 && index === blocks.lastIndexOf(blocks[index] ?? doc))
    return element._item?.deleted ? undefined : index
  return countBefore(body, element._item)
}

function countBefore(body: Y.XmlFragment, wanted: Y.Item | null): number | undefined {
  let index = 0
  for (let item = body._start; item !== null; item = item.right) {
    if (item === wanted) return item.deleted ? undefined : index
    if (!item.deleted && item.countable) index += item.length
  }
  return undefined
}
