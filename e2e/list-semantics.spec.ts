import type { Page } from "@playwright/test"
import { show, write } from "./every-state.js"
import { expect, test } from "./fixtures.js"

test("lists are lists to assistive technology: items, levels, numbers, and what is done or folded", async ({
  person,
  complaints,
}) => {
  const [anna, ben] = [await person("Anna"), await person("Ben")]
  await anna.open("semantics")
  await ben.open("semantics")
  await anna.goTo(0)
  await write(anna, "- pack\n⇥hat\n⇤drive\n\n1. first\nsecond\n\n[] bread\n\nplain")
  await expect(ben.editor.getByText("plain")).toBeVisible()
  for (const { page } of [anna, ben]) {
    await expect
      .poll(() => outline(page))
      .toEqual([
        "list",
        "  listitem level=1: •pack",
        "  listitem level=2: ◦hat",
        "  listitem level=1: •drive",
        "list",
        "  listitem level=1: 1.first",
        "  listitem level=1: 2.second",
        "list",
        "  listitem level=1: bread",
        "    checkbox Done checked=false",
        "paragraph: plain",
      ])
  }
  // What a colleague changes is told anew: an item that leaves ends the list, one that comes joins it.
  await anna.goTo("drive")
  await anna.page.keyboard.press("Control+Shift+8")
  await anna.goTo("bread")
  await anna.page.keyboard.press("Control+Enter")
  await anna.goTo("second")
  await write(anna, "\nthird")
  for (const { page } of [anna, ben]) {
    await expect
      .poll(() => outline(page))
      .toEqual([
        "list",
        "  listitem level=1: •pack",
        "  listitem level=2: ◦hat",
        "paragraph: drive",
        "list",
        "  listitem level=1: 1.first",
        "  listitem level=1: 2.second",
        "  listitem level=1: 3.third",
        "list",
        "  listitem level=1: bread",
        "    checkbox Done checked=true",
        "paragraph: plain",
      ])
  }
  expect(complaints).toEqual([])
})

test("a toggle says whether it is folded, and a key folds it; the caret does not stay in what is hidden", async ({
  person,
}) => {
  const anna = await person("Anna")
  await anna.open("folding")
  await anna.goTo(0)
  await anna.page.getByRole("button", { name: "More", exact: true }).click()
  await anna.page.getByRole("menuitemcheckbox", { name: "Folding list" }).click()
  await write(anna, "Details\ninside\n\nafter")
  const fold = anna.editor.getByRole("button", { name: "Fold or unfold" }).first()
  await expect(fold).toHaveAttribute("aria-expanded", "true")
  await anna.goTo("Details")
  await anna.page.keyboard.press("Control+Enter")
  await expect(fold).toHaveAttribute("aria-expanded", "false")
  await expect(anna.editor.getByText("inside")).toBeHidden()
  await anna.type("!")
  await anna.page.keyboard.press("Control+Enter")
  await expect(fold).toHaveAttribute("aria-expanded", "true")
  await anna.goTo("inside")
  await fold.click()
  await anna.type("?")
  await expect.poll(() => anna.text()).toBe("Details!?\ninside\nafter")
})

test("who may only read folds by Tab and Enter, and is told that a task cannot be changed", async ({
  server,
  person,
}) => {
  const page = await show("read-only", { server, person })
  const fold = page.getByRole("button", { name: "Fold or unfold" })
  await page.getByRole("button", { name: "Reload" }).focus()
  await expect(async () => {
    await page.keyboard.press("Tab")
    await expect(fold).toBeFocused({ timeout: 100 })
  }).toPass()
  await page.keyboard.press("Enter")
  await expect(fold).toHaveAttribute("aria-expanded", "false")
  await expect(page.getByText("inside", { exact: true })).toBeHidden()
  const task = page.getByRole("checkbox").first()
  await expect(task).toHaveAttribute("aria-readonly", "true")
  const wasChecked = await task.isChecked()
  await task.click()
  expect(await task.isChecked()).toBe(wasChecked)
})

test("a folded toggle's arrow points the way in which its text is read", async ({ person }) => {
  const anna = await person("Anna", { reducedMotion: "reduce" })
  await anna.open("arrows")
  await anna.goTo(0)
  await anna.page.getByRole("button", { name: "More", exact: true }).click()
  await anna.page.getByRole("menuitemcheckbox", { name: "Folding list" }).click()
  await anna.type("פרטים")
  const fold = anna.editor.getByRole("button", { name: "Fold or unfold" })
  const turn = (): Promise<string> => fold.evaluate((element) => getComputedStyle(element, "::before").transform)
  await expect.poll(turn).toBe("matrix(0, 1, -1, 0, 0, 0)") // down
  await fold.click()
  await expect.poll(turn).toBe("matrix(-1, 0, 0, -1, 0, 0)") // to the left
  const [arrow, text] = [await fold.boundingBox(), await anna.editor.getByText("פרטים").boundingBox()]
  expect(arrow?.x).toBeGreaterThan((text?.x ?? 0) + (text?.width ?? 0) - 30)
})

/** The page's text as Chromium tells it to assistive technology: a line a block. */
async function outline(page: Page): Promise<readonly string[]> {
  const session = await page.context().newCDPSession(page)
  const { nodes } = await session.send("Accessibility.getFullAXTree")
  await session.detach()
  const byId = new Map(nodes.map((node) => [node.nodeId, node]))
  const lines: string[] = []
  const visit = (node: (typeof nodes)[number], depth: number): void => {
    const role = String(node.role?.value)
    const isShown = !node.ignored && /^(list|listitem|paragraph|checkbox)$/.test(role)
    if (isShown) {
      const states = (node.properties ?? []).filter(({ name }) => name === "level" || name === "checked")
      const words = [role, ...(role === "checkbox" ? [node.name?.value] : [])]
      const said = states.map(({ name, value }) => `${name}=${String(value.value)}`)
      const text = role === "listitem" || role === "paragraph" ? textOf(node) : ""
      // The paragraph within an item says nothing of its own.
      if (role !== "paragraph" || depth === 0) {
        lines.push("  ".repeat(depth) + [...words, ...said].join(" ") + (text === "" ? "" : `: ${text}`))
      }
    }
    for (const id of node.childIds ?? []) {
      const child = byId.get(id)
      if (child !== undefined) visit(child, isShown ? depth + 1 : depth)
    }
  }
  const textOf = (node: (typeof nodes)[number]): string => {
    if (node.role?.value === "StaticText") return String(node.name?.value)
    return (node.childIds ?? []).map((id) => textOf(byId.get(id) ?? node)).join("")
  }
  const text = nodes.find(({ role, name }) => role?.value === "textbox" && name?.value === "Page text")
  for (const id of text?.childIds ?? []) {
    const child = byId.get(id)
    if (child !== undefined) visit(child, 0)
  }
  return lines
}
