import { schema } from "@quire/schema"
import type { Node } from "prosemirror-model"
import { EditorState } from "prosemirror-state"
import { DecorationSet } from "prosemirror-view"
import { describe, expect, it } from "vitest"
import { hasSameLists, listRoles, mapListRoles } from "../../src/plugins/list-roles.js"

type Attributes = Readonly<Record<string, unknown>>

function page(...blocks: readonly Attributes[]): Node {
  return schema.node(
    "doc",
    null,
    blocks.map((attributes, index) =>
      schema.node("textblock", { id: String(index), ...attributes }, [schema.text("x")]),
    ),
  )
}

/** A block's number and what it is told to be; lists with what they own. */
function roles(doc: Node, decorations: DecorationSet = DecorationSet.create(doc, [...listRoles(doc)])): string[] {
  const told: string[] = []
  doc.forEach((block, position, index) => {
    for (const decoration of decorations.find(position + 1, position + 1)) {
      if (decoration.to !== position + block.nodeSize) throw new RangeError(`block ${index} is not covered`)
      // How prosemirror-view keeps the attributes of a node decoration.
      const { role, "aria-owns": owns = "" } = (decoration as unknown as { type: { attrs: Record<string, string> } })
        .type.attrs
      told.push(`${index} ${role} ${owns}`.trim())
    }
  })
  return told
}

const [bullet, ordered, task] = [{ list: "bullet" }, { list: "ordered" }, { list: "task" }]

describe("list roles", () => {
  it("make the first block of a list the list, which owns the other items", () => {
    expect(roles(page(bullet, bullet, {}, task))).toEqual(["0 list item-1", "3 list"])
  })

  it("keep deeper items in the list, of whatever kind they are", () => {
    const deeper = page(bullet, { ...ordered, indent: 1 }, { ...task, indent: 2 }, bullet)
    expect(roles(deeper)).toEqual(["0 list item-1 item-2 item-3"])
  })

  it("end a list where its kind changes, its quote changes, a number is said anew, or an item stands before it", () => {
    expect(roles(page(bullet, ordered))).toEqual(["0 list", "1 list"])
    expect(roles(page(bullet, { ...bullet, quote: 1 }))).toEqual(["0 list", "1 list"])
    expect(roles(page(ordered, { ...ordered, start: 7 }))).toEqual(["0 list", "1 list"])
    expect(roles(page({ ...bullet, indent: 1 }, bullet))).toEqual(["0 list", "1 list"])
  })

  it("end a list at a text that stands between, so that nothing is told out of its order", () => {
    expect(roles(page(bullet, { indent: 1 }, bullet))).toEqual(["0 list", "2 list"])
  })

  it("name blocks so that a list's ids stay apart, whatever a block's id is", () => {
    expect(roles(page(bullet, { ...bullet, id: "a b\tc" }))).toEqual(["0 list item-a_b_c"])
  })
})

describe("list roles after a change", () => {
  const before = page(bullet, bullet, {}, ordered)
  const told = DecorationSet.create(before, [...listRoles(before)])

  it("are moved along with typing, and made anew where a list changed", () => {
    const state = EditorState.create({ schema, doc: before })
    const typed = state.tr.insertText("more", 2)
    expect(hasSameLists(before, typed.doc)).toBe(true)
    const changes = [typed, state.tr.setNodeAttribute(3, "list", null), state.tr.split(2), state.tr.delete(0, 3)]
    for (const { doc, mapping } of changes) {
      expect(roles(doc, mapListRoles(told, { before, after: doc, mapping }))).toEqual(roles(doc))
    }
  })

  it("are made anew for a first block that was put in anew, though it is the same", () => {
    const state = EditorState.create({ schema, doc: before })
    const same = schema.node("textblock", before.child(0).attrs, [schema.text("y")])
    const { doc, mapping } = state.tr.replaceWith(0, 3, same)
    expect(hasSameLists(before, doc)).toBe(true)
    expect(roles(doc, told.map(mapping, doc))).not.toEqual(roles(doc))
    expect(roles(doc, mapListRoles(told, { before, after: doc, mapping }))).toEqual(roles(doc))
  })
})
