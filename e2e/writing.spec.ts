import type { Person } from "@quire/playwright"
import { expect, test } from "./fixtures.js"

/** Types a text of several lines, `⇥` being Tab and `⇤` Shift+Tab. */
async function write(person: Person, text: string): Promise<void> {
  for (const part of text.split(/([\n⇥⇤])/)) {
    const key = { "\n": "Enter", "⇥": "Tab", "⇤": "Shift+Tab" }[part]
    if (key === undefined) await person.type(part)
    else await person.page.keyboard.press(key)
  }
}

test("lists, quotes, code and rules are written as in Markdown, and others see them", async ({
  person,
  complaints,
}) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")]
  await anna.open("writing")
  await ben.open("writing")
  await anna.goTo(0)
  await write(
    anna,
    "## Plan\n- pack\n⇥hat\nsun cream\n⇤drive\n\n1. first\nsecond\n\n> said **so**\n\n---[] bread\n\n```ts\nlet a\nlet b",
  )
  await expect(ben.editor.locator("pre")).toHaveText("let a\nlet b")
  await expect(ben.editor.getByRole("heading", { level: 2 })).toHaveText("Plan")
  const items = ben.editor.getByRole("listitem")
  await expect(items).toHaveText(["pack", "hat", "sun cream", "drive", "first", "second", "bread"])
  for (const [index, level] of ["1", "2", "2", "1", "1", "1", "1"].entries()) {
    await expect(items.nth(index)).toHaveAttribute("aria-level", level)
  }
  await expect(ben.editor.getByRole("blockquote")).toHaveText("said so")
  await expect(ben.editor.locator("strong")).toHaveText("so")
  await expect(ben.editor.getByRole("separator")).toHaveCount(1)
  await expect([anna, ben]).toConverge()
  expect(complaints).toEqual([])
})

test("a task is checked by a click and by a key, while somebody types in it", async ({ person }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")]
  await anna.open("tasks")
  await ben.open("tasks")
  await anna.goTo(0)
  await write(anna, "[] bread")
  await expect(ben.editor.getByRole("checkbox")).not.toBeChecked()
  await ben.goTo("bread")
  await Promise.all([ben.type(" and butter"), anna.editor.getByRole("checkbox").click()])
  for (const one of [anna, ben]) {
    await expect(one.editor.getByRole("checkbox")).toBeChecked()
    await expect.poll(() => one.text()).toBe("bread and butter")
  }
  await ben.page.keyboard.press("Control+Enter")
  await expect(anna.editor.getByRole("checkbox")).not.toBeChecked()
})

test("a toggle folds for oneself only", async ({ person }) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")]
  await anna.open("folding")
  await ben.open("folding")
  await anna.goTo(0)
  await anna.page.getByRole("button", { name: "More" }).click()
  await anna.page.getByRole("menuitemcheckbox", { name: "Folding list" }).click()
  await write(anna, "Details\ninside")
  await expect(ben.editor.getByText("inside")).toBeVisible()
  await anna.editor.getByRole("button", { name: "Fold or unfold" }).click()
  await expect(anna.editor.getByText("inside")).toBeHidden()
  await expect(ben.editor.getByText("inside")).toBeVisible()
  await anna.editor.getByRole("button", { name: "Fold or unfold" }).click()
  await expect(anna.editor.getByText("inside")).toBeVisible()
})

test("a link is made by its key, refuses what is no address, and leaves by an empty field", async ({ person }) => {
  const anna = await person("Anna")
  await anna.open("links")
  await anna.goTo(0)
  await anna.type("our plan")
  await anna.page.keyboard.press("Control+Shift+ArrowLeft")
  await anna.page.keyboard.press("Control+k")
  const field = anna.page.getByRole("textbox", { name: "Address" })
  await expect(field).toBeFocused()
  await field.fill("javascript:alert(1)")
  await anna.page.keyboard.press("Enter")
  await expect(anna.page.getByRole("alert")).toContainText("no web, mail or phone address")
  await field.fill("example.org/plan")
  await anna.page.keyboard.press("Enter")
  await expect(anna.editor).toBeFocused()
  const link = anna.editor.getByRole("link", { name: "plan" })
  await expect(link).toHaveAttribute("href", "https://example.org/plan")
  await expect(link).toHaveAttribute("rel", "noopener noreferrer nofollow")
  await anna.page.keyboard.press("Control+k")
  await expect(field).toHaveValue("https://example.org/plan")
  await field.fill("")
  await anna.page.keyboard.press("Enter")
  await expect(link).toHaveCount(0)
  expect(await anna.text()).toBe("our plan")
})

