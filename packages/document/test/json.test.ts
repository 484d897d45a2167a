import { schema } from "@quire/schema"
import { Node } from "prosemirror-model"
import { describe, expect, it } from "vitest"
import { prosemirrorToYXmlFragment } from "y-prosemirror"
import * as Y from "yjs"
import { bodyJson, bodyOf } from "../src/index.js"

describe("bodyJson", () => {
  it("reads back the doc that an editor wrote", () => {
    const { strong, em } = schema.marks
    const doc = schema.node("doc", null, [
      schema.node("textblock", { kind: "heading", level: 2, id: "a" }, [schema.text("Plan")]),
      schema.node("textblock", { id: "b" }, [
        schema.text("one "),
        schema.text("two", [strong.create()]),
        schema.text(" three", [em.create(), strong.create()]),
      ]),
      schema.node("textblock"),
      schema.node("textblock", { list: "task", checked: true, indent: 1, quote: 1 }, [
        schema.text("a\nb", [schema.mark("link", { href: "https://example.org" })]),
      ]),
      schema.node("codeblock", { language: "ts" }, [schema.text("let x\n")]),
      schema.node("rule"),
    ])
    const ydoc = new Y.Doc()
    prosemirrorToYXmlFragment(doc, bodyOf(ydoc))
    expect(Node.fromJSON(schema, bodyJson(ydoc)).eq(doc)).toBe(true)
  })

  it("reads two texts side by side as one, and joins runs of equal marks", () => {
    const ydoc = new Y.Doc()
    const block = new Y.XmlElement("textblock")
    block.insert(0, [new Y.XmlText("one "), new Y.XmlText("two")])
    bodyOf(ydoc).insert(0, [block])
    expect(bodyJson(ydoc).content).toEqual([{ type: "textblock", content: [{ type: "text", text: "one two" }] }])
  })

  it("leaves out what is neither block nor text, and changes nothing", () => {
    const ydoc = new Y.Doc()
    const block = new Y.XmlElement("widget")
    block.insert(0, [new Y.XmlElement("inner"), new Y.XmlText("text")])
    bodyOf(ydoc).insert(0, [new Y.XmlText("loose"), block])
    const before = Y.encodeStateAsUpdate(ydoc)
    expect(bodyJson(ydoc).content).toEqual([{ type: "widget", content: [{ type: "text", text: "text" }] }])
    expect(Y.encodeStateAsUpdate(ydoc)).toEqual(before)
  })
})
