import type { Person } from "@quire/playwright"
import { expect, test } from "./fixtures.js"

const ITEMS = 400
const PARAGRAPHS = 200

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

test("blocks that are painted on their own stand where they would stand together", async ({ person }) => {
  const anna = await person("Anna")
  await anna.open("margins")
  await anna.goTo(0)
  for (const line of ["## Plan", "- pack", "\b\btext", "> said", "\b\b", "# More"]) {
    await anna.type(line.replaceAll("\b", ""))
    await anna.page.keyboard.press("Enter")
    if (line.startsWith("\b") || line.startsWith("-") || line.startsWith(">")) await anna.page.keyboard.press("Enter")
  }
  const tops = (): Promise<number[]> =>
    anna.editor.locator("> *").evaluateAll((all) => all.map((block) => block.getBoundingClientRect().top))
  const apart = await tops()
  await anna.page.evaluate(() => {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(".page-text > * { content-visibility: visible !important }")
    document.adoptedStyleSheets = [sheet]
  })
  expect(await tops()).toEqual(apart)
})
