import fc from "fast-check"
import { Node } from "prosemirror-model"
import { describe, expect, it } from "vitest"
import { attributeTypes, headingLevel, isKnownMark, isTextblock, SCHEMA_VERSION, schema } from "../src/index.js"

describe("the schema", () => {
  it("is version 1 and holds exactly what version 1 promised", () => {
    expect(SCHEMA_VERSION).toBe(1)
    expect(Object.keys(schema.nodes)).toEqual(["doc", "textblock", "text"])
    expect(Object.keys(schema.marks)).toEqual(["strong", "em"])
    expect(Object.keys(schema.nodes.textblock.spec.attrs ?? {})).toEqual(["kind", "level", "id"])
  })

  it("accepts a page without blocks and a block without text", () => {
    expect(() => schema.node("doc", null, []).check()).not.toThrow()
    expect(() => schema.node("doc", null, [schema.node("textblock")]).check()).not.toThrow()
  })

  it("never throws on stored attributes, whatever they are", () => {
    const value = fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constant(null), fc.object())
    fc.assert(
      fc.property(value, value, value, (kind, level, id) => {
        const block = schema.node("textblock", { kind, level, id }, [schema.text("kept")])
        block.check()
        const read = Node.fromJSON(schema, JSON.parse(JSON.stringify(block.toJSON())))
        expect(read.textContent).toBe("kept")
        const shown = block.type.spec.toDOM?.(block)
        expect(shown).toHaveProperty("0", expect.stringMatching(/^(?:p|h[1-6])$/))
      }),
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
    expect(attributeTypes("textblock")).toEqual({ kind: "string", level: "number", id: "string" })
    expect(attributeTypes("table")).toBeUndefined()
    expect(attributeTypes("__proto__")).toBeUndefined()
  })

  it("lists exactly the attributes that the node has", () => {
    expect(Object.keys(attributeTypes("textblock") ?? {})).toEqual(Object.keys(schema.nodes.textblock.spec.attrs ?? {}))
  })

  it("knows its marks and no inherited names", () => {
    expect(isKnownMark("strong")).toBe(true)
    expect(isKnownMark("underline")).toBe(false)
    expect(isKnownMark("constructor")).toBe(false)
  })

  it("tells textblocks from other nodes", () => {
    expect(isTextblock(schema.node("textblock"))).toBe(true)
    expect(isTextblock(schema.node("doc"))).toBe(false)
  })
})
