import { bodyOf } from "@quire/document"
import { SeededRandom } from "@quire/testing"
import { expect, it } from "vitest"
import * as Y from "yjs"
import { splitBlock } from "../../src/commands/blocks.js"
import { toggleStrong } from "../../src/commands/marks.js"
import { deliver, type HeadlessEditor, sharedPage } from "../headless.js"

/** How often something goes through all of a page's blocks on Yjs's side meanwhile. */
function walks(editor: HeadlessEditor, run: () => void): number {
  const body = bodyOf(editor.ydoc)
  const { toArray } = body
  let count = 0
  body.toArray = () => {
    count++
    return toArray.call(body)
  }
  run()
  body.toArray = toArray
  return count
}

it("makes the blocks anew that others touched, without going through all the others", () => {
  const [ada, grace] = sharedPage(["one", "two", "three", "four"])
  const before = ada.state.doc
  grace.select(1, 3)
  grace.type("!")
  grace.select(3, 0, 4)
  grace.run(toggleStrong)
  expect(walks(ada, () => deliver(grace, ada))).toBe(0)
  expect(ada.state.doc.toJSON()).toEqual(grace.state.doc.toJSON())
  const isSame = ada.state.doc.content.content.map((block, index) => block === before.child(index))
  expect(isSame).toEqual([true, false, true, false])
})

it("goes through all of them where blocks come or go", () => {
  const [ada, grace] = sharedPage(["one", "two"])
  grace.select(0, 1)
  grace.run(splitBlock(new SeededRandom(3)))
  expect(walks(ada, () => deliver(grace, ada))).toBeGreaterThan(0)
  expect(ada.text()).toBe("o\nne\ntwo")
  expect(ada.state.doc.toJSON()).toEqual(grace.state.doc.toJSON())
})

it("renders an edit taken back, and what is written in a block after others were put before it", () => {
  const [ada, grace] = sharedPage(["one", "two"])
  ada.select(0, 3)
  ada.type("!")
  grace.select(0, 0)
  grace.run(splitBlock(new SeededRandom(4)))
  deliver(grace, ada)
  ada.run(ada.history.undo)
  deliver(ada, grace)
  grace.select(2, 3)
  grace.type("?")
  deliver(grace, ada)
  expect(ada.state.doc.textBetween(0, ada.state.doc.content.size, "\n")).toBe("\none\ntwo?")
  expect(ada.state.doc.toJSON()).toEqual(grace.state.doc.toJSON())
})

it("tells two blocks apart that are one object in the doc", () => {
  const [ada, grace] = sharedPage(["same", "other"])
  // As an editor does that gives copies no ids of their own.
  const copy = bodyOf(grace.ydoc).get(0).clone() as Y.XmlElement
  bodyOf(grace.ydoc).insert(1, [copy])
  deliver(grace, ada)
  const { doc } = ada.state
  const start = doc.child(0).nodeSize
  ada.dispatch(ada.state.tr.replaceWith(start, start + doc.child(1).nodeSize, doc.child(0)))
  const texts = bodyOf(grace.ydoc).toArray() as Y.XmlElement[]
  deliver(ada, grace)
  const [, text] = texts.map((element) => element.firstChild)
  if (text instanceof Y.XmlText) text.insert(0, "not the ")
  deliver(grace, ada)
  expect(ada.text()).toBe(grace.text())
  expect(ada.state.doc.toJSON()).toEqual(grace.state.doc.toJSON())
})

it("writes nothing, and lets an element go that is no block any more", () => {
  const [ada, grace] = sharedPage(["one", "two", "three"])
  const before = ada.updates
  grace.select(2, 0)
  grace.type("a")
  deliver(grace, ada)
  expect(ada.updates).toBe(before + 1)
  bodyOf(grace.ydoc).delete(1, 1)
  grace.select(0, 0)
  grace.type("b")
  deliver(grace, ada)
  expect(ada.text()).toBe("bone\nathree")
  expect(ada.state.doc.toJSON()).toEqual(grace.state.doc.toJSON())
})
