import { schema } from "@quire/schema"
import { describe, expect, it } from "vitest"
import { initProseMirrorDoc, updateYFragment } from "y-prosemirror"
import * as Y from "yjs"
import { BIRTH_UPDATE, bodyJson, bodyOf, checkBody } from "../src/index.js"

/** The bytes of format 1. A change here is a change of the format: pages born before and after would not merge. */
const GOLDEN =
  "01050100070104626f6479030974657874626c6f636b070001000628000100046b696e6401770970617261677261706828000100056c6576" +
  "656c017d0128000100026964017705626972746800"

function bornPage(clientId: number): Y.Doc {
  const ydoc = new Y.Doc()
  ydoc.clientID = clientId
  Y.applyUpdate(ydoc, BIRTH_UPDATE)
  return ydoc
}

function sync(a: Y.Doc, b: Y.Doc): void {
  const forB = Y.encodeStateAsUpdate(a, Y.encodeStateVector(b))
  const forA = Y.encodeStateAsUpdate(b, Y.encodeStateVector(a))
  Y.applyUpdate(b, forB)
  Y.applyUpdate(a, forA)
}

/** What an editor does: render the page, change the rendering, write the difference. */
function edit(ydoc: Y.Doc, text: string): void {
  const body = bodyOf(ydoc)
  const { doc, meta } = initProseMirrorDoc(body, schema)
  const first = doc.child(0)
  const content = first.textContent + text
  const changed = doc.type.create(null, [first.type.create(first.attrs, schema.text(content))])
  updateYFragment(ydoc, body, changed, meta)
}

describe("the birth update", () => {
  it("is the same bytes from everybody, for ever", () => {
    expect(Buffer.from(BIRTH_UPDATE).toString("hex")).toBe(GOLDEN)
  })

  it("is one empty paragraph that fits the schema", () => {
    const ydoc = bornPage(7)
    expect(checkBody(ydoc)).toEqual({ ok: true })
    expect(bodyJson(ydoc)).toEqual({
      type: "doc",
      content: [{ type: "textblock", attrs: { kind: "paragraph", level: 1, id: "birth" } }],
    })
  })

  it("changes nothing when merged again", () => {
    const ydoc = bornPage(7)
    let updates = 0
    ydoc.on("update", () => updates++)
    Y.applyUpdate(ydoc, BIRTH_UPDATE)
    expect(updates).toBe(0)
  })

  it("emits nothing when an editor renders it and writes the same back", () => {
    const ydoc = bornPage(7)
    let updates = 0
    ydoc.on("update", () => updates++)
    const { doc, meta } = initProseMirrorDoc(bodyOf(ydoc), schema)
    updateYFragment(ydoc, bodyOf(ydoc), doc, meta)
    updateYFragment(ydoc, bodyOf(ydoc), doc, { mapping: new Map(), isOMark: new Map() })
    expect(updates).toBe(0)
  })

  it("keeps every key when two people begin to type into a new page at once, and go on at once", () => {
    const [ada, grace] = [bornPage(7), bornPage(8)]
    edit(ada, "one")
    edit(grace, "two")
    sync(ada, grace)
    edit(ada, "three")
    edit(grace, "four")
    sync(ada, grace)
    const text = JSON.stringify(bodyJson(ada))
    expect(bodyJson(grace)).toEqual(bodyJson(ada))
    for (const word of ["one", "two", "three", "four"]) expect(text.split(word)).toHaveLength(2)
  })
})
