import type { Person } from "@quire/playwright"
import { expect, test } from "./fixtures.js"

const ITEMS = 800
const PARAGRAPHS = 300

/** A page far longer than a window: a numbered list, then paragraphs of several lines. */
async function pasteLongPage(anna: Person): Promise<void> {
  const items = Array.from({ length: ITEMS }, (_none, index) => `<li>item ${index + 1}</li>`).join("")
  const paragraphs = Array.from({ length: PARAGRAPHS }, (_none, index) => `<p>${`line ${index + 1} `.repeat(40)}</p>`)
  await anna.page.evaluate(
    async (html) => {
      await navigator.clipboard.write([new ClipboardItem({ "text/html": new Blob([html], { type: "text/html" }) })])
    },
    `<ol>${items}</ol>${paragraphs.join("")}`,
  )
  await anna.page.keyboard.press("Control+v")
  await expect(anna.editor.locator("> *")).toHaveCount(ITEMS + PARAGRAPHS)
}

/** The numbers that the browser has for the items, in view or not, as assistive technology is told of them. */
async function numbersOf(anna: Person): Promise<readonly string[]> {
  const session = await anna.page.context().newCDPSession(anna.page)
  const { nodes } = await session.send("Accessibility.getFullAXTree")
  await session.detach()
  const texts = nodes.filter(({ role }) => role?.value === "InlineTextBox").map(({ name }) => String(name?.value))
  // A counter is a box of its own, with the dot in the next.
  const numbers = texts.filter((text, index) => /^\d+$/.test(text) && texts[index + 1] === ".")
  return [...new Set(numbers)] // the tree tells of an item that another element owns in two places
}

test("a page far longer than the window is numbered, found, printed and walked through as a whole", async ({
  person,
  complaints,
}) => {
  const anna = await person("Anna", { permissions: ["clipboard-read", "clipboard-write"] })
  await anna.open("long")
  await anna.goTo(0)
  await pasteLongPage(anna)
  const blocks = anna.editor.locator("> *")

  // The end of what was pasted is in view; what is above was never drawn.
  await expect(blocks.last()).toBeInViewport()
  await blocks.nth(ITEMS - 1).scrollIntoViewIfNeeded()
  await expect(blocks.nth(ITEMS - 1)).toBeInViewport()
  const numbers = await numbersOf(anna)
  // Those out of view are asked for when they are needed; what there is goes up to the item in view, one by one.
  expect(numbers.at(-1)).toBe(String(ITEMS))
  expect(numbers).toEqual(numbers.map((_number, index) => String(ITEMS - numbers.length + 1 + index)))

  await anna.page.keyboard.press("Control+Home")
  await expect(blocks.first()).toBeInViewport()
  await anna.page.keyboard.press("Control+End")
  await expect(blocks.last()).toBeInViewport()
  await anna.type("the end")
  await expect(blocks.last()).toContainText("the end")

  const found = await anna.page.evaluate((text) => {
    getSelection()?.removeAllRanges()
    // What the browser's own search does; the type is not in TypeScript's list.
    return (window as unknown as { find(text: string): boolean }).find(text)
  }, "item 222")
  expect(found).toBe(true)
  await expect(blocks.nth(221)).toBeInViewport()

  await anna.page.emulateMedia({ media: "print" })
  await expect(blocks.nth(100)).toHaveCSS("content-visibility", "visible")
  expect(complaints).toEqual([])
})

test("what is in view stays where it is while somebody writes above it, also where nothing was ever drawn", async ({
  person,
}) => {
  const [anna, ben] = [
    await person("Anna", { permissions: ["clipboard-read", "clipboard-write"] }),
    await person("Ben"),
  ]
  await anna.open("above")
  await anna.goTo(0)
  await pasteLongPage(anna)
  await ben.open("above")
  const blocks = anna.editor.locator("> *")
  await anna.page.keyboard.press("Control+End")
  const top = (): Promise<number> =>
    blocks.filter({ hasText: `line ${PARAGRAPHS - 1} ` }).evaluate((block) => block.getBoundingClientRect().top)
  await expect(blocks.last()).toBeInViewport()
  const before = await top()
  await ben.goTo(0)
  await ben.type("several\nnew\nblocks above\n")
  await ben.page.keyboard.press("Enter")
  await expect([anna, ben]).toConverge()
  expect(Math.abs((await top()) - before)).toBeLessThan(1)
})

test("keys go where the caret is, in blocks that were made this very moment", async ({ person }) => {
  const anna = await person("Anna", { permissions: ["clipboard-read", "clipboard-write"] })
  await anna.open("quick")
  await anna.goTo(0)
  await pasteLongPage(anna)
  await anna.page.keyboard.press("Control+End")
  for (let line = 0; line < 100; line++) {
    await anna.page.keyboard.press("Enter")
    await anna.page.keyboard.type("abc")
  }
  await expect.poll(async () => (await anna.text()).split("\n").slice(-100)).toEqual(Array(100).fill("abc"))
})

test("blocks that are painted on their own stand where they would stand together", async ({ person }) => {
  const anna = await person("Anna", { permissions: ["clipboard-read", "clipboard-write"] })
  await anna.open("margins")
  await anna.goTo(0)
  await pasteLongPage(anna)
  await anna.page.keyboard.press("Enter")
  for (const line of ["## Plan", "- pack", "\b\btext", "> said", "\b\b", "# More"]) {
    await anna.type(line.replaceAll("\b", ""))
    await anna.page.keyboard.press("Enter")
    if (line.startsWith("\b") || line.startsWith("-") || line.startsWith(">")) await anna.page.keyboard.press("Enter")
  }
  /** Where the last blocks stand, from the last one up: those far above have an estimated height. */
  const tops = (): Promise<number[]> =>
    anna.editor.locator("> *").evaluateAll((all) => {
      const ends = all.slice(-10).map((block) => block.getBoundingClientRect().top)
      return ends.map((top) => top - (ends.at(-1) ?? 0))
    })
  const apart = await tops()
  await anna.page.evaluate(() => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(".page-text > * { content-visibility: visible !important }")
    document.adoptedStyleSheets = [sheet]
  })
  expect(await tops()).toEqual(apart)
})
