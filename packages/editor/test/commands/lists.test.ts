import { schema } from "@quire/schema"
import { SeededRandom } from "@quire/testing"
import type { Command } from "prosemirror-state"
import { describe, expect, it } from "vitest"
import { selectAllText } from "../../src/commands/blocks.js"
import { indentItems, outdentItems, toggleChecked, toggleList } from "../../src/commands/lists.js"
import { toggleQuote } from "../../src/commands/quotes.js"
import { keyBindings } from "../../src/keymap.js"
import { type HeadlessEditor, sharedPage, sync } from "../headless.js"
import { bytesWritten, outline } from "../outline.js"

function key(page: HeadlessEditor, name: string): boolean {
  return page.run(keyBindings(page.history, new SeededRandom(3))[name] as Command) // a key that exists
}

function listOf(lines: readonly string[]): HeadlessEditor {
  const [page] = sharedPage(lines)
  page.run(selectAllText)
  page.run(toggleList("bullet"))
  return page
}

describe("lists", () => {
  it("turns blocks into items, and back where all of them are", () => {
    const page = listOf(["one", "two"])
    expect(outline(page)).toBe("bullet: one\nbullet: two")
    page.run(toggleList("ordered"))
    expect(outline(page)).toBe("ordered: one\nordered: two")
    page.run(toggleList("ordered"))
    expect(outline(page)).toBe(": one\n: two")
  })

  it("forgets what another kind of list needed", () => {
    const [page] = sharedPage(["one"])
    page.run(toggleList("task"))
    page.run(toggleChecked)
    expect(outline(page)).toBe("task checked: one")
    page.run(toggleList("bullet"))
    expect(page.state.doc.child(0).attrs).toMatchObject({ list: "bullet", checked: null })
  })

  it("moves an item with all that belongs to it, and not further than something above can hold", () => {
    const page = listOf(["one", "two", "three", "four"])
    page.select(2, 0)
    page.run(indentItems)
    page.select(1, 0)
    page.run(indentItems)
    expect(outline(page)).toBe("bullet: one\nbullet in 1: two\nbullet in 2: three\nbullet: four")
    const updates = page.updates
    expect(page.run(indentItems)).toBe(true)
    expect(page.updates).toBe(updates)
    page.run(outdentItems)
    expect(outline(page)).toBe("bullet: one\nbullet: two\nbullet in 1: three\nbullet: four")
  })

  it("leaves Tab alone outside of lists", () => {
    const [page] = sharedPage(["one", "two"])
    page.select(1, 0)
    expect(key(page, "Tab")).toBe(false)
    expect(key(page, "Shift-Tab")).toBe(false)
    expect(page.updates).toBe(0)
  })

  it("writes only the attributes that change", () => {
    const [page] = sharedPage(["one", "two"])
    const written = bytesWritten(page, () => page.run(toggleList("bullet")))
    expect(written.attributes).toEqual([{ list: "bullet" }])
    expect(written.deleted).toBe(0)
    page.select(1, 0)
    page.run(toggleList("bullet"))
    expect(bytesWritten(page, () => page.run(indentItems)).attributes).toEqual([{ indent: 1 }])
  })
})

describe("two people", () => {
  it.each<[string, Command]>([
    ["an item", toggleList("bullet")],
    ["a task", toggleList("task")],
    ["a quote", toggleQuote],
  ])("lose no key when one makes a text %s while the other types in it", (_what, command) => {
    const [ada, grace] = sharedPage(["the plan"])
    grace.select(0, 8)
    ada.run(command)
    grace.type(" of tomorrow")
    sync(ada, grace)
    expect(ada.text()).toBe("the plan of tomorrow")
    expect(outline(grace)).toBe(outline(ada))
    expect(outline(ada)).toMatch(/^(?:bullet|task|quote 1): /)
  })

  it("keep both when one checks and the other indents", () => {
    const [ada, grace] = sharedPage(["one", "two"])
    ada.run(selectAllText)
    ada.run(toggleList("task"))
    sync(ada, grace)
    ada.select(1, 0)
    grace.select(1, 3)
    ada.run(toggleChecked)
    grace.run(indentItems)
    grace.type("!")
    sync(ada, grace)
    expect(outline(ada)).toBe("task: one\ntask checked in 1: two!")
    expect(outline(grace)).toBe(outline(ada))
  })
})

describe("Enter in a list", () => {
  it("begins another item, which is not done and has no number of its own", () => {
    const [page] = sharedPage(["one"])
    page.run(toggleList("task"))
    page.run(toggleChecked)
    page.select(0, 3)
    key(page, "Enter")
    expect(outline(page)).toBe("task checked: one\ntask: ")
  })

  it("takes an empty item one step out each time, and at last out of the list", () => {
    const page = listOf(["one", ""])
    page.select(1, 0)
    page.run(indentItems)
    key(page, "Enter")
    expect(outline(page)).toBe("bullet: one\nbullet: ")
    key(page, "Enter")
    expect(outline(page)).toBe("bullet: one\n: ")
    key(page, "Enter")
    expect(outline(page)).toBe("bullet: one\n: \n: ")
  })

  it("takes an empty paragraph out of a quote", () => {
    const [page] = sharedPage(["one"])
    page.run(toggleQuote)
    page.select(0, 3)
    key(page, "Enter")
    expect(outline(page)).toBe("quote 1: one\nquote 1: ")
    key(page, "Enter")
    expect(outline(page)).toBe("quote 1: one\n: ")
  })

  it("goes into a toggle from the end of its line", () => {
    const [page] = sharedPage(["more"])
    page.run(toggleList("toggle"))
    page.select(0, 4)
    key(page, "Enter")
    expect(outline(page)).toBe("toggle: more\nin 1: ")
  })

  it("hands the number on to the item that is put before", () => {
    const [page] = sharedPage(["five"])
    page.dispatch(page.state.tr.setNodeAttribute(0, "list", "ordered").setNodeAttribute(0, "start", 5))
    page.select(0, 0)
    key(page, "Enter")
    expect(outline(page)).toBe("ordered start 5: \nordered: five")
  })

  it("breaks the line with Shift, within one block", () => {
    const page = listOf(["one two"])
    page.select(0, 3)
    key(page, "Shift-Enter")
    expect(outline(page)).toBe("bullet: one\n two")
    expect(page.state.doc.childCount).toBe(1)
  })
})

describe("Backspace at the start", () => {
  it("goes out of the indent, then the list, then the quote, and only then joins", () => {
    const page = listOf(["one", "two"])
    page.select(1, 0)
    page.run(indentItems)
    page.run(toggleQuote)
    for (const expected of ["bullet quote 1: two", "quote 1: two", ": two"]) {
      key(page, "Backspace")
      expect(outline(page).split("\n")[1]).toBe(expected)
    }
    expect(page.text()).toBe("one\ntwo")
  })
})

describe("a page of version 1", () => {
  it("gets no newer attribute by being opened, typed in, split or made a heading", () => {
    const [page] = sharedPage(["one", "two"])
    page.select(0, 3)
    page.type("x")
    key(page, "Enter")
    key(page, "Mod-Alt-1")
    key(page, "Mod-b")
    page.type("y")
    const newer = ["list", "start", "checked", "indent", "quote"]
    for (const block of page.body()) for (const name of newer) expect(block).not.toHaveProperty(name)
    expect(schema.nodes.textblock.spec.attrs).toHaveProperty("list")
  })
})
