import { SeededRandom } from "@quire/testing"
import { describe, expect, it } from "vitest"
import { splitBlock, toHeading } from "../../src/commands/blocks.js"
import { EditHistory } from "../../src/plugins/undo.js"
import { HeadlessEditor, newPage, sharedPage, sync } from "../headless.js"

const split = splitBlock(new SeededRandom(1))

describe("undo", () => {
  it("takes back one's own keys and puts them back", () => {
    const page = newPage()
    page.type("hello")
    expect(page.run(page.history.undo)).toBe(true)
    expect(page.text()).toBe("")
    expect(page.run(page.history.redo)).toBe(true)
    expect(page.text()).toBe("hello")
  })

  it("does not apply when there is nothing to take back", () => {
    const page = newPage()
    expect(page.run(page.history.undo)).toBe(false)
    expect(page.run(page.history.redo)).toBe(false)
  })

  it("never takes back what others wrote, before, after or inside", () => {
    const [ada, grace] = sharedPage(["start"])
    ada.select(0, 5)
    ada.type(" ada")
    sync(ada, grace)
    grace.select(0, 7)
    grace.type("-grace-")
    sync(ada, grace)
    expect(ada.text()).toBe("start a-grace-da")
    ada.run(ada.history.undo)
    sync(ada, grace)
    expect(ada.text()).toBe("start-grace-")
    expect(grace.text()).toBe(ada.text())
    expect(ada.run(ada.history.undo)).toBe(false)
  })

  it("keeps a block whose making is taken back if somebody has written in it", () => {
    const [ada, grace] = sharedPage(["one"])
    ada.select(0, 3)
    ada.run(split)
    sync(ada, grace)
    grace.select(1, 0)
    grace.type("hers")
    sync(ada, grace)
    ada.run(ada.history.undo)
    sync(ada, grace)
    expect(ada.text()).toBe("one\nhers")
    expect(grace.text()).toBe("one\nhers")
  })

  it("takes a new block back whole when nobody wrote in it", () => {
    const page = newPage()
    page.type("one")
    page.run(page.history.undo)
    page.run(page.history.redo)
    page.select(0, 3)
    page.run(split)
    page.run(page.history.undo)
    expect(page.text()).toBe("one")
    page.run(page.history.redo)
    expect(page.text()).toBe("one\n")
  })

  it("takes a conversion back alone, before the words typed around it", () => {
    const page = newPage()
    page.type("plan")
    page.run(toHeading(2))
    page.type("!")
    expect(page.text()).toBe("## plan!")
    page.run(page.history.undo)
    expect(page.text()).toBe("## plan")
    page.run(page.history.undo)
    expect(page.text()).toBe("plan")
    page.run(page.history.undo)
    expect(page.text()).toBe("")
  })

  it("begins a new step after the caret was moved", () => {
    const [page] = sharedPage(["one", "two"])
    page.select(0, 3)
    page.type("!")
    page.select(1, 3)
    page.type("?")
    page.run(page.history.undo)
    expect(page.text()).toBe("one!\ntwo")
  })

  it("puts the caret back where the edit began, also after others wrote before it", () => {
    const [ada, grace] = sharedPage(["one", "two"])
    ada.select(1, 1)
    ada.type("XYZ")
    ada.select(0, 0)
    grace.select(1, 0)
    grace.type("oh ")
    sync(ada, grace)
    ada.run(ada.history.undo)
    expect(ada.text()).toBe("one\noh two")
    expect(ada.caret()).toEqual([1, 4])
  })

  it("puts a replaced selection back as it was", () => {
    const [page] = sharedPage(["keep this word"])
    page.select(0, 5, 9)
    page.type("that")
    page.run(page.history.undo)
    expect(page.text()).toBe("keep this word")
    const { from, to } = page.state.selection
    expect(page.state.doc.textBetween(from, to)).toBe("this")
  })

  it("takes a composition back as one step, however long it took and whatever came between", () => {
    const [first, grace] = sharedPage(["one two"])
    first.close()
    // As if each edit came long after the one before.
    const ada = new HeadlessEditor(first.ydoc, [], new EditHistory(first.ydoc, 0))
    ada.select(0, 4)
    const compose = (text: string, replaced: number): void => {
      const { head } = ada.state.selection
      ada.dispatch(ada.state.tr.insertText(text, head - replaced, head).setMeta("composition", 7))
      ada.dispatch(ada.state.tr.setSelection(ada.state.selection).setMeta("composition", 7))
      grace.select(0, 0)
      grace.type("-")
      sync(ada, grace)
    }
    compose("に", 0)
    compose("にほ", 1)
    compose("日本", 2)
    expect(ada.text()).toBe("---one 日本two")
    ada.run(ada.history.undo)
    expect(ada.text()).toBe("---one two")
    ada.run(ada.history.redo)
    expect(ada.text()).toBe("---one 日本two")
  })

  it("leaves a block as another person has meanwhile made it", () => {
    const [ada, grace] = sharedPage(["plan"])
    ada.run(toHeading(1))
    sync(ada, grace)
    grace.run(toHeading(3))
    sync(ada, grace)
    ada.run(ada.history.undo)
    sync(ada, grace)
    expect(grace.text()).toBe(ada.text())
    expect(ada.state.doc.child(0).attrs.level).toBe(3)
  })
})
