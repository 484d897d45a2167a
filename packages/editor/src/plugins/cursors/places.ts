import type { Transaction } from "prosemirror-state"
import type { RelativePosition } from "yjs"
import { changedBlocks } from "../../changed-blocks.js"
import { mapToOtherBlock } from "../map-through-remote.js"
import { isRemote } from "../sync.js"
import type { Placed } from "./draw.js"
import type { RemoteCursor } from "./remote-cursor.js"

/** Finds a relative position in a doc; `undefined` when it is not there (yet). */
export type Find = (position: RelativePosition) => number | undefined

/** Finds the cursors' places in the doc, of which some may be known. Those that are nowhere are left out. */
export function place(
  list: readonly RemoteCursor[],
  find: Find,
  known: (cursor: RemoteCursor) => Placed | undefined,
): readonly Placed[] {
  return list.flatMap((cursor) => known(cursor) ?? resolve(cursor, find) ?? [])
}

function resolve(cursor: RemoteCursor, find: Find): Placed | undefined {
  const anchor = find(cursor.anchor)
  if (anchor === undefined) return undefined
  const head = isCaret(cursor) ? anchor : find(cursor.head)
  return head === undefined ? undefined : { cursor, anchor, head }
}

/**
 * The cursors' places after a ProseMirror transaction, told by those before it where it did not touch their blocks.
 *
 * @param find for the doc after it.
 */
export function placeAfter(
  tr: Transaction,
  list: readonly RemoteCursor[],
  find: Find,
  before: readonly Placed[],
): readonly Placed[] {
  const known = new Map(before.map((one) => [one.cursor, one]))
  const touched = isRemote(tr) ? touchedRange(tr) : undefined
  return place(list, find, (cursor) => {
    const one = known.get(cursor)
    return one && (touched === undefined ? moveWithText(one, tr) : moveWithOthers(one, tr, touched))
  })
}

/** Finding a place takes a walk over the blocks before it; most have nothing selected and need one only. */
function isCaret({ anchor, head }: RemoteCursor): boolean {
  return JSON.stringify(anchor) === JSON.stringify(head)
}

/** Where a cursor is after an edit of ours, by the rule of `relativeSelection`. */
function moveWithText({ cursor, anchor, head }: Placed, tr: Transaction): Placed {
  return {
    cursor,
    anchor: tr.mapping.map(anchor, anchor < head ? 1 : -1),
    head: tr.mapping.map(head, head < anchor ? 1 : -1),
  }
}

/**
 * Where a cursor is after a change of somebody else: with its words, also when these went into another block; else its
 * relative position tells.
 */
function moveWithOthers({ cursor, anchor, head }: Placed, tr: Transaction, touched: Touched): Placed | undefined {
  const move = (position: number, side: -1 | 1): number | undefined => {
    if (position < touched.from) return position
    return position > touched.to ? position + touched.growth : moveWithBlock(tr, position, side)
  }
  const movedAnchor = move(anchor, anchor < head ? 1 : -1)
  const movedHead = head === anchor ? movedAnchor : move(head, head < anchor ? 1 : -1)
  return movedAnchor === undefined || movedHead === undefined
    ? undefined
    : { cursor, anchor: movedAnchor, head: movedHead }
}

/** Where a position is now whose block stayed as it was, or was moved, split or joined; else `undefined`. */
function moveWithBlock(tr: Transaction, position: number, side: -1 | 1): number | undefined {
  const $before = tr.before.resolve(position)
  if ($before.depth === 0) return undefined
  const start = tr.mapping.mapResult($before.before(1), 1)
  const isSame = !start.deletedAfter && tr.doc.nodeAt(start.pos) === $before.node(1)
  return isSame ? start.pos + position - $before.before(1) : mapToOtherBlock(tr, position, side)
}

/** What a ProseMirror transaction touched: from the first to the last block that is another object afterwards. */
interface Touched {
  /** Where the first of them began. */
  readonly from: number
  /** Where the last of them ended. */
  readonly to: number
  /** How much longer they are together than before. */
  readonly growth: number
}

/** Once for all cursors: to look up each of their blocks takes a walk over those before it, in both docs. */
function touchedRange({ before, doc }: Transaction): Touched {
  const changed = changedBlocks(before, doc)
  let from = 0
  for (let index = 0; index < changed.from; index++) from += before.child(index).nodeSize
  let to = from
  for (let index = changed.from; index < changed.oldTo; index++) to += before.child(index).nodeSize
  return { from, to, growth: doc.content.size - before.content.size }
}

/** The place of a client's cursor, if it is among them. */
export function ofClient(placed: readonly Placed[], clientId: number): Placed | undefined {
  return placed.find(({ cursor }) => cursor.clientId === clientId)
}

/** Whether both are there, and the same. */
export function isSamePlace(one: Placed | undefined, other: Placed | undefined): boolean {
  return one !== undefined && other !== undefined && one.anchor === other.anchor && one.head === other.head
}
