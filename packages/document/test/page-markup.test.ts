import { schema } from "@quire/schema"
import type { Node } from "prosemirror-model"
import { describe, expect, it } from "vitest"
import { prosemirrorToYXmlFragment } from "y-prosemirror"
import * as Y from "yjs"
import { bodyOf, pageMarkup } from "../src/index.js"

const block = (attributes: object, text: string): Node =>
  schema.node("textblock", { ...attributes }, [schema.text(text)])

describe("the markup of a page", () => {
  it("has headings below the title's, lists and quotes that are real, boxes with names, and words for the unknown", () => {
    const ydoc = new Y.Doc()
    const blocks = [
      block({ kind: "heading", level: 1 }, "One"),
      block({ kind: "heading", level: 6 }, "Six"),
      block({ list: "task", checked: true }, "done"),
      block({ list: "task" }, "open"),
      block({ quote: 1 }, "said"),
    ]
    prosemirrorToYXmlFragment(schema.node("doc", null, blocks), bodyOf(ydoc))
    const body = bodyOf(ydoc)
    const strange = new Y.XmlElement("widget")
    strange.insert(0, [new Y.XmlText("kept words")])
    body.insert(body.length, [strange])
    const box = (name: string, sign: string): string =>
      `<li data-checked="${sign === "☑"}"><span class="box" role="img" aria-label="${name}">${sign}</span>`
    expect(pageMarkup([Y.encodeStateAsUpdate(ydoc)])).toBe(
      `<h2>One</h2><h6>Six</h6><ul data-list="task">${box("Done:", "☑")}done</li>${box("Open:", "☐")}open</li></ul>` +
        `<blockquote><p>said</p></blockquote><p class="unknown">kept words</p>`,
    )
  })
})