test("what is copied here comes back as it was, and other programs' lists become lists", async ({
  person,
  complaints,
}) => {
  const anna = await person("Anna", { permissions: ["clipboard-read", "clipboard-write"] })
  await anna.open("clipboard")
  await anna.goTo(0)
  await write(anna, "- one\n⇥two  wide\n⇤three\n\n> said\n\n```\na  b\n  c")
  const before = await anna.text()
  await anna.page.keyboard.press("Control+a")
  await anna.page.keyboard.press("Control+c")
  const copied = await anna.page.evaluate(async () => {
    const [item] = await navigator.clipboard.read()
    return (await item?.getType("text/html"))?.text()
  })
  expect(copied).toMatch(/<ul[^>]*><li>one<ul><li><p data-space="keep">two {2}wide<\/p><\/li><\/ul><\/li><li>three/)
  await anna.page.keyboard.press("Control+v")
  expect(await anna.text()).toBe(before)
  await expect(anna.editor.getByRole("listitem")).toHaveText(["one", "two  wide", "three"])
  await expect(anna.editor.locator("pre")).toHaveText("a  b\n  c")
  await anna.page.evaluate(async () => {
    const html = "<ol start='3'><li>drei<ul><li>innen</li></ul></li><li>vier</li></ol><blockquote>gesagt</blockquote>"
    await navigator.clipboard.write([new ClipboardItem({ "text/html": new Blob([html], { type: "text/html" }) })])
  })
  await anna.page.keyboard.press("Control+a")
  await anna.page.keyboard.press("Control+v")
  await expect(anna.editor.getByRole("listitem")).toHaveText(["drei", "innen", "vier"])
  await expect(anna.editor.locator("[data-list]").first()).toHaveAttribute("data-start", "3")
  await expect(anna.editor.getByRole("blockquote")).toHaveText("gesagt")
  expect(complaints).toEqual([])
})

test("the toolbar is one tab stop, and on a narrow screen the menu has what the bar lacks", async ({ person }) => {
  const anna = await person("Anna", { viewport: { width: 390, height: 800 } })
  await anna.open("narrow")
  await anna.goTo(0)
  await anna.type("item")
  const bar = anna.page.getByRole("toolbar")
  await expect(bar.locator('button[tabindex="0"]:visible')).toHaveCount(1)
  await anna.page.keyboard.press("Alt+F10")
  await anna.page.keyboard.press("End")
  await expect(bar.getByRole("button", { name: "Redo" })).toBeFocused()
  await expect(bar.getByRole("button", { name: "Redo" })).toBeInViewport({ ratio: 1 })
  for (let i = 0; i < 2; i++) await anna.page.keyboard.press("ArrowLeft")
  await expect(bar.getByRole("button", { name: "More" })).toBeFocused()
  await anna.page.keyboard.press("Enter")
  await expect(anna.page.getByRole("menuitemcheckbox", { name: "Bulleted list" })).toBeFocused()
  await anna.page.keyboard.press("ArrowDown")
  await anna.page.keyboard.press("Enter")
  await expect(anna.editor).toBeFocused()
  await expect(anna.editor.getByRole("listitem")).toHaveText(["item"])
  await bar.getByRole("button", { name: "More" }).click()
  await anna.page.getByRole("menuitemcheckbox", { name: "Link" }).click()
  await expect(anna.page.getByRole("textbox", { name: "Address" })).toBeFocused()
  await anna.page.keyboard.press("Escape")
  await expect(anna.editor).toBeFocused()
})
