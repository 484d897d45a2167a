/**
 * Which blocks of a page stayed where they were between two lists of blocks, told by their ids. Used in both directions:
 * for writing a local edit into the ydoc and for rendering a remote one. A block that stays is the same block, whatever
 * became of its text; the others are deleted, made, or (moved) both.
 */

/** What tells one block from another: its node's name and its id. */
export interface BlockName {
  /** The name of its node. A node cannot be renamed in Yjs, so a block that changes its node is another block. */
  readonly node: string
  /** Its `id` attribute as stored: a string, unless somebody else's client left it out or wrote something odd. */
  readonly id: unknown
}

/** A run of indices, as of a selection: from the first to before the last. */
export interface IndexRun {
  /** The first index in it. */
  readonly from: number
  /** The first index after it. */
  readonly to: number
}

/** Which blocks to leave in place where the choice is free: of two blocks that changed places, either one moved. */
export interface MoveHints {
  /** Indices into the blocks as they shall be: those that a person has hold of, and so moved. */
  readonly moved?: IndexRun
  /** An index into the blocks as they shall be: one that is known to have stayed, whatever has to move for it. */
  readonly stayed?: number | undefined
}

/**
 * The blocks that stay in place: as many as possible, so that the fewest are moved.
 *
 * An id that is missing or there several times names nothing for sure, and a local edit may at any time give such a block
 * an id of its own. For those, places decide: first to first, second to second.
 *
 * @param before the blocks as they were.
 * @param after the blocks as they shall be.
 * @returns for each block of `after` its index in `before`, ascending, or `undefined` if it is not among those that stay.
 */
export function blocksInPlace(
  before: readonly BlockName[],
  after: readonly BlockName[],
  hints: MoveHints = {},
): readonly (number | undefined)[] {
  const keysBefore = keysOf(before)
  const indexBefore = new Map(keysBefore.map(({ key }, index) => [key, index]))
  const known = keysOf(after).map(({ key }) => indexBefore.get(key))
  const isVague = (index: number): boolean => keysBefore[index]?.isVague === true
  const isAlike = (index: number, place: number): boolean => before[index]?.node === after[place]?.node
  return pairByPlace(stayingAmong(known, hints), known, before.length, (index, place) => {
    return isVague(index) && isAlike(index, place)
  })
}

function stayingAmong(known: readonly (number | undefined)[], { moved, stayed }: MoveHints): (number | undefined)[] {
  const index = stayed === undefined ? undefined : known[stayed]
  if (stayed !== undefined && index !== undefined) {
    // What is left is ascending with it, so that it is in each longest run.
    return longestAscending(
      known.map((other, place) => (isInOrder([other, place], [index, stayed]) ? other : undefined)),
    )
  }
  const fewestMoves = longestAscending(known)
  if (moved === undefined || moved.from >= moved.to) return fewestMoves
  const others = known.map((other, place) => (place >= moved.from && place < moved.to ? undefined : other))
  const withoutMoved = longestAscending(others)
  return countOf(withoutMoved) === countOf(fewestMoves) ? withoutMoved : fewestMoves
}

type IndexAndPlace = readonly [index: number | undefined, place: number]

function isInOrder([index, place]: IndexAndPlace, [otherIndex = 0, otherPlace]: IndexAndPlace): boolean {
  if (index === undefined) return false
  return place === otherPlace || (place < otherPlace ? index < otherIndex : index > otherIndex)
}

/** Between each two blocks that stay, lets further ones stay: those that may, with those of which nothing is known. */
function pairByPlace(
  kept: readonly (number | undefined)[],
  known: readonly (number | undefined)[],
  countBefore: number,
  mayPair: (index: number, place: number) => boolean,
): (number | undefined)[] {
  const paired = [...kept]
  let next = 0
  let start = 0
  for (let place = 0; place <= kept.length; place++) {
    const end = place === kept.length ? countBefore : kept[place]
    if (end === undefined) continue
    for (let between = start; between < place; between++) {
      if (known[between] !== undefined) continue
      while (next < end && !mayPair(next, between)) next++
      if (next < end) paired[between] = next++
    }
    next = end + 1
    start = place + 1
  }
  return paired
}

interface Key {
  /** Different for each block. */
  readonly key: string
  /** Whether the id is missing or not the block's alone. */
  readonly isVague: boolean
}

function keysOf(blocks: readonly BlockName[]): Key[] {
  const names = blocks.map(({ node, id }) => JSON.stringify([node, typeof id === "string" ? id : null]))
  const seen = new Map<string, number>()
  const keys = names.map((name) => {
    const nth = seen.get(name) ?? 0
    seen.set(name, nth + 1)
    return `${nth} ${name}`
  })
  return blocks.map(({ id }, index) => ({
    key: keys[index] ?? "",
    isVague: typeof id !== "string" || (seen.get(names[index] ?? "") ?? 0) > 1,
  }))
}

function countOf(list: readonly (number | undefined)[]): number {
  return list.reduce<number>((count, item) => (item === undefined ? count : count + 1), 0)
}

/** The same list with everything blanked that is not in (one of) its longest ascending subsequences. */
function longestAscending(list: readonly (number | undefined)[]): (number | undefined)[] {
  // `ends[n]` is the place of the smallest value that ends an ascending run of n + 1; `previous` leads back along it.
  const ends: number[] = []
  const previous = new Map<number, number>()
  const valueAt = (place: number | undefined): number => (place === undefined ? -1 : (list[place] ?? -1))
  list.forEach((value, place) => {
    if (value === undefined) return
    let low = 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (valueAt(ends[middle]) < value) low = middle + 1
      else high = middle
    }
    const before = ends[low - 1]
    if (before !== undefined) previous.set(place, before)
    ends[low] = place
  })
  const kept: (number | undefined)[] = list.map(() => undefined)
  for (let place = ends.at(-1); place !== undefined; place = previous.get(place)) kept[place] = list[place]
  return kept
}
