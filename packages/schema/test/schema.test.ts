import fc from "fast-check"
import { Node } from "prosemirror-model"
import { describe, expect, it } from "vitest"
import {
  attributeTypes,
  headingLevel,
  isKnownMark,
  isTextblock,
  type NodeName,
  readLayout,
  SCHEMA_VERSION,
  schema,
  toHtml,
} from "../src/index.js"

describe("the schema", () => {
  it("is version 2 and holds exactly what version 2 promised", () => {
    expect(SCHEMA_VERSION).toBe(2)
    expect(Object.keys(schema.nodes)).toEqual(["doc", "textblock", "codeblock", "rule", "text"])
    expect(Object.keys(schema.marks)).toEqual(["link", "strong", "em", "underline", "strike", "code"])
    const attributes = (name: NodeName) => Object.keys(schema.nodes[name].spec.attrs ?? {}).sort()
    expect(attributes("textblock")).toEqual(["checked", "id", "indent", "kind", "level", "list", "quote", "start"])
    expect(attributes("codeblock")).toEqual(["id", "indent", "language", "quote"])
    expect(attributes("rule")).toEqual(["id", "indent", "quote"])
  })

  it("gives what came after version 1 no default that would be written into older blocks", () => {
    for (const name of ["textblock", "codeblock", "rule"] as const) {
      const { kind, level, ...newer } = schema.node(name).attrs
      expect(new Set(Object.values(newer))).toEqual(new Set([null]))
    }
  })

  it("accepts a page without blocks and a block without text", () => {
    expect(() => schema.node("doc", null, []).check()).not.toThrow()
    expect(() => schema.node("doc", null, [schema.node("textblock")]).check()).not.toThrow()
  })

  it("never throws on stored attributes, whatever they are", () => {
    const value = fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constant(null), fc.object())
    fc.assert(
      fc.property(
        fc.constantFrom("textblock", "codeblock", "rule"),
        fc.array(value, { minLength: 9 }),
        (name, values) => {
          const names = ["kind", "level", "list", "start", "checked", "indent", "quote", "language", "id"]
          const attrs = Object.fromEntries(names.map((attribute, index) => [attribute, values[index]]))
          const block = schema.node(name, attrs, name === "rule" ? [] : [schema.text("kept")])
          block.check()
          const read = Node.fromJSON(schema, JSON.parse(JSON.stringify(block.toJSON())))
          expect(read.textContent).toBe(block.textContent)
          const shown = block.type.spec.toDOM?.(block)
          expect(shown).toHaveProperty("0", expect.stringMatching(/^(?:p|h[1-6]|div|pre|hr)$/))
          expect(toHtml(schema.node("doc", null, [block]))).toContain(block.textContent)
        },
      ),
    )
  })

  it("renders each combination of kind and level as one element", () => {
    const rendered = (attrs: Record<string, unknown>) => {
      const node = schema.node("textblock", attrs)
      return node.type.spec.toDOM?.(node)
    }
    expect(rendered({ kind: "paragraph", level: 3 })).toEqual(["p", { dir: "auto" }, 0])
    expect(rendered({ kind: "heading", level: 3 })).toEqual(["h3", { dir: "auto" }, 0])
    expect(rendered({ kind: "heading", level: 9 })).toEqual(["h6", { dir: "auto" }, 0])
    expect(rendered({ kind: "heading", level: "<script>" })).toEqual(["h1", { dir: "auto" }, 0])
    expect(rendered({ kind: "toggle", level: 2 })).toEqual(["p", { dir: "auto" }, 0])
  })
})

describe("the place of a block", () => {
  const shown = (attrs: Record<string, unknown>) => {
    const node = schema.node("textblock", attrs)
    return node.type.spec.toDOM?.(node)
  }

  it("tells assistive technology of items, their level, and quotes; a heading stays a heading", () => {
    const block = { dir: "auto", "data-list": "bullet", "data-indent": "2" }
    const item = { role: "listitem", "aria-level": "3" }
    expect(shown({ list: "bullet", indent: 2 })).toEqual(["div", block, ["p", item, 0]])
    expect(shown({ quote: 2 })).toEqual(["p", { dir: "auto", role: "blockquote", "data-quote": "2" }, 0])
    expect(shown({ kind: "heading", level: 2, list: "bullet" })).toEqual([
      "div",
      { dir: "auto", "data-list": "bullet" },
      ["div", { role: "listitem", "aria-level": "1" }, ["h2", 0]],
    ])
  })

  it("sets the counter of its level where a list starts with a number of its own", () => {
    expect(shown({ list: "ordered", start: 5, indent: 1 })).toHaveProperty("1.style", "counter-set: list-1 5")
    expect(shown({ list: "bullet", start: 5 })).not.toHaveProperty("1.style")
  })

  it("puts a box before a task and a button before what folds", () => {
    expect(shown({ list: "task", checked: true })).toHaveProperty("2.2.1.checked", "")
    expect(shown({ list: "task" })).not.toHaveProperty("2.2.1.checked")
    expect(shown({ list: "toggle" })).toHaveProperty("2.2.0", "button")
  })

  it("is read leniently", () => {
    expect(readLayout({ list: "stars", start: 3, indent: 99, quote: -1, checked: true })).toEqual({
      list: undefined,
      start: undefined,
      indent: 8,
      quote: 0,
      isChecked: false,
    })
    expect(readLayout({ list: "ordered", start: 1.6, indent: Number.NaN, quote: "2" })).toEqual({
      list: "ordered",
      start: 2,
      indent: 0,
      quote: 0,
      isChecked: false,
    })
  })
})

describe("headingLevel", () => {
  it("clamps to 1–6 and gives nothing for what is not a heading", () => {
    expect(headingLevel({ kind: "heading", level: -3 })).toBe(1)
    expect(headingLevel({ kind: "heading", level: 2.4 })).toBe(2)
    expect(headingLevel({ kind: "heading", level: Number.NaN })).toBe(1)
    expect(headingLevel({ kind: "heading", level: Number.POSITIVE_INFINITY })).toBe(6)
    expect(headingLevel({ kind: "paragraph", level: 2 })).toBeUndefined()
  })
})

describe("what the schema knows", () => {
  it("tells the types of a stored node's attributes, and nothing of unknown nodes", () => {
    expect(attributeTypes("codeblock")).toEqual({ language: "string", indent: "number", quote: "number", id: "string" })
    expect(attributeTypes("table")).toBeUndefined()
    expect(attributeTypes("__proto__")).toBeUndefined()
  })

  it.each(["textblock", "codeblock", "rule"] as const)("lists exactly the attributes that %s has", (name) => {
    expect(Object.keys(attributeTypes(name) ?? {})).toEqual(Object.keys(schema.nodes[name].spec.attrs ?? {}))
  })

  it("knows its marks and no inherited names", () => {
    expect(isKnownMark("strong")).toBe(true)
    expect(isKnownMark("comment")).toBe(false)
    expect(isKnownMark("constructor")).toBe(false)
  })

  it("tells textblocks from other nodes", () => {
    expect(isTextblock(schema.node("textblock"))).toBe(true)
    expect(isTextblock(schema.node("doc"))).toBe(false)
  })
})
