import { schema } from "@quire/schema"
import { TextSelection } from "prosemirror-state"
import { describe, expect, it } from "vitest"
import { codeEdges, leaveCodeForward, stepBackAtCode } from "../../src/plugins/code-edges.js"
import { type HeadlessEditor, sharedPage, sync } from "../headless.js"

/** A page with one line in which a part has a mark, and the caret at an offset. */
function lineWith(mark: string, from: number, to: number, caret: number): HeadlessEditor {
  const [page] = sharedPage(["one two six"], [10, 11], [codeEdges()])
  const attributes = mark === "link" ? { href: "https://example.org" } : null
  page.dispatch(page.state.tr.addMark(1 + from, 1 + to, schema.mark(mark, attributes)))
  page.select(0, caret)
  return page
}

/** The text that has a mark. */
function marked(page: HeadlessEditor, mark: string): string {
  let text = ""
  page.state.doc.descendants((node) => {
    if (node.isText && node.marks.some(({ type }) => type.name === mark)) text += node.text ?? ""
  })
  return text
}

describe("marks", () => {
  it.each([
    ["bold goes on at its end", "strong", 7, "two!"],
    ["bold does not begin before its start", "strong", 4, "two"],
    ["a link ends with its text", "link", 7, "two"],
    ["a link begins with its text", "link", 4, "two"],
    ["code goes on at its end", "code", 7, "two!"],
    ["code does not begin before its start", "code", 4, "two"],
  ])("at the caret: %s", (_what, mark, caret, expected) => {
    const page = lineWith(mark, 4, 7, caret)
    page.type("!")
    expect(marked(page, mark)).toBe(expected)
  })

  it("at the caret: bold goes on at its end and not before its start, also when an arrow came from the other side", () => {
    const end = lineWith("strong", 4, 7, 8)
    end.select(0, 7)
    end.type("!")
    expect(marked(end, "strong")).toBe("two!")
    const start = lineWith("strong", 4, 7, 5)
    start.select(0, 4)
    start.type("!")
    expect(marked(start, "strong")).toBe("two")
  })
})

describe("code at the caret", () => {
  it("is left by an arrow at its end, also at the end of a text", () => {
    const page = lineWith("code", 8, 11, 11)
    expect(page.run(leaveCodeForward)).toBe(true)
    expect(page.run(leaveCodeForward)).toBe(false)
    page.type("!")
    expect(page.text()).toBe("one two six!")
    expect(marked(page, "code")).toBe("six")
  })

  it("is entered again by an arrow back", () => {
    const page = lineWith("code", 4, 7, 7)
    page.run(leaveCodeForward)
    expect(page.run(stepBackAtCode)).toBe(true)
    expect(page.run(stepBackAtCode)).toBe(false)
    page.type("!")
    expect(marked(page, "code")).toBe("two!")
  })

  it("is not entered by an arrow that comes to its end from outside", () => {
    const page = lineWith("code", 4, 7, 8)
    page.select(0, 7)
    page.type("!")
    expect(marked(page, "code")).toBe("two")
  })

  it("is entered by a click on its end", () => {
    const page = lineWith("code", 4, 7, 8)
    const { tr, doc } = page.state
    page.dispatch(tr.setSelection(TextSelection.create(doc, 8)).setMeta("pointer", true))
    page.type("!")
    expect(marked(page, "code")).toBe("two!")
  })

  it("is left backwards where a text begins with it", () => {
    const page = lineWith("code", 0, 3, 0)
    expect(page.run(stepBackAtCode)).toBe(true)
    page.type("!")
    expect(page.text()).toBe("!one two six")
    expect(marked(page, "code")).toBe("one")
  })

  it("stays left while others write", () => {
    const [ada, grace] = sharedPage(["say word"], [10, 11], [codeEdges()])
    ada.dispatch(ada.state.tr.addMark(5, 9, schema.mark("code")))
    sync(ada, grace)
    ada.select(0, 8)
    ada.run(leaveCodeForward)
    grace.select(0, 0)
    grace.type("I ")
    sync(ada, grace)
    ada.type("!")
    expect(ada.text()).toBe("I say word!")
    expect(marked(ada, "code")).toBe("word")
  })

  it("is none of an arrow's business elsewhere", () => {
    for (const caret of [0, 3, 5, 9]) {
      const page = lineWith("code", 4, 7, caret)
      expect(page.run(leaveCodeForward)).toBe(false)
      expect(page.run(stepBackAtCode)).toBe(false)
    }
  })
})
