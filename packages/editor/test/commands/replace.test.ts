import { schema } from "@quire/schema"
import { describe, expect, it } from "vitest"
import { replaceAll } from "../../src/commands/replace.js"
import { newPage, sharedPage, sync } from "../headless.js"

describe("replacing a text everywhere", () => {
  it("replaces each place in each block, and does not apply where there is none", () => {
    const [page] = sharedPage(["one two one", "none", "oneone"])
    expect(page.run(replaceAll("one", "1"))).toBe(true)
    expect(page.text()).toBe("1 two 1\nn1\n11")
    expect(page.run(replaceAll("one", "1"))).toBe(false)
    expect(page.run(replaceAll("", "1"))).toBe(false)
  })

  it("takes places from the left where they overlap, and does not look into what it put in", () => {
    const [page] = sharedPage(["aaaaa"])
    page.run(replaceAll("aa", "aab"))
    expect(page.text()).toBe("aabaaba")
  })

  it("leaves a block whose whole text is replaced by nothing", () => {
    const [page] = sharedPage(["gone", "kept"])
    page.run(replaceAll("gone", ""))
    expect(page.text()).toBe("\nkept")
  })

  it("keeps the marks of what it replaces", () => {
    const [page] = sharedPage(["a bold word"])
    page.dispatch(page.state.tr.addMark(3, 7, schema.mark("strong")))
    page.run(replaceAll("bold", "strong"))
    expect(page.state.doc.nodeAt(3)?.text).toBe("strong")
    expect(page.state.doc.nodeAt(3)?.marks).toEqual([schema.mark("strong")])
  })

  it("keeps what others type between two places of one block", () => {
    const [ada, grace] = sharedPage(["one or two or three"])
    ada.run(replaceAll("or", "and"))
    grace.select(0, 9)
    grace.type("!")
    sync(ada, grace)
    expect(grace.text()).toBe("one and tw!o and three")
    expect(ada.text()).toBe(grace.text())
  })

  it("is taken back as one step, apart from what was typed before and after it", () => {
    const page = newPage()
    page.type("one or two or three")
    page.run(replaceAll("or", "and"))
    page.select(0, 21)
    page.type("!")
    expect(page.text()).toBe("one and two and three!")
    page.run(page.history.undo)
    expect(page.text()).toBe("one and two and three")
    page.run(page.history.undo)
    expect(page.text()).toBe("one or two or three")
    page.run(page.history.redo)
    expect(page.text()).toBe("one and two and three")
    page.run(page.history.undo)
    page.run(page.history.undo)
    expect(page.text()).toBe("")
  })
})
