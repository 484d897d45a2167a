import { Fragment, type Node, Slice } from "prosemirror-model"
import type { EditorState, Transaction } from "prosemirror-state"
import { ReplaceStep } from "prosemirror-transform"
import { changedBlocks } from "../changed-blocks.js"
import { type BlockName, blocksInPlace } from "./align-blocks.js"

/**
 * Rendering what others did. The binding replaces the whole doc at each of their keys, which leaves no position standing:
 * decorations vanish, mapped positions land at the end. Here the same change is said in as few and small steps as the
 * two docs show.
 */

/**
 * A ProseMirror transaction on a state that makes its doc equal to another: blocks are told apart by id; one that stays
 * gets its changed attributes written and the changed range of its text replaced. Blocks without a difference stay the
 * same objects. No steps if the docs are equal.
 */
export function narrowChange(state: EditorState, goal: Node): Transaction {
  const tr = state.tr
  const { from, oldTo, newTo } = changedBlocks(state.doc, goal)
  const oldBlocks = state.doc.content.content.slice(from, oldTo)
  const newBlocks = goal.content.content.slice(from, newTo)
  const kept = blocksInPlace(oldBlocks.map(nameOf), newBlocks.map(nameOf))

  // From the end, so that positions in the old doc hold until they are reached.
  let oldEnd = oldBlocks.length
  let newEnd = newBlocks.length
  let position = endOf(state.doc, oldTo)
  for (let newIndex = newBlocks.length - 1; newIndex >= -1; newIndex--) {
    const oldIndex = newIndex < 0 ? -1 : kept[newIndex]
    if (oldIndex === undefined) continue
    const gone = sizeOf(oldBlocks.slice(oldIndex + 1, oldEnd))
    replace(tr, position - gone, position, newBlocks.slice(newIndex + 1, newEnd))
    position -= gone
    const oldBlock = oldBlocks[oldIndex]
    const newBlock = newBlocks[newIndex]
    if (oldBlock !== undefined && newBlock !== undefined) {
      position -= oldBlock.nodeSize
      changeBlock(tr, position, oldBlock, newBlock)
    }
    oldEnd = oldIndex
    newEnd = newIndex
  }
  return tr
}

function nameOf(block: Node): BlockName {
  return { node: block.type.name, id: block.attrs.id }
}

function sizeOf(blocks: readonly Node[]): number {
  return blocks.reduce((size, block) => size + block.nodeSize, 0)
}

/** The position after the last of a doc's first `count` blocks. */
function endOf(doc: Node, count: number): number {
  let end = 0
  for (let index = 0; index < count; index++) end += doc.child(index).nodeSize
  return end
}

/** Exactly this and no fitting: the goal is a doc that somebody's binding has made of nodes that the schema accepted. */
function replace(tr: Transaction, from: number, to: number, nodes: readonly Node[] | Slice): void {
  const slice = nodes instanceof Slice ? nodes : new Slice(Fragment.from(nodes), 0, 0)
  if (from < to || slice.size > 0) tr.step(new ReplaceStep(from, to, slice))
}

function changeBlock(tr: Transaction, position: number, oldBlock: Node, newBlock: Node): void {
  if (oldBlock.eq(newBlock)) return
  for (const name of Object.keys(newBlock.attrs)) {
    const value: unknown = newBlock.attrs[name]
    if (value !== oldBlock.attrs[name]) tr.setNodeAttribute(position, name, value)
  }
  const start = oldBlock.content.findDiffStart(newBlock.content)
  const end = oldBlock.content.findDiffEnd(newBlock.content)
  if (start === null || end === null) return
  if (!oldBlock.isTextblock) {
    replace(tr, position + 1, position + oldBlock.nodeSize - 1, newBlock.content.content)
    return
  }
  // In "aa" become "aaa" the equal start and the equal end overlap.
  const overlap = Math.max(0, start - Math.min(end.a, end.b))
  const changed = newBlock.slice(start, end.b + overlap)
  replace(tr, position + 1 + start, position + 1 + end.a + overlap, changed)
}
