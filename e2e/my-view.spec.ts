import type { Person } from "@quire/playwright"
import { expect, test } from "./fixtures.js"

/** How many lines the page has: several windows full. */
const LINES = 60

for (const holds of [true, false]) {
  test.describe(holds ? "in a browser that holds on to a line" : "in a browser that does not", () => {
    test("what others insert, delete and turn into headings above leaves the line with my caret where it is", async ({
      people,
    }) => {
      const [anna, ben] = await withLongPage(people, holds, "caret")
      await anna.goTo("line 30,")
      await centre(anna, "line 30,")
      for (const change of changesAbove(ben)) {
        const before = await caretTop(anna)
        await change()
        await expect([anna, ben]).toConverge()
        await expectStill(before, () => caretTop(anna))
      }
      await anna.type("!")
      await expect([anna, ben]).toConverge(/line 30,.*!\n/)
    })

    test("what others do above leaves the first line I see where it is when I only read", async ({ people }) => {
      const [anna, ben] = await withLongPage(people, holds, "reading")
      await anna.page.getByRole("textbox", { name: "Title" }).focus()
      await centre(anna, "line 30,")
      for (const change of changesAbove(ben)) {
        const before = await topOf(anna, "line 30,")
        await change()
        await expect([anna, ben]).toConverge()
        await expectStill(before, () => topOf(anna, "line 30,"))
      }
    })

    test("the line I type in stays where it is while somebody writes above", async ({ people }) => {
      const [anna, ben] = await withLongPage(people, holds, "typing")
      await anna.goTo("line 30,")
      await centre(anna, "line 30,")
      const before = await caretTop(anna)
      await ben.goTo(2)
      await Promise.all([
        anna.page.keyboard.type(" my own", { delay: 60 }),
        (async () => {
          for (let i = 0; i < 4; i++) {
            await ben.page.keyboard.press("Enter")
            await ben.type(`between ${i}`)
          }
        })(),
      ])
      await expect([anna, ben]).toConverge(/between 3\n/)
      await expectStill(before, () => caretTop(anna))
    })

    test("the line with my caret stays even where nothing is scrolled yet", async ({ people }) => {
      const [anna, ben] = await withLongPage(people, holds, "top")
      await anna.goTo(0)
      const before = await caretTop(anna)
      await ben.goTo(0)
      await ben.page.keyboard.press("Control+Home")
      await ben.type("A line before all others")
      await ben.page.keyboard.press("Enter")
      await expect([anna, ben]).toConverge(/^A line before/)
      await expectStill(before, () => caretTop(anna))
    })

    test("what is turned into a heading at the upper edge of my window does not move what is below it", async ({
      people,
    }) => {
      const [anna, ben] = await withLongPage(people, holds, "edge")
      await anna.page.getByRole("textbox", { name: "Title" }).focus()
      const edge = await anna.page.getByRole("banner").evaluate((header) => header.getBoundingClientRect().bottom)
      await scroll(anna, (await topOf(anna, "line 20,")) - edge + 10)
      const before = await topOf(anna, "line 21,")
      await ben.goTo("line 20,")
      await ben.page.keyboard.press("Control+Alt+1")
      await expect(anna.editor.getByRole("heading")).toHaveCount(1)
      await expectStill(before, () => topOf(anna, "line 21,"))
      await ben.page.keyboard.press("Control+Shift+8")
      await expect(anna.editor.locator("[data-list]")).toHaveCount(1)
      await expectStill(before, () => topOf(anna, "line 21,"))
    })
  })
}

test("the title keeps the focus while others write and leave", async ({ people }) => {
  const [anna, ben] = await withLongPage(people, true, "focus")
  const title = anna.page.getByRole("textbox", { name: "Title" })
  await anna.goTo("line 3,")
  await title.focus()
  await ben.goTo("line 3,")
  await ben.type(" from Ben")
  await expect([anna, ben]).toConverge(/from Ben/)
  await expect(title).toBeFocused()
  await anna.type("Plan")
  await ben.page.close()
  await expect(anna.page.locator(".remote-caret")).toHaveCount(0)
  await expect(title).toBeFocused()
  await expect(title).toHaveValue("Plan")
  expect(await anna.text()).not.toContain("Plan")
})

async function withLongPage(
  people: (count: 2) => Promise<readonly [Person, Person]>,
  holds: boolean,
  name: string,
): Promise<readonly [Person, Person]> {
  const [anna, ben] = await people(2)
  await anna.open(name)
  await ben.open(name)
  if (!holds) await anna.page.evaluate(() => document.documentElement.style.setProperty("overflow-anchor", "none"))
  await ben.editor.evaluate((editor, lines) => {
    const clipboard = new DataTransfer()
    const words = "which goes on for a while, so that a heading of it needs more lines than a text does"
    const html = Array.from({ length: lines }, (_, index) => `<p>line ${index}, ${words}</p>`).join("")
    clipboard.setData("text/html", html)
    editor.dispatchEvent(new ClipboardEvent("paste", { clipboardData: clipboard, bubbles: true, cancelable: true }))
  }, LINES)
  await expect([anna, ben]).toConverge(/^line 0,[\s\S]*\nline 59,/)
  return [anna, ben]
}

/** What somebody does in the first lines of the page. */
function changesAbove(ben: Person): readonly (() => Promise<void>)[] {
  return [
    async () => {
      await ben.goTo("line 2,")
      for (const word of ["new", "newer", "newest"]) {
        await ben.page.keyboard.press("Enter")
        await ben.type(word)
      }
    },
    async () => {
      await ben.goTo("line 5,")
      for (let i = 0; i < 4; i++) await ben.page.keyboard.press("Shift+ArrowUp")
      await ben.page.keyboard.press("Control+Alt+1")
    },
    async () => {
      await ben.goTo("line 9,")
      for (let i = 0; i < 5; i++) await ben.page.keyboard.press("Shift+ArrowUp")
      await ben.page.keyboard.press("Delete")
    },
    async () => {
      await ben.page.keyboard.press("Control+z")
    },
  ]
}

async function caretTop(person: Person): Promise<number> {
  return person.page.evaluate(() => {
    const range = getSelection()?.getRangeAt(0)
    // A caret at the end of a text has no box of its own in some browsers; the character before it has.
    range?.setStart(range.startContainer, Math.max(0, range.startOffset - 1))
    return range?.getBoundingClientRect().bottom ?? Number.NaN
  })
}

function topOf(person: Person, text: string): Promise<number> {
  return person.editor.getByText(text).evaluate((block) => block.getBoundingClientRect().top)
}

async function centre(person: Person, text: string): Promise<void> {
  const height = await person.page.evaluate(() => innerHeight)
  await scroll(person, (await topOf(person, text)) - height / 2)
}

/** Scrolls, and lets the browser paint. */
function scroll(person: Person, distance: number): Promise<void> {
  return person.page.evaluate(async (by) => {
    window.scrollBy(0, by)
    for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame)
  }, distance)
}

async function expectStill(before: number, read: () => Promise<number>): Promise<void> {
  await expect.poll(async () => Math.abs((await read()) - before)).toBeLessThanOrEqual(1)
}
