import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { BIRTH_UPDATE, bodyOf, checkBody } from "../src/index.js"

function page(fill: (body: Y.XmlFragment) => void): Y.Doc {
  const ydoc = new Y.Doc()
  fill(bodyOf(ydoc))
  return ydoc
}

function block(
  attributes: Record<string, string | number | boolean> = {},
  children: (Y.XmlText | Y.XmlElement)[] = [],
): Y.XmlElement {
  const element = new Y.XmlElement<Record<string, string | number | boolean>>("textblock")
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.insert(0, children)
  return element as Y.XmlElement
}

describe("checkBody", () => {
  it("accepts an empty body, a page just born, and marked text", () => {
    expect(checkBody(new Y.Doc())).toEqual({ ok: true })
    const born = new Y.Doc()
    Y.applyUpdate(born, BIRTH_UPDATE)
    expect(checkBody(born)).toEqual({ ok: true })
    const text = new Y.XmlText()
    text.insert(0, "hello", { strong: {}, em: {} })
    expect(checkBody(page((body) => body.insert(0, [block({ kind: "heading", level: 2 }, [text])])))).toEqual({
      ok: true,
    })
  })

  it("accepts every block of this schema, and an empty text in a rule", () => {
    const rule = new Y.XmlElement("rule")
    rule.insert(0, [new Y.XmlText()])
    const code = new Y.XmlElement("codeblock")
    code.setAttribute("language", "ts")
    code.insert(0, [new Y.XmlText("a\nb")])
    const item = block({ list: "task", checked: true, indent: 2, quote: 1, start: 3 }, [new Y.XmlText("do")])
    expect(checkBody(page((body) => body.insert(0, [rule, code, item])))).toEqual({ ok: true })
  })

  it("refuses text in a rule", () => {
    const rule = new Y.XmlElement("rule")
    rule.insert(0, [new Y.XmlText("text")])
    expect(checkBody(page((body) => body.insert(0, [rule])))).toEqual({
      ok: false,
      misfit: { kind: "misplaced", node: "text" },
    })
  })

  it("accepts a level out of range: it is shown clamped", () => {
    expect(checkBody(page((body) => body.insert(0, [block({ level: 99 })])))).toEqual({ ok: true })
  })

  it.each([
    ["an unknown node", () => new Y.XmlElement("table"), { kind: "unknown-node", node: "table" }],
    ["text outside a block", () => new Y.XmlText("loose"), { kind: "misplaced", node: "text" }],
    ["a block inside a block", () => block({}, [block()]), { kind: "misplaced", node: "textblock" }],
    [
      "an unknown attribute",
      () => block({ colour: "red" }),
      { kind: "unknown-attribute", node: "textblock", attribute: "colour" },
    ],
    [
      "an attribute named like an inherited one",
      () => block({ constructor: "x" }),
      { kind: "unknown-attribute", node: "textblock", attribute: "constructor" },
    ],
    [
      "an attribute of another type",
      () => block({ level: "2" }),
      { kind: "attribute-type", node: "textblock", attribute: "level" },
    ],
    ["a hook", () => new Y.XmlHook("widget"), { kind: "foreign-content" }],
  ] as const)("refuses %s", (_what, make, misfit) => {
    expect(checkBody(page((body) => body.insert(0, [block(), make() as Y.XmlElement])))).toEqual({ ok: false, misfit })
  })

  it("refuses an unknown mark, and an embedded object", () => {
    const marked = page((body) => body.insert(0, [block({}, [new Y.XmlText("plain")])]))
    const text = (bodyOf(marked).get(0) as Y.XmlElement).get(0) as Y.XmlText
    text.format(0, 2, { highlight: {} })
    expect(checkBody(marked)).toEqual({ ok: false, misfit: { kind: "unknown-mark", mark: "highlight" } })
    text.format(0, 2, { highlight: null })
    expect(checkBody(marked)).toEqual({ ok: true })
    text.insertEmbed(0, { image: "x" })
    expect(checkBody(marked)).toEqual({ ok: false, misfit: { kind: "foreign-content" } })
  })

  it.each<[string, Record<string, unknown>, object]>([
    [
      "with an attribute that the schema lacks",
      { link: { href: "https://example.org/", title: "x" } },
      { kind: "unknown-attribute", node: "link", attribute: "title" },
    ],
    [
      "with an attribute of another type",
      { link: { href: 5 } },
      { kind: "attribute-type", node: "link", attribute: "href" },
    ],
    ["that is a plain value", { strong: "yes" }, { kind: "attribute-type", node: "strong", attribute: "" }],
    ["named like an inherited one", { constructor: {} }, { kind: "unknown-mark", mark: "constructor" }],
    [
      "named like an object's prototype",
      JSON.parse('{"__proto__":{"strong":{}}}') as Record<string, unknown>,
      { kind: "unknown-mark", mark: "__proto__" },
    ],
  ])("refuses a mark %s", (_what, marks, misfit) => {
    const ydoc = page((body) => body.insert(0, [block({}, [new Y.XmlText("plain")])]))
    const text = (bodyOf(ydoc).get(0) as Y.XmlElement).get(0) as Y.XmlText
    text.insert(2, "marked", marks)
    expect(checkBody(ydoc)).toEqual({ ok: false, misfit })
  })

  it("accepts a mark without attributes that is stored as true", () => {
    const ydoc = page((body) => body.insert(0, [block({}, [new Y.XmlText("plain")])]))
    const text = (bodyOf(ydoc).get(0) as Y.XmlElement).get(0) as Y.XmlText
    text.format(0, 2, { strong: true })
    expect(checkBody(ydoc)).toEqual({ ok: true })
  })

  it("refuses attributes that plain objects would hide: of a text, and one named like an object's prototype", () => {
    const ydoc = page((body) => body.insert(0, [block({}, [new Y.XmlText("plain")])]))
    const element = bodyOf(ydoc).get(0) as unknown as Y.XmlElement<Record<string, object>>
    const text = element.get(0) as Y.XmlText
    text.setAttribute("lang", "en")
    expect(checkBody(ydoc)).toEqual({
      ok: false,
      misfit: { kind: "unknown-attribute", node: "text", attribute: "lang" },
    })
    text.removeAttribute("lang")
    element.setAttribute("__proto__", { kind: "heading" })
    expect(checkBody(ydoc)).toEqual({
      ok: false,
      misfit: { kind: "unknown-attribute", node: "textblock", attribute: "__proto__" },
    })
    element.removeAttribute("__proto__")
    expect(checkBody(ydoc)).toEqual({ ok: true })
  })

  it("refuses a root that another kind of program filled with plain values", () => {
    const foreign = new Y.Doc()
    foreign.getArray("body").insert(0, ["a", 1])
    const ydoc = new Y.Doc()
    Y.applyUpdate(ydoc, Y.encodeStateAsUpdate(foreign))
    expect(checkBody(ydoc)).toEqual({ ok: false, misfit: { kind: "foreign-content" } })
  })

  it("refuses a tree nested hundreds of levels deep without following it", () => {
    let element = block()
    for (let depth = 0; depth < 500; depth++) element = block({}, [element])
    expect(checkBody(page((body) => body.insert(0, [element])))).toEqual({
      ok: false,
      misfit: { kind: "misplaced", node: "textblock" },
    })
  })

  it("changes nothing", () => {
    const ydoc = page((body) => body.insert(0, [new Y.XmlElement("table")]))
    const before = Y.encodeStateAsUpdate(ydoc)
    checkBody(ydoc)
    expect(Y.encodeStateAsUpdate(ydoc)).toEqual(before)
  })
})
