import fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { bodyOf, READABLE_LIMITS, readBody } from "../src/index.js"

function page(fill: (body: Y.XmlFragment) => void): Y.Doc {
  const ydoc = new Y.Doc()
  ydoc.transact(() => fill(bodyOf(ydoc)))
  return ydoc
}

function element(name: string, children: (Y.XmlText | Y.XmlElement)[], attributes: object = {}): Y.XmlElement {
  const made = new Y.XmlElement<Record<string, never>>(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value as never)
  made.insert(0, children)
  return made as Y.XmlElement
}

function text(words: string, marks: object = {}): Y.XmlText {
  const made = new Y.XmlText()
  made.insert(0, words, marks)
  return made
}

describe("readBody", () => {
  it("reads a page that fits as its blocks, without what is only of use to an editor", () => {
    const ydoc = page((body) => {
      body.push([element("textblock", [text("Title", { strong: {} })], { kind: "heading", level: 2, id: "a" })])
      body.push([element("rule", []), element("textblock", [])])
    })
    expect(readBody(ydoc)).toEqual([
      {
        kind: "block",
        block: {
          type: "textblock",
          attrs: { kind: "heading", level: 2 },
          content: [{ type: "text", text: "Title", marks: [{ type: "strong", attrs: {} }] }],
        },
      },
      { kind: "block", block: { type: "rule", attrs: {} } },
      { kind: "block", block: { type: "textblock", attrs: {} } },
    ])
  })

  it("leaves unknown attributes and marks out, and keeps the words", () => {
    const ydoc = page((body) => {
      body.push([element("textblock", [text("Words", { highlight: {}, em: {} })], { colour: "red", level: "2" })])
    })
    expect(readBody(ydoc)).toEqual([
      {
        kind: "block",
        block: {
          type: "textblock",
          attrs: {},
          content: [{ type: "text", text: "Words", marks: [{ type: "em", attrs: {} }] }],
        },
      },
    ])
  })

  it("gives the words in what it does not know, in their order", () => {
    const row = element("row", [element("cell", [text("one")]), element("cell", [text("two "), text("three")])])
    const ydoc = page((body) => {
      body.push([element("table", [row])])
      body.push([text("Loose")])
      body.push([element("textblock", [text("Before"), element("image", [text("Caption")]), text(" after")])])
    })
    expect(readBody(ydoc)).toMatchObject([
      { kind: "unknown", text: "one\ntwo \nthree" },
      { kind: "unknown", text: "Loose" },
      { kind: "block", block: { content: [{ text: "Before" }, { text: " after" }] } },
      { kind: "unknown", text: "Caption" },
    ])
  })

  it("says that something is there without words: an embedded object, a hook, a plain value", () => {
    const ydoc = page((body) => {
      const embedding = new Y.XmlText("a")
      body.push([element("textblock", [embedding]), new Y.XmlHook("widget") as unknown as Y.XmlElement])
      embedding.insertEmbed(1, { image: "x" })
    })
    expect(readBody(ydoc)).toMatchObject([
      { kind: "block" },
      { kind: "unknown", text: "" },
      { kind: "unknown", text: "" },
    ])
    const array = new Y.Doc()
    array.getArray("body").push(["plain", 1])
    const ydoc2 = new Y.Doc()
    Y.applyUpdate(ydoc2, Y.encodeStateAsUpdate(array))
    expect(readBody(ydoc2)).toEqual([
      { kind: "unknown", text: "plain" },
      { kind: "unknown", text: "" },
    ])
  })

  it("reads to the bottom of 2,000 levels, and stops in a tree without end", () => {
    const nest = (levels: number): Y.Doc =>
      page((body) => {
        let around: Y.XmlFragment = body
        for (let level = 0; level < levels; level++) {
          const inner = new Y.XmlElement("box")
          around.push([inner])
          around = inner
        }
        around.push([new Y.XmlText("Bottom")])
      })
    expect(readBody(nest(2_000))).toEqual([{ kind: "unknown", text: "Bottom" }])
    expect(readBody(nest(READABLE_LIMITS.types + 1))).toEqual([{ kind: "unknown", text: "" }])
  })

  it("says where it stops: too many blocks, too much text, an attribute that is a book", () => {
    const long = "x".repeat(READABLE_LIMITS.characters - 1)
    const ydoc = page((body) => {
      body.push([element("textblock", [text(long)], { kind: "y".repeat(READABLE_LIMITS.attribute + 1) })])
      body.push([element("textblock", [text("12")]), element("textblock", [text("never")])])
    })
    expect(
      readBody(ydoc).map((part) => (part.kind === "block" ? part.block.content?.[0]?.text.length : part.kind)),
    ).toEqual([long.length, 1, "more"])
    expect(readBody(ydoc)[0]).toMatchObject({ block: { attrs: {} } })
    const many = page((body) => {
      body.push(Array.from({ length: READABLE_LIMITS.blocks + 1 }, () => new Y.XmlElement("rule")))
    })
    const read = readBody(many)
    expect([read.length, read.at(-1)]).toEqual([READABLE_LIMITS.blocks + 1, { kind: "more" }])
  })

  it("reads anything, and changes nothing", () => {
    const name = fc.constantFrom("textblock", "rule", "codeblock", "table", "__proto__", "text", "doc")
    const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.object({ maxDepth: 1 }), fc.constant(null))
    const key = fc.constantFrom("kind", "level", "id", "list", "__proto__", "constructor", "colour", "strong", "link")
    const run = fc.tuple(fc.string({ minLength: 1 }), fc.dictionary(key, value), fc.option(fc.object({ maxDepth: 1 })))
    const block = fc.tuple(name, fc.array(fc.tuple(key, value)), fc.array(run, { maxLength: 3 }))
    fc.assert(
      fc.property(fc.array(block, { maxLength: 4 }), (blocks) => {
        const ydoc = page((body) => {
          for (const [nodeName, attributes, runs] of blocks) {
            const made = element(nodeName, runs.length > 0 ? [new Y.XmlText()] : [])
            body.push([made])
            for (const [one, what] of attributes) made.setAttribute(one, what as string)
            for (const [words, marks, embedded] of runs) {
              const words0 = made.get(0) as Y.XmlText
              words0.insert(0, words, marks)
              if (embedded !== null) words0.insertEmbed(0, embedded)
            }
          }
        })
        const before = Y.encodeStateAsUpdate(ydoc)
        expect(readBody(ydoc).length).toBeGreaterThanOrEqual(blocks.length)
        expect(Y.encodeStateAsUpdate(ydoc)).toEqual(before)
      }),
    )
  })
})
