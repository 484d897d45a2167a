import type { Node } from "prosemirror-model"
import { type ProsemirrorBinding, updateYFragment } from "y-prosemirror"
import * as Y from "yjs"
import { changedBlocks } from "../changed-blocks.js"
import { type BlockName, blocksInPlace, type IndexRun } from "./align-blocks.js"
import { elementOf, renderedDoc } from "./binding-positions.js"

/** What writing needs of the binding: the shared body, and which node each of its elements is rendered as. */
export type WriteTarget = Pick<ProsemirrorBinding, "doc" | "type" | "mapping" | "isOMark">

/**
 * Writes a doc into the body, touching only what differs: first the blocks are lined up by their ids, then each is
 * compared with its own element. The binding alone lines up by place: with a block deleted and its neighbour edited in
 * one ProseMirror transaction it writes the one's text into the other, and what a colleague types there at that moment
 * goes into the wrong block or away.
 *
 * Has to run in one Yjs transaction of the caller's. An edit that changes no block writes nothing.
 *
 * @param selected the top-level blocks of `doc` that the person has hold of: see `MoveHints`.
 */
export function writeEdit(target: WriteTarget, doc: Node, selected: IndexRun = { from: 0, to: 0 }): void {
  const { type: body, mapping } = target
  if (mapping.get(body) === doc) return
  if (writeWithinBlock(target, doc)) return
  const elements = body.toArray()
  const { from, oldTo, newTo } = unwrittenBlocks(elements, doc, mapping)
  const written = elements.slice(from, oldTo)
  const blocks = doc.content.content.slice(from, newTo)
  const moved = { from: selected.from - from, to: selected.to - from }
  const kept = blocksInPlace(written.map(nameOfElement), blocks.map(nameOfBlock), { moved })
  deleteOthers(target, written, new Set(kept), from)
  insertMissing(body, blocks, kept, from)
  const aligned = body.slice(from, from + blocks.length)
  blocks.forEach((block, index) => {
    const element = aligned[index]
    if (!(element instanceof Y.XmlElement) || mapping.get(element) === block) return
    writeBlock(target, element, block)
  })
  mapping.set(body, doc)
}

/**
 * Writes what is nearly every key, a change within one block, without going through all the elements of the body.
 *
 * @returns whether that was all; else nothing was written.
 */
function writeWithinBlock(target: WriteTarget, doc: Node): boolean {
  const { type: body, mapping } = target
  const written = renderedDoc(body, mapping)
  if (written === undefined) return false
  const { from, oldTo, newTo } = changedBlocks(written, doc)
  if (oldTo !== from + 1 || newTo !== from + 1) return false
  const [before, block] = [written.child(from), doc.child(from)]
  const id: unknown = block.attrs.id
  if (before.type !== block.type || typeof id !== "string" || before.attrs.id !== id) return false
  const element = elementOf(body, mapping, written, from)
  if (!(element instanceof Y.XmlElement) || mapping.get(element) !== before) return false
  writeBlock(target, element, block)
  mapping.set(body, doc)
  return true
}

/** The run in which elements and blocks differ, by identity. */
function unwrittenBlocks(
  elements: readonly unknown[],
  doc: Node,
  mapping: ProsemirrorBinding["mapping"],
): { from: number; oldTo: number; newTo: number } {
  const isWritten = (element: unknown, block: Node): boolean =>
    element instanceof Y.XmlElement && mapping.get(element) === block
  const shorter = Math.min(elements.length, doc.childCount)
  let from = 0
  while (from < shorter && isWritten(elements[from], doc.child(from))) from++
  let oldTo = elements.length
  let newTo = doc.childCount
  while (oldTo > from && newTo > from && isWritten(elements[oldTo - 1], doc.child(newTo - 1))) {
    oldTo--
    newTo--
  }
  return { from, oldTo, newTo }
}

function nameOfElement(element: unknown): BlockName {
  // What is no element is no block either; nothing is named like it, so it does not stay.
  if (!(element instanceof Y.XmlElement)) return { node: "", id: undefined }
  return { node: element.nodeName, id: element.getAttribute("id") }
}

function nameOfBlock(block: Node): BlockName {
  return { node: block.type.name, id: block.attrs.id }
}

/** From the end, so that indices hold; whole runs at once, because Yjs looks each index up. */
function deleteOthers(
  { type: body, mapping }: WriteTarget,
  written: readonly (Y.XmlElement | Y.XmlText | Y.XmlHook)[],
  kept: ReadonlySet<number | undefined>,
  from: number,
): void {
  let end = written.length
  for (let index = written.length - 1; index >= -1; index--) {
    const element = written[index]
    if (element !== undefined && !kept.has(index)) {
      mapping.delete(element)
      continue
    }
    if (end > index + 1) body.delete(from + index + 1, end - index - 1)
    end = index
  }
}

function insertMissing(
  body: Y.XmlFragment,
  blocks: readonly Node[],
  kept: readonly (number | undefined)[],
  from: number,
): void {
  let fresh: Y.XmlElement[] = []
  for (let index = 0; index <= blocks.length; index++) {
    const block = blocks[index]
    if (block !== undefined && kept[index] === undefined) {
      fresh.push(new Y.XmlElement(block.type.name))
      continue
    }
    if (fresh.length > 0) body.insert(from + index - fresh.length, fresh)
    fresh = []
  }
}

function writeBlock(target: WriteTarget, element: Y.XmlElement, block: Node): void {
  updateYFragment(target.doc, element, block, target)
  giveText(element, block)
}

/**
 * Gives a block that may hold text its (empty) shared text at once. The binding makes it at the first key; two people
 * who begin to type in the same fresh block would make one each, and melting the two costs the keys of one of them.
 */
function giveText(element: Y.XmlElement, block: Node): void {
  if (block.isTextblock && element.length === 0) element.insert(0, [new Y.XmlText()])
}
