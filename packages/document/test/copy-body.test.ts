import { schema } from "@quire/schema"
import { Node } from "prosemirror-model"
import { describe, expect, it } from "vitest"
import { prosemirrorToYXmlFragment } from "y-prosemirror"
import * as Y from "yjs"
import { BIRTH_UPDATE, bodyJson, bodyOf, checkBody, copyBody } from "../src/index.js"

const { strong, em, underline, strike, code } = schema.marks

const PAGE = schema.node("doc", null, [
  schema.node("textblock", { kind: "heading", level: 2, id: "a" }, [schema.text("Plan")]),
  schema.node("textblock", { id: "b" }, [
    schema.text("one "),
    schema.text("two", [strong.create(), underline.create()]),
    schema.text(" three", [em.create(), strike.create()]),
    schema.text("🧶", [code.create()]),
  ]),
  schema.node("textblock", { id: "c" }),
  schema.node("textblock", { id: "d", list: "task", checked: true, indent: 3, quote: 1 }, [
    schema.text("a\nb", [schema.mark("link", { href: "https://example.org" }), strong.create()]),
  ]),
  schema.node("textblock", { id: "e", list: "ordered", start: 7 }, [schema.text("seven")]),
  schema.node("codeblock", { id: "f", language: "ts" }, [schema.text("let x\n")]),
  schema.node("rule", { id: "g" }),
])

/** A page just born, as a provider has it after its first sync. */
function bornPage(): Y.Doc {
  const ydoc = new Y.Doc()
  Y.applyUpdate(ydoc, BIRTH_UPDATE)
  return ydoc
}

function writtenPage(doc: Node = PAGE): Y.Doc {
  const ydoc = new Y.Doc()
  prosemirrorToYXmlFragment(doc, bodyOf(ydoc))
  return ydoc
}

function counter(): () => string {
  let next = 0
  return () => `new${next++}`
}

/** A page's doc, with its blocks' ids counted, so that pages compare but for these. */
function counted(ydoc: Y.Doc): Node {
  const { content, ...doc } = bodyJson(ydoc)
  const blocks = content.map((block, index) => ({ ...block, attrs: { ...block.attrs, id: `new${index}` } }))
  return Node.fromJSON(schema, { ...doc, content: blocks })
}

describe("copyBody", () => {
  it("takes every block, attribute and mark along, and gives the blocks ids of their own", () => {
    const from = writtenPage()
    const to = bornPage()
    copyBody(from, to, counter())
    expect(checkBody(to)).toEqual({ ok: true })
    expect(counted(to).eq(counted(from))).toBe(true)
    expect(bodyJson(to).content.map(({ attrs }) => attrs?.id)).toEqual([
      "new0",
      "new1",
      "new2",
      "new3",
      "new4",
      "new5",
      "new6",
    ])
  })

  it("reads only, and is one update of the other page", () => {
    const from = writtenPage()
    const before = Y.encodeStateAsUpdate(from)
    const to = bornPage()
    let updates = 0
    to.on("update", () => updates++)
    copyBody(from, to, counter())
    expect(Y.encodeStateAsUpdate(from)).toEqual(before)
    expect(updates).toBe(1)
  })

  it("leaves what was deleted behind", () => {
    const from = writtenPage()
    bodyOf(from).delete(0, 6)
    const to = bornPage()
    copyBody(from, to, counter())
    expect(bodyJson(to).content.map(({ type }) => type)).toEqual(["rule"])
    expect(new TextDecoder().decode(Y.encodeStateAsUpdate(to))).not.toContain("Plan")
  })

  it("does not give a rule a text, and every other block one", () => {
    const from = new Y.Doc()
    bodyOf(from).insert(0, [new Y.XmlElement("textblock"), new Y.XmlElement("rule")])
    const to = bornPage()
    copyBody(from, to, counter())
    expect(
      bodyOf(to)
        .toArray()
        .map((block) => (block as Y.XmlElement).length),
    ).toEqual([1, 0])
  })

  it("reads two texts side by side as one", () => {
    const from = new Y.Doc()
    const block = new Y.XmlElement("textblock")
    block.insert(0, [new Y.XmlText("one "), new Y.XmlText("two")])
    bodyOf(from).insert(0, [block])
    const to = bornPage()
    copyBody(from, to, counter())
    expect(bodyJson(to).content[0]?.content).toEqual([{ type: "text", text: "one two" }])
  })

  it("copies nothing of a body that does not fit, and leaves the other page as it was", () => {
    const from = writtenPage()
    bodyOf(from).insert(0, [new Y.XmlElement("widget")])
    const to = bornPage()
    expect(() => copyBody(from, to, counter())).toThrow(TypeError)
    expect(Y.encodeStateAsUpdate(to)).toEqual(BIRTH_UPDATE)
  })
})
