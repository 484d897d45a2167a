import { SeededRandom } from "@quire/testing"
import { describe, expect, it } from "vitest"
import { insertRule, selectAllText, toHeading, toParagraph } from "../../src/commands/blocks.js"
import { codeblockToText, leaveCodeDown, toggleCodeblock } from "../../src/commands/code.js"
import { toggleStrong } from "../../src/commands/marks.js"
import { sharedPage } from "../headless.js"
import { outline } from "../outline.js"

describe("a block of code", () => {
  it("is made of the selected lines, in one block that keeps the first id, with the same text selected", () => {
    const [page] = sharedPage(["let a", "let b", "after"])
    const [id] = page.ids()
    page.select(0, 4, 9)
    page.run(toggleCodeblock)
    expect(outline(page)).toBe("codeblock: let a\nlet b\n: after")
    expect(page.ids()[0]).toBe(id)
    const { from, to } = page.state.selection
    expect(page.state.doc.textBetween(from, to)).toBe("a\nle")
  })

  it("becomes text again, its lines within one block", () => {
    const [page] = sharedPage(["a", "b"])
    page.run(selectAllText)
    page.run(toggleCodeblock)
    page.run(toggleCodeblock)
    expect(outline(page)).toBe(": a\nb")
    page.run(toggleCodeblock)
    page.run(toHeading(2))
    expect(outline(page)).toBe("h2: a\nb")
  })

  it("takes no marks from keys", () => {
    const [page] = sharedPage(["a"])
    page.run(toggleCodeblock)
    page.select(0, 0, 1)
    expect(page.run(toggleStrong)).toBe(false)
  })

  it("is left downwards at the end of the page, and turned into text from its start when empty or first", () => {
    const [page] = sharedPage(["a", ""])
    page.select(1, 0)
    page.run(toggleCodeblock)
    expect(page.run(leaveCodeDown)).toBe(true)
    expect(outline(page)).toBe(": a\ncodeblock: \n: ")
    page.select(1, 0)
    expect(page.run(codeblockToText)).toBe(true)
    expect(outline(page)).toBe(": a\n: \n: ")
    expect(page.run(toParagraph)).toBe(true)
  })
})

describe("a rule", () => {
  it("is drawn above an empty block, and below one with text, where the caret goes on", () => {
    const [page] = sharedPage(["text"])
    const rule = insertRule(new SeededRandom(1))
    page.run(rule)
    expect(outline(page)).toBe(": text\nrule: \n: ")
    expect(page.caret()).toEqual([2, 0])
    page.run(rule)
    expect(outline(page)).toBe(": text\nrule: \nrule: \n: ")
    expect(page.caret()).toEqual([3, 0])
    expect(new Set(page.ids()).size).toBe(4)
  })
})
