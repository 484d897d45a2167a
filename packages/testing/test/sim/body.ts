import { bodyOf } from "@quire/document"
import * as Y from "yjs"

/** One block of a page, as it is on the shared type. */
export interface Block {
  readonly element: Y.XmlElement
  readonly text: Y.XmlText
  readonly index: number
  readonly id: string
}

/** The blocks of a body that have their text. */
export function blocksOf(ydoc: Y.Doc): Block[] {
  return bodyOf(ydoc)
    .toArray()
    .flatMap((element, index) => {
      const text = element instanceof Y.XmlElement ? element.get(0) : undefined
      if (!(element instanceof Y.XmlElement) || !(text instanceof Y.XmlText)) return []
      return [{ element, text, index, id: String(element.getAttribute("id")) }]
    })
}

/** What a text says, without its marks. */
export function plainText(text: Y.XmlText): string {
  return (text.toDelta() as readonly { readonly insert: unknown }[]).map(({ insert }) => String(insert)).join("")
}

/** A new block that holds this. */
export function newBlock(id: string, delta: readonly unknown[]): Y.XmlElement {
  const element = new Y.XmlElement("textblock")
  const text = new Y.XmlText()
  element.setAttribute("kind", "paragraph")
  element.setAttribute("id", id)
  element.insert(0, [text])
  text.applyDelta([...delta])
  return element
}

/** A body as JSON that is the same for the same content: blocks in order, attributes by name, marks by name. */
export function canonicalJson(ydoc: Y.Doc): string {
  const blocks = bodyOf(ydoc)
    .toArray()
    .map((node) => (node instanceof Y.XmlElement ? elementJson(node) : "?"))
  return JSON.stringify(blocks)
}

function elementJson(element: Y.XmlElement): unknown {
  const children = element
    .toArray()
    .map((child) => (child instanceof Y.XmlText ? (child.toDelta() as object[]).map(sorted) : "?"))
  return [element.nodeName, sorted(element.getAttributes()), children]
}

function sorted(value: object): unknown {
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.map(([name, part]) => [name, typeof part === "object" && part !== null ? sorted(part) : part])
}
