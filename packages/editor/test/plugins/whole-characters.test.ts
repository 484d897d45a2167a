import { bodyOf } from "@quire/document"
import { schema } from "@quire/schema"
import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { deliver, type HeadlessEditor, sharedPage } from "../headless.js"

const [HIGH, LOW] = ["\ud83d", "\ude00"]

/** The page as somebody has it who got it over a wire. */
function overTheWire(editor: HeadlessEditor): string {
  const copy = new Y.Doc()
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(editor.ydoc))
  return bodyOf(copy).toString()
}

/** What the ydoc's texts hold, deleted or not. */
function storedStrings(ydoc: Y.Doc): string[] {
  return [...ydoc.store.clients.values()].flat().flatMap((item) => {
    return item instanceof Y.Item && item.content instanceof Y.ContentString ? [item.content.str] : []
  })
}

describe("characters of two UTF-16 units", () => {
  it.each([
    ["the first half is the same", "\u{1f600}", "\u{1f603}"],
    ["the second half is the same", "\u{1f600}", "\u{1fa00}"],
    ["one of several in a row changes", "\u{1f600}\u{1f600}\u{1f600}", "\u{1f600}\u{1f603}\u{1f600}"],
    ["one of several in a row goes", "\u{1f600}\u{1f600}", "\u{1f600}"],
  ])("are written whole when %s", (_case, before, after) => {
    const [ada, grace] = sharedPage([`a${before}b`])
    ada.dispatch(ada.state.tr.insertText(after, ada.position(0, 1), ada.position(0, 1 + before.length)))
    expect(storedStrings(ada.ydoc).join("")).toMatch(/^[^\p{Surrogate}\ufffd]*$/u)
    deliver(ada, grace)
    expect(grace.text()).toBe(`a${after}b`)
    expect(grace.state.doc.eq(ada.state.doc)).toBe(true)
  })

  it("are written whole when only a run of marks ends between two of them", () => {
    const [ada, grace] = sharedPage(["\u{1f600}\u{1f603}"])
    ada.dispatch(ada.state.tr.addMark(1, 3, schema.mark("strong")))
    deliver(ada, grace)
    expect(grace.text()).toBe("\u{1f600}\u{1f603}")
    expect(grace.state.doc.eq(ada.state.doc)).toBe(true)
  })

  it.each([
    ["a half that stands alone", "ab", (at: number) => [at, at, HIGH] as const, "a\ufffdb"],
    [
      "something put between two halves",
      "a\u{1f600}b",
      (at: number) => [at + 1, at + 1, "x"] as const,
      "a\ufffdx\ufffdb",
    ],
    ["a half that is deleted", "a\u{1f600}b", (at: number) => [at, at + 1, ""] as const, "a\ufffdb"],
    ["halves the wrong way round", "ab", (at: number) => [at, at, LOW + HIGH] as const, "a\ufffd\ufffdb"],
  ])("leave the same mark for everybody where they are torn: %s", (_case, before, edit, after) => {
    const [ada, grace] = sharedPage([before])
    const [from, to, text] = edit(ada.position(0, 1))
    const tr = ada.state.tr
    ada.dispatch(text === "" ? tr.delete(from, to) : tr.insertText(text, from, to))
    deliver(ada, grace)
    expect(ada.state.doc.textContent).toBe(after)
    expect(grace.state.doc.textContent).toBe(after)
    expect(bodyOf(ada.ydoc).toString()).toBe(overTheWire(ada))
  })

  it("leave the same marks for everybody where a run of marks ends between two halves", () => {
    const [ada, grace] = sharedPage(["\u{1f600}"])
    ada.dispatch(ada.state.tr.addMark(1, 2, schema.mark("strong")))
    deliver(ada, grace)
    expect(grace.state.doc.eq(ada.state.doc)).toBe(true)
    expect(grace.state.doc.textContent).toBe("\ufffd\ufffd")
  })

  it("are left as they are in what others write", () => {
    const [ada, grace] = sharedPage(["a"])
    grace.dispatch(grace.state.tr.insertText("\u{1f600}", 2))
    const updates = ada.updates
    deliver(grace, ada)
    expect(ada.updates - updates).toBe(1)
    expect(ada.text()).toBe("a\u{1f600}")
  })
})
