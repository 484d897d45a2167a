import { schema } from "@quire/schema"
import type { Node } from "prosemirror-model"
import { EditorState, TextSelection, type Transaction } from "prosemirror-state"
import { expect, it } from "vitest"
import { mayMoveView } from "../../src/plugins/view-anchor.js"

const block = (index: number): Node => schema.node("textblock", { id: `b${index}` }, [schema.text(`block ${index}`)])
const BLOCKS = Array.from({ length: 20 }, (_none, index) => block(index))

/** Blocks 8 to 11 are in the window, and those from 5 on are drawn. */
const PLACE = { below: 12, drawnFrom: 5 }

/** A page with the caret in a block, or with blocks selected. */
function stateOf(fromBlock = 9, toBlock = fromBlock): EditorState {
  const doc = schema.node("doc", null, BLOCKS)
  return EditorState.create({
    doc,
    selection: TextSelection.create(doc, startOf(doc, fromBlock), startOf(doc, toBlock)),
  })
}

function startOf(doc: Node, index: number): number {
  return doc.content.content.slice(0, index).reduce((sum, { nodeSize }) => sum + nodeSize, 1)
}

/** Whether it is asked for after that change. */
function isAsked(
  change: (tr: Transaction) => Transaction,
  before = stateOf(),
  place: Parameters<typeof mayMoveView>[0] = PLACE,
): boolean {
  return mayMoveView(place, before.doc, before.apply(change(before.tr)))
}

const typeIn =
  (index: number) =>
  (tr: Transaction): Transaction =>
    tr.insertText("x", startOf(tr.doc, index))
const remove =
  (index: number) =>
  (tr: Transaction): Transaction =>
    tr.delete(startOf(tr.doc, index) - 1, startOf(tr.doc, index + 1) - 1)

it("the view is looked after when others write where it is drawn: in the window, and above it", () => {
  expect([5, 7, 8, 11].map((index) => isAsked(typeIn(index)))).toEqual([true, true, true, true])
})

it("the view stays by itself when others write, make or take away blocks below the window", () => {
  expect(isAsked(typeIn(12))).toBe(false)
  expect(isAsked(remove(15))).toBe(false)
  expect(isAsked((tr) => tr.insert(tr.doc.content.size, block(99)))).toBe(false)
})

it("the view stays by itself when others write in blocks far above, which are not drawn", () => {
  expect(isAsked(typeIn(0))).toBe(false)
  expect(isAsked(typeIn(4))).toBe(false)
})

it("the view stays by itself when others write far above and below at the same time, whatever lies between", () => {
  const both = (tr: Transaction): Transaction => typeIn(2)(typeIn(15)(tr))
  expect(isAsked(both)).toBe(false)
  expect(isAsked((tr) => typeIn(9)(both(tr)))).toBe(true)
})

it("the view is looked after when blocks far above come, go, change places with others or become something else", () => {
  expect(isAsked(remove(2))).toBe(true)
  expect(isAsked((tr) => tr.insert(0, block(99)))).toBe(true)
  expect(isAsked((tr) => tr.setNodeAttribute(0, "kind", "heading"))).toBe(true)
  expect(isAsked((tr) => remove(15)(tr).insert(0, block(15)))).toBe(true)
})

it("the view is looked after when others write far above in what the person has selected, which is drawn", () => {
  expect(isAsked(typeIn(2), stateOf(1, 9))).toBe(true)
  expect(isAsked(typeIn(2), stateOf(2))).toBe(true)
  expect(isAsked(typeIn(0), stateOf(1, 9))).toBe(false)
})

it("the view is looked after wherever others write when it is not known what is in the window", () => {
  expect(isAsked(typeIn(19), stateOf(), { below: undefined, drawnFrom: 0 })).toBe(true)
  expect(isAsked(typeIn(0), stateOf(), { below: undefined, drawnFrom: 0 })).toBe(true)
})
