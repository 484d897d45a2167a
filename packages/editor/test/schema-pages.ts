import { BIRTH_UPDATE, bodyOf } from "@quire/document"
import { SCHEMA_VERSION } from "@quire/schema"
import * as Y from "yjs"

/** Pages that use every node, mark and attribute of a schema's version, and contents that no version of it has. */

/** The schema's versions: two that were written down, and one that a later build may bring. */
export const SCHEMA_VERSIONS: readonly number[] = [1, SCHEMA_VERSION, SCHEMA_VERSION + 1]

/** A word in each block of `pageOfSchema(version)`, in order, for every version up to the given one. */
export function wordsOfSchema(version: number): readonly string[] {
  return SCHEMA_VERSIONS.flatMap((one, index) => (one <= version ? (WORDS[index] ?? []) : []))
}

const WORDS: readonly (readonly string[])[] = [
  ["Plain", "Strong and soft", "Heading"],
  ["Bullet", "Third", "Done", "Toggle", "Quoted", "const a = 1", "Underlined struck code link"],
  ["Called out", "Highlighted", "Coloured"],
]

/** One update with a page that is born and uses all that the version knows. */
export function pageOfSchema(version: number): Uint8Array {
  const ydoc = new Y.Doc()
  ydoc.clientID = 1_000 + version
  Y.applyUpdate(ydoc, BIRTH_UPDATE)
  const body = bodyOf(ydoc)
  body.push(contentOfSchema(1))
  if (version > 1) body.push(contentOfSchema(SCHEMA_VERSION))
  if (version > SCHEMA_VERSION) body.push(contentOfSchema(version))
  return Y.encodeStateAsUpdate(ydoc)
}

function contentOfSchema(version: number): Y.XmlElement[] {
  switch (version) {
    case 1:
      return [
        block({ kind: "paragraph", level: 1, id: "v1-a" }, [["Plain"]]),
        block({ kind: "paragraph", id: "v1-b" }, [["Strong", { strong: {} }], [" and "], ["soft", { em: {} }]]),
        block({ kind: "heading", level: 2, id: "v1-c" }, [["Heading"]]),
      ]
    case SCHEMA_VERSION:
      return [
        block({ list: "bullet", id: "v2-a" }, [["Bullet"]]),
        block({ list: "ordered", start: 3, indent: 1, id: "v2-b" }, [["Third"]]),
        block({ list: "task", checked: true, id: "v2-c" }, [["Done"]]),
        block({ list: "toggle", id: "v2-d" }, [["Toggle"]]),
        block({ quote: 2, id: "v2-e" }, [["Quoted"]]),
        block({ language: "ts", indent: 1, quote: 1, id: "v2-f" }, [["const a = 1"]], "codeblock"),
        block({ indent: 1, quote: 1, id: "v2-g" }, [], "rule"),
        block({ id: "v2-h" }, [
          ["Underlined ", { underline: {} }],
          ["struck ", { strike: {} }],
          ["code ", { code: {} }],
          ["link", { link: { href: "https://example.org/" } }],
        ]),
      ]
    default:
      return [
        block({ tone: "warm", id: "v3-a" }, [["Called out"]], "callout"),
        block({ id: "v3-b" }, [["Highlighted", { highlight: { hue: 40 } }]]),
        block({ colour: "green", id: "v3-c" }, [["Coloured"]]),
      ]
  }
}

type Attributes = Readonly<Record<string, string | number | boolean | object>>
type Run = readonly [text: string, marks?: Readonly<Record<string, unknown>>]

/** A block with these attributes and this marked text. */
export function block(attributes: Attributes, runs: readonly Run[], name = "textblock"): Y.XmlElement {
  const element = new Y.XmlElement<Record<string, Attributes[string]>>(name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  const text = new Y.XmlText()
  // Backwards, each run at the front: what stands there already has its marks.
  for (const [words, marks = {}] of runs.toReversed()) text.insert(0, words, { ...marks })
  element.insert(0, [text])
  return element as Y.XmlElement // Yjs types attributes as strings; it stores anything
}

/** Writes that leave something in a page which the schema does not know, each with a name. */
export const FOREIGN_WRITES: Readonly<Record<string, (ydoc: Y.Doc) => void>> = {
  "an unknown node": (ydoc) => bodyOf(ydoc).push([block({ id: "x" }, [["Cell"]], "table")]),
  "an unknown node inside a block": (ydoc) => firstBlock(ydoc).push([new Y.XmlElement("image")]),
  "an unknown mark": (ydoc) => firstText(ydoc).insert(0, "Marked", { highlight: {} }),
  "an unknown mark on what is there": (ydoc) => {
    const text = firstText(ydoc)
    if (text.length === 0) text.insert(0, "Marked")
    text.format(0, 2, { highlight: {} })
  },
  "an unknown attribute": (ydoc) => firstBlock(ydoc).setAttribute("colour", "red"),
  "an unknown attribute of a mark": (ydoc) => firstText(ydoc).insert(0, "Marked", { strong: { weight: 900 } }),
  "an attribute of another type": (ydoc) =>
    (firstBlock(ydoc) as unknown as Y.XmlElement<{ level: object }>).setAttribute("level", { deep: 1 }),
  "a mark whose name is an object's prototype": (ydoc) =>
    firstText(ydoc).insert(0, "Marked", JSON.parse('{"__proto__":{"evil":1}}') as object),
  "an attribute whose name is an object's prototype": (ydoc) =>
    (firstBlock(ydoc) as unknown as Y.XmlElement<Record<string, object>>).setAttribute("__proto__", { kind: "x" }),
  "an embedded object": (ydoc) => firstText(ydoc).insertEmbed(0, { image: "x" }),
  "text outside a block": (ydoc) => bodyOf(ydoc).push([new Y.XmlText("Loose")]),
  "a hook": (ydoc) => bodyOf(ydoc).push([new Y.XmlHook("widget") as unknown as Y.XmlElement]),
  "2,000 levels": (ydoc) => nest(bodyOf(ydoc), 2_000),
}

/** From the outside in: Yjs makes a tree that is inserted as a whole by recursion. */
function nest(outermost: Y.XmlFragment, levels: number): void {
  let around = outermost
  for (let level = 1; level < levels; level++) {
    const element = new Y.XmlElement("textblock")
    around.push([element])
    around = element
  }
  around.push([block({}, [["Bottom"]])])
}

function firstBlock(ydoc: Y.Doc): Y.XmlElement {
  const first = bodyOf(ydoc).get(0)
  if (!(first instanceof Y.XmlElement)) throw new TypeError("the page has no block")
  return first
}

function firstText(ydoc: Y.Doc): Y.XmlText {
  const text = firstBlock(ydoc).get(0)
  if (!(text instanceof Y.XmlText)) throw new TypeError("the page's first block has no text")
  return text
}
