import { bodyOf } from "@quire/document"
import { schema } from "@quire/schema"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  initProseMirrorDoc,
  relativePositionToAbsolutePosition as slowToAbsolute,
  absolutePositionToRelativePosition as slowToRelative,
} from "y-prosemirror"
import * as Y from "yjs"
import {
  absolutePositionToRelativePosition,
  relativePositionToAbsolutePosition,
} from "../../src/plugins/binding-positions.js"

/** A block as it may be stored: its node, the texts in it (mostly one), and whether it is deleted again. */
const block = fc.record({
  node: fc.constantFrom("textblock", "textblock", "textblock", "codeblock", "rule"),
  texts: fc.array(fc.string({ maxLength: 4 }), { maxLength: 2 }),
  deleted: fc.integer({ min: 0, max: 3 }),
  isGone: fc.boolean(),
})

describe("positions", () => {
  it("are those of the binding, everywhere in every page", () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 6 }), (blocks) => {
        const ydoc = new Y.Doc()
        ydoc.clientID = 1
        const body = bodyOf(ydoc)
        for (const { node, texts, deleted } of blocks) {
          const element = new Y.XmlElement(node)
          body.push([element])
          for (const text of node === "rule" ? [] : texts) element.push([new Y.XmlText(text)])
          const first = element.get(0)
          if (first instanceof Y.XmlText) first.delete(0, Math.min(deleted, first.length))
        }
        blocks.forEach(({ isGone }, index) => {
          const place = index - (blocks.length - body.length)
          if (isGone) body.delete(place, 1)
        })
        // Another client renders it: the binding joins neighbouring texts of its own.
        const reader = new Y.Doc()
        Y.applyUpdate(reader, Y.encodeStateAsUpdate(ydoc))
        const shown = bodyOf(reader)
        const { doc, mapping } = initProseMirrorDoc(shown, schema)
        mapping.set(shown, doc)
        for (let position = 0; position <= doc.content.size; position++) {
          const expected = slowToRelative(position, shown, mapping)
          const relative = absolutePositionToRelativePosition(position, shown, mapping)
          expect(Y.relativePositionToJSON(relative)).toEqual(Y.relativePositionToJSON(expected))
          const back = slowToAbsolute(reader, shown, expected, mapping)
          expect(relativePositionToAbsolutePosition(reader, shown, expected, mapping)).toBe(back)
        }
      }),
    )
  })

  it("of a doc that is rendered in part only are left to the binding", () => {
    const ydoc = new Y.Doc()
    const body = bodyOf(ydoc)
    body.push([new Y.XmlElement("textblock"), new Y.XmlElement("textblock")])
    for (const element of body.toArray()) (element as Y.XmlElement).push([new Y.XmlText("abc")])
    const { doc, mapping } = initProseMirrorDoc(body, schema)
    mapping.set(body, doc)
    const place = absolutePositionToRelativePosition(7, body, mapping)
    const added = new Y.XmlElement("textblock")
    body.insert(0, [added])
    mapping.set(added, schema.node("textblock"))
    expect(relativePositionToAbsolutePosition(ydoc, body, place, mapping)).toBe(9)
  })
})
