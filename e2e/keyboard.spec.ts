import type { Locator, Page } from "@playwright/test"
import { expect, test } from "./fixtures.js"

test("everything can be done by keys alone, and the focus is seen at each stop", async ({ person, complaints }) => {
  test.slow()
  const anna = await person("Anna")
  const { page, editor } = anna
  const { keyboard } = page
  await page.goto("/")
  await expect(page.getByText("No documents yet")).toBeVisible()

  // The library: past the skip link to a new document.
  await keyboard.press("Tab")
  const skip = page.getByRole("link", { name: "Skip to content" })
  await expectFocus(skip)
  await expect(skip).toBeInViewport({ ratio: 1 })
  await keyboard.press("Enter")
  await expect(page.getByRole("main")).toBeFocused()
  await keyboard.press("Tab")
  await expectFocus(page.getByRole("button", { name: "New document" }).first())
  await keyboard.press("Enter")

  // Title and text.
  await expect(page.getByLabel("Title")).toBeFocused()
  await anna.type("By keys")
  await keyboard.press("Enter")
  await expect(editor).toBeFocused()
  await expect(editor).toHaveAccessibleDescription(/Alt.?F10 goes to the format bar/)
  await anna.type("one three")

  // The bar: every tool, and back to the same caret.
  for (let step = 0; step < "three".length; step++) await keyboard.press("ArrowLeft")
  await keyboard.press("Alt+F10")
  const bar = page.getByRole("toolbar", { name: "Format" })
  const tools = bar.locator("[data-tool]")
  for (const tool of await tools.all()) {
    await expectFocus(tool)
    await keyboard.press("ArrowRight")
  }
  await expectFocus(tools.first())
  await keyboard.press("End")
  await expectFocus(tools.last())
  await keyboard.press("Escape")
  await expect(editor).toBeFocused()
  await anna.type("two ")
  expect(await anna.text()).toBe("one two three")

  // The bar again, from the title and back to it.
  await page.getByLabel("Title").focus()
  await keyboard.press("Alt+F10")
  await expectFocus(tools.last())
  await keyboard.press("Escape")
  await expect(page.getByLabel("Title")).toBeFocused()
  await keyboard.press("Enter")

  // The menu: opened, walked through, left.
  await keyboard.press("Alt+F10")
  await keyboard.press("Home")
  const more = bar.getByRole("button", { name: "More" })
  while (!(await more.evaluate((element) => element === document.activeElement))) await keyboard.press("ArrowRight")
  await keyboard.press("Enter")
  for (const choice of await page.getByRole("menu").locator(".tool-choice").all()) {
    await expectFocus(choice)
    await keyboard.press("ArrowDown")
  }
  await keyboard.press("Escape")
  await expectFocus(more)
  await keyboard.press("Escape")
  await expect(editor).toBeFocused()

  // Lists, and the way out of them.
  await keyboard.press("Control+End")
  await keyboard.press("Enter")
  await anna.type("- outer")
  await keyboard.press("Enter")
  await keyboard.press("Tab")
  await anna.type("inner")
  const inner = editor.getByRole("listitem").filter({ hasText: "inner" })
  await expect(inner).toHaveAttribute("aria-level", "2")
  await keyboard.press("Shift+Tab")
  await expect(inner).toHaveAttribute("aria-level", "1")
  await keyboard.press("Tab")
  await expect(inner).toHaveAttribute("aria-level", "2")
  await keyboard.press("Escape")
  await keyboard.press("Shift+Tab")
  await expect(page.getByLabel("Title")).toBeFocused()
  await expect(inner).toHaveAttribute("aria-level", "2")
  await keyboard.press("Tab")
  await expect(editor).toBeFocused()
  await keyboard.press("Escape")
  await keyboard.press("Tab")
  await expect(editor).not.toBeFocused()
  await page.getByLabel("Title").focus()
  await keyboard.press("Enter")
  await expect(editor).toBeFocused()

  // A link.
  await keyboard.press("Control+End") // browsers put the caret to the start of a text that Tab leads into
  await keyboard.press("Control+Shift+ArrowLeft")
  await keyboard.press("Control+k")
  await expectFocus(page.getByLabel("Address"))
  await anna.type("example.org")
  await keyboard.press("Tab")
  await expectFocus(page.getByRole("button", { name: "Apply" }))
  await keyboard.press("Escape")
  await expect(editor).toBeFocused()
  await keyboard.press("Control+k")
  await anna.type("example.org")
  await keyboard.press("Enter")
  await expect(editor).toBeFocused()
  await expect(editor.getByRole("link", { name: "inner" })).toBeVisible()

  // One's name, and back to the list of documents.
  await keyboard.press("Escape")
  await keyboard.press("Shift+Tab")
  await keyboard.press("Shift+Tab")
  const self = page.getByRole("button", { name: /^You are/ })
  await expectFocus(self)
  await keyboard.press("Enter")
  await expectFocus(page.getByRole("textbox", { name: "Your name" }))
  await keyboard.press("Escape")
  await expectFocus(self)
  await keyboard.press("Enter")
  await page.getByRole("textbox", { name: "Your name" }).fill("Anna Maria")
  await keyboard.press("Enter")
  await expectFocus(page.getByRole("button", { name: "You are Anna Maria. Change your name" }))
  await keyboard.press("Shift+Tab")
  await expect(bar.locator(":focus")).toHaveCount(1)
  await keyboard.press("Shift+Tab")
  await expectFocus(page.getByRole("link", { name: "All documents" }))
  await keyboard.press("Enter")
  await expect(page.getByRole("main")).toBeFocused()
  const row = page.getByRole("link", { name: /By keys/ })
  await expect(row).toBeVisible()
  await keyboard.press("Tab")
  await keyboard.press("Tab")
  await expectFocus(row)
  expect(complaints).toEqual([])
})

/** That something has the focus, and that it can be seen to have it. */
async function expectFocus(target: Locator): Promise<void> {
  await expect(target).toBeFocused()
  await expect(target).toBeInViewport()
  expect(await outlineOf(target.page()), await target.innerText()).toMatch(/^(?!none)\w+ [1-9]/)
}

async function outlineOf(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement ?? document.body)
    return `${outlineStyle} ${outlineWidth}`
  })
}
