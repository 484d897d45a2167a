import { bodyOf } from "@quire/document"
import { SeededRandom } from "@quire/testing"
import { Fragment, Slice } from "prosemirror-model"
import { TextSelection } from "prosemirror-state"
import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { splitBlock } from "../../src/commands/blocks.js"
import { moveBlock, removeBlocks } from "../block-edits.js"
import { type HeadlessEditor, sharedPage, sync } from "../headless.js"

const split = splitBlock(new SeededRandom(1))

function typeAt(editor: HeadlessEditor, block: number, offset: number, text: string): void {
  editor.select(block, offset)
  editor.type(text)
}

describe("writing an edit", () => {
  it("keeps a colleague's keys in a block that was edited in the same step in which the one before it was deleted", () => {
    const [ada, grace] = sharedPage(["first", "second", "third"])
    const tr = ada.state.tr.insertText("!", ada.position(1, 6)).delete(0, ada.position(1, 0) - 1)
    ada.dispatch(tr)
    typeAt(grace, 1, 0, "very ")
    sync(ada, grace)
    expect(ada.text()).toBe("very second!\nthird")
    expect(grace.text()).toBe(ada.text())
  })

  it("keeps a colleague's keys in every block but the moved one", () => {
    const [ada, grace] = sharedPage(["one", "two", "three", "four"])
    moveBlock(ada, 0, 2)
    typeAt(grace, 1, 3, "2")
    typeAt(grace, 2, 5, "3")
    typeAt(grace, 3, 4, "4")
    sync(ada, grace)
    expect(ada.text()).toBe("two2\nthree3\none\nfour4")
    expect(grace.text()).toBe(ada.text())
  })

  it.each([
    ["down", 0, 1],
    ["up", 1, 0],
  ])("moves the block that the person has hold of, not its neighbour, when it goes %s by one", (_way, from, to) => {
    const [ada, grace] = sharedPage(["one", "two"])
    moveBlock(ada, from, to)
    typeAt(grace, to, 3, "!")
    sync(ada, grace)
    expect(ada.text()).toContain(to === 1 ? "two!" : "one!")
    expect(grace.text()).toBe(ada.text())
  })

  it("keeps ids and a colleague's keys in both blocks around one that was moved away and edited on the way", () => {
    const [ada, grace] = sharedPage(["one", "two", "three"])
    const ids = ada.ids()
    const edited = ada.state.schema.node("textblock", ada.state.doc.child(1).attrs, ada.state.schema.text("TWO"))
    const tr = ada.state.tr.delete(ada.position(1, 0) - 1, ada.position(2, 0) - 1).insert(0, edited)
    ada.dispatch(tr.setSelection(TextSelection.create(tr.doc, 1)))
    typeAt(grace, 0, 3, "!")
    typeAt(grace, 2, 5, "?")
    sync(ada, grace)
    expect(grace.text()).toBe("TWO\none!\nthree?")
    expect(grace.ids()).toEqual([ids[1], ids[0], ids[2]])
  })

  it("keeps a colleague's keys beside blocks that were typed over", () => {
    const [ada, grace] = sharedPage(["one", "two", "three", "four"])
    ada.dispatch(ada.state.tr.insertText("X", ada.position(0, 1), ada.position(2, 2)))
    typeAt(grace, 0, 0, ">")
    typeAt(grace, 3, 0, "<")
    sync(ada, grace)
    expect(ada.text()).toBe(">oXree\n<four")
    expect(grace.text()).toBe(ada.text())
  })

  it("leaves the old text's element with the half that keeps the id when a block is split", () => {
    const [ada, grace] = sharedPage(["hello world"])
    const element = bodyOf(ada.ydoc).get(0)
    ada.select(0, 5)
    ada.run(split)
    typeAt(grace, 0, 0, "oh ")
    sync(ada, grace)
    expect(bodyOf(ada.ydoc).get(0)).toBe(element)
    expect(grace.text()).toBe("oh hello\n world")
  })

  it("only appends to the block that survives a join", () => {
    const [ada, grace] = sharedPage(["one", "two", "three"])
    const element = bodyOf(ada.ydoc).get(0)
    ada.dispatch(ada.state.tr.join(ada.position(1, 0) - 1))
    typeAt(grace, 0, 1, "-")
    typeAt(grace, 2, 1, "-")
    sync(ada, grace)
    expect(bodyOf(ada.ydoc).get(0)).toBe(element)
    expect(ada.text()).toBe("o-netwo\nt-hree")
    expect(grace.text()).toBe(ada.text())
  })

  it("says a whole edit in one update, with the fresh block's shared text in it", () => {
    const [ada] = sharedPage(["hello world"])
    ada.select(0, 11)
    const before = ada.updates
    ada.run(split)
    expect(ada.updates - before).toBe(1)
    const fresh = bodyOf(ada.ydoc).get(1)
    expect(fresh instanceof Y.XmlElement && fresh.get(0) instanceof Y.XmlText).toBe(true)
  })

  it("goes through no list of blocks for a key, and writes it into the block it is in", () => {
    const [ada, grace] = sharedPage(["one", "two", "three"])
    const body = bodyOf(ada.ydoc)
    body.toArray = () => {
      throw new Error("a key must not cost more in a longer page")
    }
    typeAt(ada, 1, 3, "!")
    typeAt(ada, 2, 0, "?")
    typeAt(ada, 1, 0, "*")
    Reflect.deleteProperty(body, "toArray")
    typeAt(grace, 1, 1, "-")
    sync(ada, grace)
    expect(ada.text()).toBe("one\n*t-wo!\n?three")
    expect(grace.text()).toBe(ada.text())
  })

  it("makes another element of a block that takes another's place, so that a colleague's keys do not get into it", () => {
    const [ada, grace] = sharedPage(["one", "two", "three"])
    const fresh = ada.state.schema.node("textblock", { id: "fresh" }, [ada.state.schema.text("new")])
    const [from, to] = [ada.position(1, 0) - 1, ada.position(2, 0) - 1]
    ada.dispatch(ada.state.tr.replaceWith(from, to, fresh))
    typeAt(grace, 1, 2, "!")
    sync(ada, grace)
    expect(ada.text()).toBe("one\nnew\nthree")
    expect(grace.text()).toBe(ada.text())
  })

  it("writes nothing when no block changed", () => {
    const [ada] = sharedPage(["one", "two"])
    const before = ada.updates
    ada.select(1, 2)
    ada.dispatch(ada.state.tr.replaceWith(0, ada.state.doc.content.size, ada.state.doc.content))
    const same = ada.state.doc.content.content.map((block) => block.copy(block.content))
    ada.dispatch(ada.state.tr.replace(0, ada.state.doc.content.size, new Slice(Fragment.from(same), 0, 0)))
    expect(ada.updates).toBe(before)
  })

  it("lines blocks up by place where their ids are missing or there twice", () => {
    const [ada, grace] = sharedPage(["start"])
    ada.ydoc.transact(() => {
      for (const [text, id] of [
        ["none", undefined],
        ["same", "x"],
        ["twin", "x"],
      ] as const) {
        const block = new Y.XmlElement("textblock")
        if (id !== undefined) block.setAttribute("id", id)
        block.insert(0, [new Y.XmlText(text)])
        bodyOf(ada.ydoc).push([block])
      }
    })
    sync(ada, grace)
    typeAt(ada, 1, 4, "!")
    typeAt(ada, 3, 4, "!")
    typeAt(grace, 1, 0, ">")
    typeAt(grace, 2, 0, ">")
    typeAt(grace, 3, 0, ">")
    sync(ada, grace)
    expect(ada.text()).toBe("start\n>none!\n>same\n>twin!")
    expect(grace.text()).toBe(ada.text())
    removeBlocks(ada, 1, 3)
    sync(ada, grace)
    expect(grace.text()).toBe("start\n>twin!")
  })

  it("takes a move back as one step", () => {
    const [ada, grace] = sharedPage(["one", "two", "three"])
    moveBlock(ada, 2, 0)
    ada.run(ada.history.undo)
    sync(ada, grace)
    expect(grace.text()).toBe("one\ntwo\nthree")
    ada.run(ada.history.redo)
    sync(ada, grace)
    expect(grace.text()).toBe("three\none\ntwo")
  })
})
