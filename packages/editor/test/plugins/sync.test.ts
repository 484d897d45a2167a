import { bodyOf } from "@quire/document"
import { SeededRandom } from "@quire/testing"
import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { splitBlock } from "../../src/commands/blocks.js"
import { HeadlessEditor, newPage, sharedPage, sync } from "../headless.js"

describe("opening a page", () => {
  it("writes nothing: rendering, mounting, moving the caret, closing", () => {
    const page = newPage()
    page.select(0, 0)
    page.frame()
    page.close()
    expect(page.updates).toBe(0)
  })

  it("writes nothing to a page with text, also when it is opened again", () => {
    const [ada] = sharedPage(["one", "two"])
    ada.close()
    const again = new HeadlessEditor(ada.ydoc)
    again.select(1, 2)
    expect(again.updates).toBe(0)
    expect(again.text()).toBe("one\ntwo")
  })

  it("writes nothing to a page without any block, nor when others empty it", () => {
    const page = new HeadlessEditor(new Y.Doc())
    page.frame()
    expect(page.updates).toBe(0)
    const [ada, grace] = sharedPage(["one"])
    bodyOf(grace.ydoc).delete(0, 1)
    sync(ada, grace)
    expect(ada.updates).toBe(1)
    expect(ada.state.doc.childCount).toBe(0)
  })

  it("writes nothing when a stored level is out of range or an attribute is missing", () => {
    const ydoc = new Y.Doc()
    const block = new Y.XmlElement("textblock")
    block.setAttribute("kind", "heading")
    bodyOf(ydoc).insert(0, [block])
    const page = new HeadlessEditor(ydoc)
    page.select(0, 0)
    expect(page.updates).toBe(0)
  })
})

describe("writing together", () => {
  it("carries one person's keys to the other", () => {
    const [ada, grace] = sharedPage(["hello"])
    ada.select(0, 5)
    ada.type(" world")
    sync(ada, grace)
    expect(grace.text()).toBe("hello world")
    expect(grace.state.doc.textContent).toBe("hello world")
  })

  it("keeps both people's keys in one block", () => {
    const [ada, grace] = sharedPage(["middle"])
    ada.select(0, 0)
    ada.type("left ")
    grace.select(0, 6)
    grace.type(" right")
    sync(ada, grace)
    expect(ada.text()).toBe("left middle right")
    expect(grace.text()).toBe("left middle right")
  })

  it("keeps every key when two people begin in the same fresh block", () => {
    const [ada, grace] = sharedPage(["title"])
    ada.select(0, 5)
    ada.run(splitBlock(new SeededRandom(1)))
    sync(ada, grace)
    grace.select(1, 0)
    ada.type("one")
    grace.type("two")
    sync(ada, grace)
    ada.type("three")
    grace.type("four")
    sync(ada, grace)
    expect(grace.text()).toBe(ada.text())
    for (const word of ["one", "two", "three", "four"]) expect(ada.text().split(word)).toHaveLength(2)
  })

  it.each(["in an empty block", "at the end of a text", "in the middle of one"])(
    "keeps each person's words whole when both type at one place, %s",
    (where) => {
      const [ada, grace] = where === "in an empty block" ? sharedPage([""]) : sharedPage(["- -"])
      const offset = { "at the end of a text": 3, "in the middle of one": 1 }[where] ?? 0
      ada.select(0, offset)
      grace.select(0, offset)
      for (let index = 0; index < 5; index++) {
        ada.type("alpha"[index] ?? "")
        grace.type("bravo"[index] ?? "")
        sync(ada, grace)
      }
      expect(grace.text()).toBe(ada.text())
      expect(ada.text()).toContain("alpha")
      expect(ada.text()).toContain("bravo")
    },
  )

  it("does not let a selection grow by what others write at its ends", () => {
    const [ada, grace] = sharedPage(["one two three"])
    ada.select(0, 4, 7)
    grace.select(0, 7)
    grace.type("!")
    grace.select(0, 4)
    grace.type("?")
    sync(ada, grace)
    const { from, to } = ada.state.selection
    expect(ada.state.doc.textBetween(from, to)).toBe("two")
  })

  it("keeps the caret in its words when others write before it", () => {
    const [ada, grace] = sharedPage(["hello", "world"])
    ada.select(1, 3)
    grace.select(0, 0)
    grace.type("oh, ")
    sync(ada, grace)
    expect(ada.caret()).toEqual([1, 3])
  })
})
