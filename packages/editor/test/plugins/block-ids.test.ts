import { bodyOf } from "@quire/document"
import { schema } from "@quire/schema"
import { Fragment, Slice } from "prosemirror-model"
import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { newPage, sharedPage, sync } from "../headless.js"

describe("the ids of blocks", () => {
  it("gives a pasted copy a fresh id, and the original keeps its own", () => {
    const [page] = sharedPage(["one", "two"])
    const [one, two] = page.ids()
    const copy = page.state.doc.child(0)
    page.dispatch(page.state.tr.replace(0, 0, new Slice(Fragment.from([copy, copy]), 0, 0)))
    const ids = page.ids()
    expect(ids).toHaveLength(4)
    expect(new Set(ids).size).toBe(4)
    expect(ids).toContain(one)
    expect(ids.at(-1)).toBe(two)
  })

  it("gives blocks without an id one", () => {
    const page = newPage()
    page.dispatch(page.state.tr.insert(page.state.doc.content.size, schema.node("textblock")))
    expect(page.ids()).toEqual(["birth", expect.stringMatching(/^[2-9a-z]{12}$/)])
  })

  it("leaves the id with the block that kept its text, when one id is found twice in what changed", () => {
    const [page] = sharedPage(["one"])
    const block = page.state.doc.child(0)
    const other = schema.node("textblock", block.attrs, schema.text("other"))
    const both = Fragment.from([other, schema.node("textblock", block.attrs, block.content)])
    page.dispatch(page.state.tr.replace(0, page.state.doc.content.size, new Slice(both, 0, 0)))
    expect(page.ids()[1]).toBe(block.attrs.id)
    expect(page.ids()[0]).not.toBe(block.attrs.id)
  })

  it("keeps ids while somebody types", () => {
    const [page] = sharedPage(["one", "two"])
    const before = page.ids()
    page.select(1, 1)
    page.type("x")
    expect(page.ids()).toEqual(before)
  })

  it("answers the changes of others with no write, even when ids are missing or not unique", () => {
    const [ada, grace] = sharedPage(["one"])
    const [one] = ada.ids()
    const updates = ada.updates
    grace.ydoc.transact(() => {
      for (const id of ["same", "same", undefined]) {
        const block = new Y.XmlElement("textblock")
        if (id !== undefined) block.setAttribute("id", id)
        bodyOf(grace.ydoc).push([block])
      }
    })
    const sent = grace.updates
    sync(ada, grace)
    for (const person of [ada, grace]) {
      person.select(0, 1) // what a plugin had added to the change would be written now
      expect(person.ids()).toEqual([one, "same", "same", null])
    }
    expect(ada.updates - updates).toBe(1)
    expect(grace.updates).toBe(sent)
  })
})

describe("the first block", () => {
  it("comes back, empty and with an id, when a local edit takes the last one", () => {
    const [page] = sharedPage(["one"])
    page.dispatch(page.state.tr.delete(0, page.state.doc.content.size))
    expect(page.text()).toBe("")
    expect(page.ids()).toEqual([expect.stringMatching(/^[2-9a-z]{12}$/)])
    page.type("again")
    expect(page.text()).toBe("again")
  })
})
