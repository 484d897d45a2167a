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

/** A place that is known in both docs, by its relative position: the caret. */
export interface Hinge {
  /** Where it is in the state's doc. */
  readonly before: number
  /** Where it is in the goal. */
  readonly after: number
}

/**
 * A ProseMirror transaction on a state that makes its doc equal to another: blocks are told apart by id; one that stays
 * gets its changed attributes written and the changed range of its text replaced. Blocks without a difference stay the
 * same objects. No steps if the docs are equal.
 *
 * @param hinge a place that no step goes across: its block stays in place when blocks changed places, and changes before
 *   and after it in its text are steps of their own. What is there (a caret, words being composed) is not redrawn when
 *   several changes come at once.
 */
export function narrowChange(state: EditorState, goal: Node, hinge?: Hinge): Transaction {
  const tr = state.tr
  const { from, oldTo, newTo } = changedBlocks(state.doc, goal)
  const oldBlocks = state.doc.content.content.slice(from, oldTo)
  const newBlocks = goal.content.content.slice(from, newTo)
  const stayed = hinge === undefined ? undefined : goal.resolve(hinge.after).index(0) - from
  const kept =
    inTheirPlaces(oldBlocks, newBlocks) ?? blocksInPlace(oldBlocks.map(nameOf), newBlocks.map(nameOf), { stayed })

  // From the end, so that positions in the old doc hold until they are reached.
  let oldEnd = oldBlocks.length
  let newEnd = newBlocks.length
  let position = endOf(state.doc, oldTo)
  let newPosition = endOf(goal, newTo)
  for (let newIndex = newBlocks.length - 1; newIndex >= -1; newIndex--) {
    const oldIndex = newIndex < 0 ? -1 : kept[newIndex]
    if (oldIndex === undefined) continue
    const gone = sizeOf(oldBlocks.slice(oldIndex + 1, oldEnd))
    replace(tr, position - gone, position, newBlocks.slice(newIndex + 1, newEnd))
    position -= gone
    newPosition -= sizeOf(newBlocks.slice(newIndex + 1, newEnd))
    const oldBlock = oldBlocks[oldIndex]
    const newBlock = newBlocks[newIndex]
    if (oldBlock === newBlock && oldBlock !== undefined) {
      position -= oldBlock.nodeSize
      newPosition -= oldBlock.nodeSize
    } else if (oldBlock !== undefined && newBlock !== undefined) {
      position -= oldBlock.nodeSize
      newPosition -= newBlock.nodeSize
      const inBlocks = hinge && { before: hinge.before - position - 1, after: hinge.after - newPosition - 1 }
      changeBlock(tr, position, [oldBlock, newBlock], inBlocks)
    }
    oldEnd = oldIndex
    newEnd = newIndex
  }
  return tr
}

/**
 * What `blocksInPlace` says where all are in their places, which is nearly always and is quicker seen. People who write
 * at the same time far from each other make the run of blocks long.
 */
function inTheirPlaces(before: readonly Node[], after: readonly Node[]): readonly number[] | undefined {
  const isInPlace = (block: Node, index: number): boolean => {
    const old = before[index]
    if (old === block) return true
    return old?.type === block.type && typeof block.attrs.id === "string" && old.attrs.id === block.attrs.id
  }
  return before.length === after.length && after.every(isInPlace) ? after.map((_block, index) => index) : undefined
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

/** @param hinge as offsets in the two blocks, if it is in both. */
function changeBlock(tr: Transaction, position: number, [oldBlock, newBlock]: [Node, Node], hinge?: Hinge): void {
  if (oldBlock.eq(newBlock)) return
  for (const name of Object.keys(newBlock.attrs)) {
    const value: unknown = newBlock.attrs[name]
    if (value !== oldBlock.attrs[name]) tr.setNodeAttribute(position, name, value)
  }
  const [oldContent, newContent] = [oldBlock.content, newBlock.content]
  if (!oldBlock.isTextblock) {
    if (oldContent.eq(newContent)) return
    replace(tr, position + 1, position + oldBlock.nodeSize - 1, newContent.content)
  } else if (hinge !== undefined && isWithin(hinge.before, oldContent) && isWithin(hinge.after, newContent)) {
    const { before, after } = hinge
    changeText(tr, position + 1 + before, oldContent.cut(before), newContent.cut(after))
    changeText(tr, position + 1, oldContent.cut(0, before), newContent.cut(0, after))
  } else {
    changeText(tr, position + 1, oldContent, newContent)
  }
}

function isWithin(offset: number, content: Fragment): boolean {
  return offset >= 0 && offset <= content.size
}

/** Replaces the range in which two texts differ. */
function changeText(tr: Transaction, position: number, oldText: Fragment, newText: Fragment): void {
  const start = oldText.findDiffStart(newText)
  const end = oldText.findDiffEnd(newText)
  if (start === null || end === null) return
  // In "aa" become "aaa" the equal start and the equal end overlap.
  const overlap = Math.max(0, start - Math.min(end.a, end.b))
  const changed = new Slice(newText.cut(start, end.b + overlap), 0, 0)
  replace(tr, position + start, position + end.a + overlap, changed)
}
