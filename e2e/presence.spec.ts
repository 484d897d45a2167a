import type { Person } from "@quire/playwright"
import { expect, test } from "./fixtures.js"

/** Somebody whose page's time stands still, and moves when the test says so. */
async function withStoppedClock(anna: Person, document: string): Promise<void> {
  await anna.clock.install()
  await anna.open(document)
  await anna.clock.pauseAt((await anna.page.evaluate(() => Date.now())) + 500)
}

/** What the carets of others say of themselves, after the page has painted a few frames. */
async function stages(anna: Person, selector = ".remote-caret"): Promise<readonly (string | undefined)[]> {
  await anna.clock.runFor(40)
  return anna.editor.locator(selector).evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset.stage))
}

function nameOpacity(anna: Person): Promise<string> {
  const name = anna.editor.locator(".remote-caret-name")
  return name.evaluate((element) => getComputedStyle(element, "::after").opacity)
}

test("a name stands at a caret for a moment after a key, and not because I write or redraw its line", async ({
  people,
  complaints,
}) => {
  const [anna, ben] = await people(2)
  await withStoppedClock(anna, "names")
  await ben.open("names")
  await ben.goTo(0)
  await ben.type("Hello")
  await expect.poll(() => stages(anna)).toEqual(["active"])
  await expect.poll(() => nameOpacity(anna)).toBe("1")
  await anna.clock.runFor(2_000)
  await expect.poll(() => stages(anna)).toEqual(["present"])
  await expect.poll(() => nameOpacity(anna)).toBe("0")

  await anna.editor.click()
  await anna.page.keyboard.press("Home")
  await anna.type("Oh. ")
  await expect.poll(() => ben.text()).toBe("Oh. Hello")
  await anna.page.keyboard.press("Enter")
  await expect.poll(() => ben.text()).toBe("Oh. \nHello")
  expect(await stages(anna)).toEqual(["present"])
  expect(await nameOpacity(anna)).toBe("0")

  await ben.type("!")
  await expect.poll(() => stages(anna)).toEqual(["active"])
  expect(complaints).toEqual([])
})

test("what somebody has selected fades at rest, and comes back when they move", async ({ people }) => {
  const [anna, ben] = await people(2)
  await withStoppedClock(anna, "selections")
  await ben.open("selections")
  await ben.goTo(0)
  await ben.type("Two words")
  await ben.page.keyboard.press("Enter")
  await ben.type("Two more")
  await ben.page.keyboard.press("Shift+ArrowUp")
  await expect.poll(() => stages(anna, ".remote-selection")).toEqual(["active", "active"])
  await anna.clock.runFor(10_000)
  await expect.poll(() => stages(anna, ".remote-selection")).toEqual(["resting", "resting"])
  await ben.page.keyboard.press("Shift+ArrowLeft")
  await expect.poll(() => stages(anna, ".remote-selection")).toEqual(["active", "active"])
})

test("who goes to the title leaves a pale caret, and the others see that they are elsewhere", async ({ people }) => {
  const [anna, ben] = await people(2)
  for (const one of [anna, ben]) await one.open("away")
  await ben.goTo(0)
  await ben.type("Hello")
  const caret = anna.editor.locator(".remote-caret")
  const avatar = anna.page.getByRole("list", { name: "People here" }).getByRole("listitem")
  await expect(caret).not.toHaveAttribute("data-stage", "idle")
  await expect(avatar).toHaveAttribute("title", "Ben")
  await ben.page.getByRole("textbox", { name: "Title" }).focus()
  await expect(caret).toHaveAttribute("data-stage", "idle")
  await expect(avatar).toHaveAttribute("title", "Ben (elsewhere)")
  await ben.editor.focus()
  await expect(caret).not.toHaveAttribute("data-stage", "idle")
  await expect(avatar).toHaveAttribute("title", "Ben")
  await ben.page.close()
  await expect(caret).toHaveCount(0)
})

test("a pointer near a caret shows its name, which is no text of the page", async ({ people }) => {
  const [anna, ben] = await people(2)
  for (const one of [anna, ben]) await one.open("hover")
  await ben.goTo(0)
  await ben.type("Some words of Ben's own")
  await ben.page.keyboard.press("Home")
  await expect.poll(() => anna.text()).toContain("own")
  const caret = anna.editor.locator(".remote-caret")
  await expect(caret).toHaveAttribute("data-stage", /present|resting/)
  const box = await caret.boundingBox()
  if (box === null) throw new Error("the caret is not shown")
  await anna.page.mouse.move(box.x + 4, box.y + box.height / 2)
  await expect(caret).toHaveAttribute("data-near")
  await expect.poll(() => nameOpacity(anna)).toBe("1")
  await anna.page.mouse.move(box.x + 90, box.y + box.height / 2)
  await expect(caret).not.toHaveAttribute("data-near")
  // A click beside the caret reaches the text.
  await anna.page.mouse.click(box.x + 1, box.y + box.height / 2)
  await anna.type("I see: ")
  await expect([anna, ben]).toConverge("I see: Some words of Ben's own")
  await expect(caret).toHaveAttribute("aria-hidden", "true")
  await expect(anna.editor).toHaveText("I see: Some words of Ben's own")
})

test("a rule that somebody has selected has an outline with their name", async ({ people }) => {
  const [anna, ben, carla] = await people(3)
  for (const one of [anna, ben, carla]) await one.open("nodes")
  await ben.goTo(0)
  await ben.type("before")
  await ben.page.keyboard.press("Enter")
  await ben.type("---after")
  await expect(anna.editor.getByRole("separator")).toHaveCount(1)
  await carla.goTo("after")
  await ben.editor.getByRole("separator").click()
  const rule = anna.editor.getByRole("separator")
  await expect(rule).toHaveClass(/remote-node/)
  await expect(rule).toHaveAttribute("data-name", "Ben")
  await expect(anna.editor.locator(".remote-caret-name")).toHaveAttribute("data-name", "Carla")
  await carla.page.keyboard.press("Home")
  await carla.type("well ")
  await expect(anna.editor).toContainText("well after")
  await expect(rule).toHaveClass(/remote-node/)
  await ben.goTo("before")
  await expect(rule).not.toHaveClass(/remote-node/)
})
