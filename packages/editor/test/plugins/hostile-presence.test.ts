import fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { type HeadlessEditor, sharedPage } from "../headless.js"

/** Lets somebody be present with a state. */
function tell(page: HeadlessEditor, states: readonly unknown[]): void {
  states.forEach((state, index) => {
    page.awareness.states.set(100 + index, state as Record<string, unknown>)
  })
  page.awareness.emit("change", [{ added: [], updated: states.map((_, index) => 100 + index), removed: [] }, "remote"])
}

/** The same, and lets the editor paint. */
function present(page: HeadlessEditor, states: readonly unknown[]): void {
  tell(page, states)
  page.frame()
}

/** A page with a deleted block, a deleted text, a heading's attributes and two people's items. */
function oddPage(): HeadlessEditor {
  const [ada, grace] = sharedPage(["one", "two", "three"])
  ada.select(0, 1, 2)
  ada.dispatch(ada.state.tr.deleteSelection())
  grace.dispatch(grace.state.tr.setNodeAttribute(grace.position(1, 0) - 1, "kind", "heading"))
  grace.dispatch(grace.state.tr.delete(grace.position(2, 0) - 1, grace.state.doc.content.size))
  Y.applyUpdate(ada.ydoc, Y.encodeStateAsUpdate(grace.ydoc))
  return ada
}

describe("presence that means harm", () => {
  it("throws nothing and writes nothing, wherever its caret claims to be", () => {
    const page = oddPage()
    const updates = page.updates
    const ids = [...page.ydoc.store.clients].flatMap(([client, structs]) =>
      structs.map(({ id }) => ({ client, clock: id.clock })),
    )
    const id = fc.oneof(
      fc.constantFrom(...ids),
      fc.record({ client: fc.oneof(fc.maxSafeNat(), fc.double()), clock: fc.oneof(fc.maxSafeNat(), fc.double()) }),
      fc.anything(),
    )
    const tname = fc.constantFrom("body", "__proto__", "constructor", "elsewhere", "", null, undefined, 5)
    const assoc = fc.oneof(fc.constantFrom(-1, 0, 1, undefined), fc.double(), fc.anything())
    const position = fc.oneof(
      fc.record({ type: id, item: id, tname, assoc }, { requiredKeys: [] }),
      fc.record({ type: id, assoc }),
      fc.record({ item: id, assoc }),
      fc.record({ tname, assoc }),
      fc.anything(),
    )
    const cursor = fc.oneof(fc.record({ anchor: position, head: position }), fc.anything())
    const user = fc.oneof(fc.record({ name: fc.anything(), color: fc.anything() }), fc.anything())
    const state = fc.oneof(fc.record({ user, cursor }), fc.anything())
    fc.assert(
      fc.property(fc.array(state, { maxLength: 4 }), (states) => {
        present(page, states)
      }),
      { numRuns: 1_000 },
    )
    expect(page.updates).toBe(updates)
    expect([...page.ydoc.share.keys()]).toEqual(["body"])
    page.close()
  })

  it("throws nothing at any item of the page, on either side, as type and as item", () => {
    const page = oddPage()
    for (const [client, structs] of page.ydoc.store.clients) {
      const end = structs.reduce((sum, { length }) => sum + length, 0)
      for (let clock = 0; clock <= end; clock++) {
        for (const assoc of [-1, 0]) {
          const positions = [
            { type: { client, clock }, assoc },
            { item: { client, clock }, assoc },
          ]
          present(
            page,
            positions.map((one) => ({ user: { name: "Eve" }, cursor: { anchor: one, head: positions[1] } })),
          )
        }
      }
    }
    page.select(0, 0)
    page.type("still here ")
    page.frame()
    expect(page.text()).toContain("still here")
    page.close()
  })

  it("throws nothing when it comes with somebody's edit, at any item of the page", () => {
    const page = oddPage()
    const other = new Y.Doc()
    Y.applyUpdate(other, Y.encodeStateAsUpdate(page.ydoc))
    const block = other.getXmlFragment("body").get(0) as Y.XmlElement
    for (const [client, structs] of [...page.ydoc.store.clients]) {
      const end = structs.reduce((sum, { length }) => sum + length, 0)
      for (let clock = 0; clock <= end; clock++) {
        const [type, item] = [{ type: { client, clock } }, { item: { client, clock }, assoc: -1 }]
        const cursors = [type, item].map((anchor) => ({ user: { name: "Eve" }, cursor: { anchor, head: item } }))
        tell(page, cursors)
        const text = block.firstChild as Y.XmlText
        text.insert(text.length, ".")
        Y.applyUpdate(page.ydoc, Y.encodeStateAsUpdate(other, Y.encodeStateVector(page.ydoc)))
      }
    }
    expect(page.state.doc.child(0).textContent).toBe((block.firstChild as Y.XmlText).toString())
    page.close()
  })

  it("does not make objects mean something else", () => {
    const page = oddPage()
    present(page, [
      JSON.parse('{"__proto__":{"user":{"name":"Eve"}},"cursor":{"__proto__":{"anchor":{"tname":"body"}},"head":{}}}'),
    ])
    expect(({} as { user?: unknown }).user).toBeUndefined()
    expect(({} as { anchor?: unknown }).anchor).toBeUndefined()
    page.close()
  })
})
