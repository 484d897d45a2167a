import { INDENT_MAX, isTextblock, type Layout, type ListKind, readLayout } from "@quire/schema"
import type { Node } from "prosemirror-model"
import type { Command, EditorState } from "prosemirror-state"
import { type AttributeChange, type PlacedBlock, selectedBlocks, writeAttributes } from "./attributes.js"
import { caretAtStart } from "./blocks.js"

/** Commands on items. An item moves with what belongs to it: the deeper blocks below it. */

/** Makes the selected blocks items of a list; where all of them are, makes them plain again. */
export function toggleList(kind: ListKind): Command {
  return (state, dispatch) => {
    const blocks = selectedTextblocks(state)
    const isAll = blocks.every(({ block }) => readLayout(block.attrs).list === kind)
    return writeAttributes(
      state,
      dispatch,
      blocks.map(({ block, position }) => ({
        block,
        position,
        attributes: isAll
          ? { list: null, start: null, checked: null }
          : {
              list: kind,
              start: kind === "ordered" ? block.attrs.start : null,
              checked: kind === "task" ? block.attrs.checked : null,
            },
      })),
    )
  }
}

/**
 * Moves the selected items one step in, if there is something above that they can belong to. Applies in lists only, and
 * there always: the key must not do something else when an item can go no further.
 */
export const indentItems: Command = (state, dispatch) => {
  const items = selectedItems(state)
  const [first] = items
  if (first === undefined) return false
  if (canIndent(state.doc, first)) writeAttributes(state, dispatch, shifted(state.doc, items, 1))
  return true
}

/** Moves the selected items one step out. Applies in lists only, and there always. */
export const outdentItems: Command = (state, dispatch) => {
  const items = selectedItems(state)
  if (items.length === 0) return false
  if (items.some(({ block }) => readLayout(block.attrs).indent > 0)) {
    writeAttributes(state, dispatch, shifted(state.doc, items, -1))
  }
  return true
}

/** Marks the selected tasks as done; where all of them are, as not done. Applies when there is a task. */
export const toggleChecked: Command = (state, dispatch) => {
  const tasks = selectedTextblocks(state).filter(({ block }) => readLayout(block.attrs).list === "task")
  const isAll = tasks.every(({ block }) => readLayout(block.attrs).isChecked)
  return writeAttributes(
    state,
    dispatch,
    tasks.map(({ block, position }) => ({ block, position, attributes: { checked: isAll ? null : true } })),
  )
}

/** In an empty block: leaves the innermost thing it stands in, be it an indent, a list or a quote. For Enter. */
export const leaveWhenEmpty: Command = (state, dispatch) => {
  const { $from, empty } = state.selection
  if (!empty || !isTextblock($from.parent) || $from.parent.content.size > 0) return false
  return leaveInnermost(state, dispatch)
}

/** At the start of a block: leaves the innermost thing it stands in. For Backspace. */
export const leaveAtStart: Command = (state, dispatch) => {
  const $cursor = caretAtStart(state)
  return $cursor !== undefined && leaveInnermost(state, dispatch)
}

const leaveInnermost: Command = (state, dispatch) => {
  const [placed] = selectedBlocks(state)
  if (placed === undefined) return false
  const { block, position } = placed
  const layout = readLayout(block.attrs)
  if (layout.list !== undefined && layout.indent > 0) {
    return writeAttributes(state, dispatch, shifted(state.doc, [placed], -1))
  }
  const attributes = attributesWithout(layout)
  return attributes !== undefined && writeAttributes(state, dispatch, [{ block, position, attributes }])
}

/** What to write to take a block out of the innermost thing it stands in; `undefined` when it stands in nothing. */
function attributesWithout(layout: Layout): AttributeChange["attributes"] | undefined {
  if (layout.list !== undefined) return { list: null, start: null, checked: null }
  if (layout.indent > 0) return { indent: layout.indent - 1 || null }
  if (layout.quote > 0) return { quote: layout.quote - 1 || null }
  return undefined
}

function selectedTextblocks(state: EditorState): readonly PlacedBlock[] {
  return selectedBlocks(state).filter(({ block }) => isTextblock(block))
}

function selectedItems(state: EditorState): readonly PlacedBlock[] {
  return selectedBlocks(state).filter(({ block }) => isItem(block))
}

/** Whether the block above has a place for an item one step deeper: an item at least as deep, or what belongs to one. */
function canIndent(doc: Node, { block, index }: PlacedBlock): boolean {
  if (index === 0) return false
  const above = doc.child(index - 1)
  const [own, its] = [readLayout(block.attrs), readLayout(above.attrs)]
  if (its.quote !== own.quote) return false
  return its.indent > own.indent || (its.indent === own.indent && isItem(above))
}

/** The items and all that belongs to them, each once, moved in or out by a step. */
function shifted(doc: Node, items: readonly PlacedBlock[], step: 1 | -1): readonly AttributeChange[] {
  const changes = new Map<number, AttributeChange>()
  for (const item of items) {
    const own = readLayout(item.block.attrs)
    let position = item.position
    for (let index = item.index; index < doc.childCount; index++) {
      const block = doc.child(index)
      const { indent, quote } = readLayout(block.attrs)
      if (index > item.index && (indent <= own.indent || quote !== own.quote)) break
      const moved = Math.min(INDENT_MAX, Math.max(0, indent + step))
      changes.set(index, { block, position, attributes: { indent: moved || null } })
      position += block.nodeSize
    }
  }
  return [...changes.values()]
}

function isItem(block: Node): boolean {
  return isTextblock(block) && readLayout(block.attrs).list !== undefined
}
