import type { Node } from "prosemirror-model"
import type { Transaction } from "prosemirror-state"

/**
 * Where a position is after a ProseMirror transaction, remote or not: with the words around it, also when those went into
 * another block because somebody split, joined or moved theirs. In Yjs each of these is deleting and inserting, so steps
 * and relative positions alone lose the way; what the two docs say shows it.
 *
 * @param side which neighbour the position belongs to when something is inserted right there, or when a block is split
 *   there: −1 what stands before it, 1 what stands after it.
 * @returns `undefined` when its block is gone and its words are nowhere near.
 */
export function mapThroughRemote(tr: Transaction, position: number, side: -1 | 1 = 1): number | undefined {
  return mapToOtherBlock(tr, position, side) ?? (isBlockGone(tr, position) ? undefined : tr.mapping.map(position, side))
}

/**
 * Where the words at a position have gone if they left its block: with a block's second half when it was split, with a
 * moved block, with a joined one. `undefined` when they did not leave, or went for good.
 */
export function mapToOtherBlock(tr: Transaction, position: number, side: -1 | 1): number | undefined {
  if (!tr.docChanged || tr.before.resolve(position).depth === 0) return undefined
  if (!isBlockGone(tr, position)) return throughSplit(tr, position, side) ?? throughEditedSplit(tr, position)
  return throughMove(tr, position) ?? throughJoin(tr, position)
}

/** Whether the top-level block around a position was deleted. A position between blocks has none to lose. */
export function isBlockGone(tr: Transaction, position: number): boolean {
  const $before = tr.before.resolve(position)
  return $before.depth > 0 && tr.mapping.mapResult($before.before(1), 1).deletedAfter
}

/** The block was split in front of the position: its text is now that of two blocks, one after the other. */
function throughSplit(tr: Transaction, position: number, side: -1 | 1): number | undefined {
  const $before = tr.before.resolve(position)
  const old = $before.node(1)
  const start = tr.mapping.map($before.before(1), 1)
  const first = tr.doc.nodeAt(start)
  if (first === null || first.content.size >= old.content.size) return undefined
  const second = tr.doc.nodeAt(start + first.nodeSize)
  if (second === null || textOf(first) + textOf(second) !== textOf(old)) return undefined
  const offset = position - $before.start(1) - first.content.size
  if (offset < 0 || (offset === 0 && side < 0)) return undefined
  return start + first.nodeSize + 1 + offset
}

/** So many characters tell that words are the same and not like them. */
const KNOWN_BY = 8

/** Nobody presses Enter more often between two changes that are shown. */
const NEW_BLOCKS_MAX = 32

/**
 * The block was split in front of the position, and written into on either side of that at the same time: what stood after
 * the position is now the end of a block that was not there, one of those between the block and the next.
 */
function throughEditedSplit(tr: Transaction, position: number): number | undefined {
  const $before = tr.before.resolve(position)
  const old = textOf($before.node(1))
  const offset = position - $before.start(1)
  const words = old.slice(Math.max(0, Math.min(offset, old.length - KNOWN_BY)))
  let start = tr.mapping.map($before.before(1), 1)
  const first = tr.doc.nodeAt(start)
  if (words === "" || first === null || textOf(first).endsWith(words)) return undefined
  const next: unknown = tr.before.nodeAt($before.after(1))?.attrs.id
  start += first.nodeSize
  for (let looked = 0; looked < NEW_BLOCKS_MAX && start < tr.doc.content.size; looked++) {
    const block = tr.doc.nodeAt(start)
    if (block === null || block.attrs.id === next) return undefined
    start += block.nodeSize
    if (block.isTextblock && textOf(block).endsWith(words)) return start - 1 - (old.length - offset)
  }
  return undefined
}

/** The block was deleted, and one with its id inserted elsewhere. */
function throughMove(tr: Transaction, position: number): number | undefined {
  const $before = tr.before.resolve(position)
  const old = $before.node(1)
  const id: unknown = old.attrs.id
  if (typeof id !== "string") return undefined
  let start = 0
  for (const block of tr.doc.children) {
    if (block.attrs.id === id && block.type === old.type) {
      return start + Math.min(position - $before.before(1), block.nodeSize - 1)
    }
    start += block.nodeSize
  }
  return undefined
}

/** The block was deleted, and the one before it, which changed too, now ends with what stood after the position. */
function throughJoin(tr: Transaction, position: number): number | undefined {
  const $before = tr.before.resolve(position)
  const end = tr.mapping.map($before.before(1), -1)
  const $end = tr.doc.resolve(end)
  if ($end.depth > 0) return tr.mapping.map(position) // joined here, by a step that kept the text
  const joined = $end.nodeBefore
  const previous = tr.before.resolve($before.before(1)).nodeBefore
  if (!joined?.isTextblock || previous === null || joined === previous) return undefined
  const text = textOf($before.node(1))
  const after = text.slice(position - $before.start(1))
  const isJoined = after === "" ? endsLike(textOf(joined), textOf(previous), text) : textOf(joined).endsWith(after)
  return isJoined ? end - 1 - after.length : undefined
}

/** Whether what came at the end of a text is another text, but for one piece: keys that its joiner did not know. */
function endsLike(text: string, previous: string, other: string): boolean {
  const added = text.slice(commonStart(text, previous))
  if (added === "") return false
  const start = commonStart(added, other)
  return start === added.length || other.endsWith(added.slice(start))
}

function commonStart(one: string, other: string): number {
  let length = 0
  while (length < one.length && one[length] === other[length]) length++
  return length
}

/** A block's text with one character for each thing in it that is no text, so that offsets are those of positions. */
function textOf(block: Node): string {
  return block.textBetween(0, block.content.size, "\ufffc", "\ufffc")
}
