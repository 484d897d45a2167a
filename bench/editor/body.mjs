// The same text in the two shapes in which the two pages keep it.
import * as Y from "yjs"
import { BIRTH_UPDATE } from "../../packages/document/dist/index.js"

/** Who wrote the text. Real clients draw their ids from 2^53. */
const AUTHOR = 7_000_001

/** Quire's page: one kind of block, whose attributes say what it is. The first block is the one it is born with. */
export const quireBody = {
  root: "body",
  birth: BIRTH_UPDATE,
  elementOf: ({ level }, index) => {
    const element = new Y.XmlElement("textblock")
    element.setAttribute("kind", level === undefined ? "paragraph" : "heading")
    element.setAttribute("level", level ?? 1)
    element.setAttribute("id", `block${index}`)
    return element
  },
}

/** The plain page: paragraphs and headings. */
export const plainBody = {
  root: "prosemirror",
  birth: undefined,
  elementOf: ({ level }) => {
    const element = new Y.XmlElement(level === undefined ? "paragraph" : "heading")
    if (level !== undefined) element.setAttribute("level", level)
    return element
  },
}

/** A ydoc that holds the text. @param text what `writeText` gave. */
export function writeBody(shape, text) {
  const ydoc = new Y.Doc()
  if (shape.birth !== undefined) Y.applyUpdate(ydoc, shape.birth)
  ydoc.clientID = AUTHOR
  const root = ydoc.getXmlFragment(shape.root)
  ydoc.transact(() => {
    const born = root.length
    root.insert(
      born,
      text.slice(born).map((block, index) => withRuns(shape.elementOf(block, index + born), block.runs)),
    )
    // The block that the page is born with says what it is already; a heading there would only be another shape.
    if (born > 0) fill(root.get(0).get(0), text[0].runs)
  })
  return ydoc
}

/** The text of a block, to type into. */
export function textOf(shape, ydoc, index) {
  return ydoc.getXmlFragment(shape.root).get(index).get(0)
}

function withRuns(element, runs) {
  const text = new Y.XmlText()
  fill(text, runs)
  element.insert(0, [text])
  return element
}

function fill(text, runs) {
  text.applyDelta(
    runs.map(({ text: insert, mark }) => ({ insert, attributes: mark === undefined ? {} : { [mark]: {} } })),
  )
}
