import { type Layout, readLayout } from "@quire/schema"
import type { Node } from "prosemirror-model"
import { Decoration, DecorationSet } from "prosemirror-view"
import { changedBlocks } from "../changed-blocks.js"

/**
 * Lists for assistive technology. The blocks lie side by side, so that no element could stand around a list's items:
 * instead the first block of a list is told to be the list, and to own the items in the others. What is deeper stands in
 * the same list, with its level.
 */

/** One list of a page. */
interface List {
  readonly first: Node
  readonly position: number
  readonly layout: Layout
  readonly others: Node[]
}

/** Tells the first block of each list to be the list, and to own the items of its other blocks. */
export function listRoles(doc: Node): readonly Decoration[] {
  return listsIn(doc).map(({ first, position, others }) => {
    const owned = others.map(itemId).join(" ")
    const attributes = owned === "" ? { role: "list" } : { role: "list", "aria-owns": owned }
    return Decoration.node(position, position + first.nodeSize, attributes)
  })
}

/** The id of an item's element. A block's id may hold anything; white space would divide it where ids are listed. */
export function itemId(block: Node): string {
  return `item-${String(block.attrs.id).replace(/\s/g, "_")}`
}

/** Whether the lists of two docs have the same roles, but for where they stand in the text. Looks at changed blocks only. */
export function hasSameLists(oldDoc: Node, newDoc: Node): boolean {
  if (oldDoc.childCount !== newDoc.childCount) return false
  const { from, newTo } = changedBlocks(oldDoc, newDoc)
  for (let index = from; index < newTo; index++) {
    const [before, after] = [oldDoc.child(index), newDoc.child(index)]
    if (!before.sameMarkup(after)) return false
  }
  return true
}

/** The roles after a change: moved along with the text where that is enough. */
export function mapListRoles(
  roles: DecorationSet,
  change: { readonly before: Node; readonly after: Node; readonly mapping: Parameters<DecorationSet["map"]>[0] },
): DecorationSet {
  const { before, after, mapping } = change
  if (hasSameLists(before, after)) {
    let hasLost = false
    const moved = roles.map(mapping, after, {
      onRemove: () => {
        hasLost = true // the block was put in anew, as changes of others are
      },
    })
    if (!hasLost) return moved
  }
  return DecorationSet.create(after, [...listRoles(after)])
}

/** A list goes on while the items have its quote, are not before its margin, and are of its kind where they are at it. */
function listsIn(doc: Node): readonly List[] {
  const lists: List[] = []
  let open: List | undefined
  doc.forEach((block, position) => {
    const layout = readLayout(block.attrs)
    if (layout.list === undefined) open = undefined
    else if (open !== undefined && goesOn(open.layout, layout)) open.others.push(block)
    else {
      open = { first: block, position, layout, others: [] }
      lists.push(open)
    }
  })
  return lists
}

function goesOn(first: Layout, layout: Layout): boolean {
  if (layout.quote !== first.quote || layout.indent < first.indent) return false
  return layout.indent > first.indent || (layout.list === first.list && layout.start === undefined)
}
