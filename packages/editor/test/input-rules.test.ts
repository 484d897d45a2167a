import { SeededRandom } from "@quire/testing"
import type { EditorView } from "prosemirror-view"
import { describe, expect, it } from "vitest"
import { toggleCodeblock } from "../src/commands/code.js"
import { fenceOnEnter, undoInputRule } from "../src/input-rules.js"
import { keyBindings } from "../src/keymap.js"
import { type HeadlessEditor, newPage, sharedPage, sync } from "./headless.js"
import { outline } from "./outline.js"

/** Types as a browser does: each character is offered to the plugins before it is inserted. */
function keys(page: HeadlessEditor, text: string): void {
  for (const character of text) {
    const { from, to } = page.state.selection
    const view = { state: page.state, dispatch: page.dispatch.bind(page), composing: false } as unknown as EditorView
    const isHandled = page.state.plugins.some((plugin) =>
      // The parts of a view that the plugin touches.
      plugin.props.handleTextInput?.call(plugin, view, from, to, character, () => page.state.tr),
    )
    if (!isHandled) page.type(character)
  }
}

function backspace(page: HeadlessEditor): boolean {
  return page.run(keyBindings(page.history, new SeededRandom(5)).Backspace ?? (() => false))
}

describe("signs at the start of a block", () => {
  it.each([
    ["- ", "bullet: x"],
    ["* ", "bullet: x"],
    ["1. ", "ordered: x"],
    ["3) ", "ordered start 3: x"],
    ["[] ", "task: x"],
    ["[ ] ", "task: x"],
    ["[x] ", "task checked: x"],
    ["- [x] ", "task checked: x"],
    ["> ", "quote 1: x"],
    ["> > ", "quote 2: x"],
    ["> - ", "bullet quote 1: x"],
    ["# ", "h1: x"],
    ["###### ", "h6: x"],
    ["---", "rule: \n: x"],
    ["``` ", "codeblock: x"],
    ["```TS ", "codeblock ts: x"],
  ])("%j", (signs, expected) => {
    const page = newPage()
    page.select(0, 0)
    keys(page, `${signs}x`)
    expect(outline(page)).toBe(expected)
  })

  it.each(["- ", "1. ", "[x] ", "> ", "## ", "---", "```ts "])("%j comes back by one Backspace", (signs) => {
    const page = newPage()
    page.select(0, 0)
    keys(page, signs)
    expect(outline(page)).not.toBe(`: ${signs}`)
    expect(backspace(page)).toBe(true)
    expect(outline(page)).toBe(`: ${signs}`)
    expect(page.caret()).toEqual([0, signs.length])
    keys(page, "x")
    expect(outline(page)).toBe(`: ${signs}x`)
  })

  it("works before a text that is there already, and takes nothing of it", () => {
    const [page] = sharedPage(["text"])
    page.select(0, 0)
    keys(page, "- ")
    expect(outline(page)).toBe("bullet: text")
    page.select(0, 0)
    keys(page, "---")
    expect(outline(page)).toBe("bullet: ---text")
  })

  it("begins code by Enter too, and Backspace gives the signs back", () => {
    const page = newPage()
    page.select(0, 0)
    keys(page, "```js")
    expect(page.run(fenceOnEnter)).toBe(true)
    expect(outline(page)).toBe("codeblock js: ")
    backspace(page)
    expect(outline(page)).toBe(": ```js")
  })

  it("means nothing in code", () => {
    const page = newPage()
    page.select(0, 0)
    page.run(toggleCodeblock)
    keys(page, "- # **a**")
    expect(outline(page)).toBe("codeblock: - # **a**")
  })
})

describe("signs around words", () => {
  it.each([
    ["a **b** c", "a , strong(b),  c"],
    ["a *b* c", "a , em(b),  c"],
    ["a _b c_ d", "a , em(b c),  d"],
    ["a `b` c", "a , code(b),  c"],
    ["~~b~~ c", "strike(b),  c"],
    ["2 * 3 * 4", "2 * 3 * 4"],
    ["snake_case_name", "snake_case_name"],
    ["** b**", "** b**"],
    ["`a *b* c", "`a , em(b),  c"],
  ])("%s", (typed, expected) => {
    const page = newPage()
    page.select(0, 0)
    keys(page, typed)
    const flat = page.state.doc
      .child(0)
      .toString()
      .replace(/^textblock\(|\)$/g, "")
    expect(flat.replaceAll('"', "")).toBe(expected)
  })

  it("come back by one Backspace", () => {
    const page = newPage()
    page.select(0, 0)
    keys(page, "a **b**")
    expect(page.text()).toBe("a b")
    backspace(page)
    expect(page.state.doc.child(0).toString()).toBe('textblock("a **b**")')
  })
})

describe("one Backspace", () => {
  it("is an ordinary one after anything else was done, by oneself or by others", () => {
    const [ada, grace] = sharedPage(["", "far"])
    ada.select(0, 0)
    keys(ada, "- x")
    expect(ada.run(undoInputRule)).toBe(false)
    grace.select(1, 0)
    keys(ada, "**b**")
    grace.type("so ")
    sync(ada, grace)
    expect(ada.run(undoInputRule)).toBe(false)
  })

  it("and undo each take back the rule alone", () => {
    const page = newPage()
    page.select(0, 0)
    keys(page, "abc **d**")
    page.run(page.history.undo)
    expect(page.text()).toBe("abc **d*")
  })
})
