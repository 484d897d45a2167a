import { readFileSync, writeFileSync } from "node:fs"
import { bodyOf } from "@quire/document"
import { schema } from "@quire/schema"
import { SeededRandom } from "@quire/testing"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { initProseMirrorDoc } from "y-prosemirror"
import { deliver, sharedPage } from "./headless.js"
import { ACTIONS, REASONS } from "./intent.js"
import { ACTION_NAMES } from "./intent-names.js"
import { intentPage, runAll, worstOf } from "./intent-page.js"
import { randomEdit } from "./random-edit.js"

/** The generated page; written anew when `UPDATE_INTENT` is set. */
const INTENT_PAGE = new URL("../../../docs/intent.md", import.meta.url)

describe("a word typed while somebody else edits", () => {
  const cells = runAll()

  it.each(ACTIONS.map(({ name }) => name))("stays where it was typed, but for the named reasons: %s", (name) => {
    for (const cell of cells.filter(({ action }) => action.name === name)) {
      const where = `block ${cell.place.block + 1}, ${cell.place.at}`
      const reason = cell.action.reason(cell.place)
      expect([where, worstOf(cell) === "kept" ? undefined : (reason ?? "no reason")]).toEqual([where, reason])
    }
  })

  it("is tried with everything that the browser test knows by name", () => {
    expect(ACTIONS.map(({ name }) => name)).toEqual(ACTION_NAMES)
  })

  it("is lost only with a block that was deleted, moved, or joined to another", () => {
    const reasons = cells.filter((cell) => worstOf(cell) === "lost").map(({ action, place }) => action.reason(place))
    expect(new Set(reasons)).toEqual(new Set(["deleted", "moved", "joined"]))
    const used = new Set(cells.flatMap(({ action, place }) => action.reason(place) ?? []))
    expect([...used].sort()).toEqual(Object.keys(REASONS).sort())
  })

  it("is told of in docs/intent.md", () => {
    const page = intentPage(cells)
    if (process.env.UPDATE_INTENT !== undefined) writeFileSync(INTENT_PAGE, page)
    expect(readFileSync(INTENT_PAGE, "utf8")).toBe(page)
  })
})

describe("two people doing anything at once", () => {
  it("end with one page, shown as it is stored, in any order of delivery", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 2, max: 25 }), (seed, length) => {
        const random = new SeededRandom(seed)
        const [ada, grace] = sharedPage(["one", "two words", "", "four"])
        for (let index = 0; index < length; index++) {
          const [doer, other] = random.below(2) === 0 ? [ada, grace] : [grace, ada]
          randomEdit(doer, random)
          if (random.below(3) === 0) deliver(doer, other)
          if (random.below(4) === 0) deliver(other, doer)
        }
        deliver(ada, grace)
        deliver(grace, ada)
        for (const person of [ada, grace]) {
          const stored = initProseMirrorDoc(bodyOf(person.ydoc), schema).doc
          expect(person.state.doc.toJSON()).toEqual(stored.toJSON())
          expect(person.text()).toBe(ada.text())
          person.state.doc.check()
        }
        ada.close()
        grace.close()
      }),
      { numRuns: 60 },
    )
  })
})
