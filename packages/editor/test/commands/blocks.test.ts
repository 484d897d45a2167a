import { SeededRandom } from "@quire/testing"
import { describe, expect, it } from "vitest"
import { headingToParagraph, selectAllText, splitBlock, toHeading, toParagraph } from "../../src/commands/blocks.js"
import { keyBindings } from "../../src/keymap.js"
import { newPage, sharedPage, sync } from "../headless.js"

const split = splitBlock(new SeededRandom(1))

describe("turning a block into something else", () => {
  it("keeps every key of a colleague who types in it at the same moment", () => {
    const [ada, grace] = sharedPage(["the plan"])
    ada.select(0, 4)
    ada.run(toHeading(2))
    grace.select(0, 8)
    grace.type(" of tomorrow")
    sync(ada, grace)
    expect(ada.text()).toBe("## the plan of tomorrow")
    expect(grace.text()).toBe("## the plan of tomorrow")
    expect(ada.ids()).toEqual(grace.ids())
  })

  it("writes attributes only: no text is deleted or written again", () => {
    const [ada] = sharedPage(["the plan"])
    const sizes: number[] = []
    ada.ydoc.on("update", (update) => sizes.push(update.length))
    let deleted = 0
    ada.ydoc.on("afterTransaction", (transaction) => {
      for (const ranges of transaction.deleteSet.clients.values()) for (const range of ranges) deleted += range.len
    })
    ada.run(toHeading(2))
    expect(sizes).toHaveLength(1)
    expect(deleted).toBe(2) // the two former attribute values, kind and level
    expect(ada.text()).toBe("## the plan")
  })

  it("keeps both when one makes a heading and another makes text strong", () => {
    const [ada, grace] = sharedPage(["the plan"])
    ada.run(toHeading(3))
    grace.select(0, 0, 3)
    grace.run((state, dispatch) => {
      dispatch?.(state.tr.addMark(1, 4, state.schema.mark("strong")))
      return true
    })
    sync(ada, grace)
    expect(ada.state.doc.toString()).toBe(grace.state.doc.toString())
    expect(ada.state.doc.toString()).toContain('strong("the")')
    expect(ada.text()).toBe("### the plan")
  })

  it("writes nothing when the block already is that", () => {
    const [ada] = sharedPage(["the plan"])
    expect(ada.run(toParagraph)).toBe(true)
    expect(ada.updates).toBe(0)
  })

  it("reaches every block of the selection", () => {
    const [ada] = sharedPage(["one", "two", "three"])
    ada.run(selectAllText)
    ada.run(toHeading(1))
    expect(ada.text()).toBe("# one\n# two\n# three")
  })
})

describe("Enter", () => {
  it("leaves the id with the old text and gives the rest a fresh one", () => {
    const [page] = sharedPage(["one two"])
    const [id] = page.ids()
    page.select(0, 3)
    page.run(split)
    expect(page.text()).toBe("one\n two")
    expect(page.ids()).toEqual([id, expect.stringMatching(/^[2-9a-z]{12}$/)])
    expect(page.caret()).toEqual([1, 0])
  })

  it("puts an empty paragraph before a text when pressed at its start, and the text keeps its id", () => {
    const [page] = sharedPage(["title"])
    const [id] = page.ids()
    page.run(toHeading(1))
    page.select(0, 0)
    page.run(split)
    expect(page.text()).toBe("\n# title")
    expect(page.ids()[1]).toBe(id)
    expect(page.caret()).toEqual([1, 0])
  })

  it("gives a paragraph at the end of a heading, and a second heading in the middle", () => {
    const [page] = sharedPage(["head line"])
    page.run(toHeading(2))
    page.select(0, 9)
    page.run(split)
    expect(page.text()).toBe("## head line\n")
    page.select(0, 4)
    page.run(split)
    expect(page.text()).toBe("## head\n##  line\n")
  })

  it("replaces what is selected", () => {
    const [page] = sharedPage(["one two three"])
    page.select(0, 4, 8)
    page.run(split)
    expect(page.text()).toBe("one \nthree")
  })

  it("loses no key that a colleague types at the start of the block", () => {
    const [ada, grace] = sharedPage(["one two"])
    ada.select(0, 3)
    ada.run(split)
    grace.select(0, 0)
    grace.type("> ")
    sync(ada, grace)
    expect(ada.text()).toBe("> one\n two")
    expect(grace.text()).toBe("> one\n two")
  })
})

describe("Backspace", () => {
  it("turns a heading into a paragraph at its start, and applies nowhere else", () => {
    const [page] = sharedPage(["title"])
    page.run(toHeading(1))
    page.select(0, 2)
    expect(page.run(headingToParagraph)).toBe(false)
    page.select(0, 0)
    expect(page.run(headingToParagraph)).toBe(true)
    expect(page.text()).toBe("title")
    expect(page.run(headingToParagraph)).toBe(false)
  })
})

describe("the whole text", () => {
  it("can be selected and deleted, leaving the first block to write in", () => {
    const [page] = sharedPage(["one", "two"])
    const [id] = page.ids()
    page.run(selectAllText)
    page.dispatch(page.state.tr.deleteSelection())
    expect(page.text()).toBe("")
    expect(page.ids()).toEqual([id])
  })
})

it("has a key for each promised command", () => {
  const page = newPage()
  const keys = Object.keys(keyBindings(page.history, new SeededRandom(1)))
  for (const key of ["Mod-b", "Mod-i", "Mod-z", "Mod-Shift-z", "Mod-y", "Enter", "Backspace"]) {
    expect(keys).toContain(key)
  }
  for (const level of [0, 1, 2, 3]) expect(keys).toContain(`Mod-Alt-${level}`)
})
