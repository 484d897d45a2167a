import type { Page, WebSocketRoute } from "@playwright/test"
import { expect, saveLight, test } from "./fixtures.js"

/** `rights`, as PROTOCOL.md has it: the grant, and an empty reason. */
const rights = (grant: 0 | 1 | 2): Buffer => Buffer.of(104, grant, 0)

/** `refused`: the number of a content message below 128, and two empty strings. */
const refused = (number: number): Buffer => Buffer.of(108, number, 0, 0)

/** The page's line to the server, in the test's hands. */
interface Line {
  route: WebSocketRoute | undefined
  /** Content messages that the page has sent. */
  content: number
  /** True: content goes no further. */
  isHeld: boolean
}

async function holdLine(page: Page): Promise<Line> {
  const line: Line = { route: undefined, content: 0, isHeld: false }
  await page.routeWebSocket(/\/sync\//, (route) => {
    const server = route.connectToServer()
    line.route = route
    line.content = 0
    route.onMessage((frame) => {
      const isContent = typeof frame !== "string" && frame[0] === 0 && frame[1] !== 0
      if (isContent) line.content++
      if (!isContent || !line.isHeld) server.send(frame)
    })
  })
  return line
}

test("whoever loses the right to write is told, reads on, and goes on writing when it comes back", async ({
  person,
  complaints,
}) => {
  const anna = await person("Anna")
  const { page } = anna
  const line = await holdLine(page)
  await anna.open("rights")
  await anna.goTo(0)
  await anna.type("Taken. ")
  await expect(saveLight(anna)).toHaveText("Saved")

  line.route?.send(rights(0))
  const banner = page.getByRole("alert").filter({ hasText: "you may only read here now" })
  await expect(banner).toContainText("Everything you wrote is saved")
  await expect(page.getByText("Read only", { exact: true })).toBeVisible()
  await expect(page.getByText("Taken.")).toBeVisible()

  line.route?.send(rights(2))
  await expect(banner).toBeHidden()
  await anna.goTo(0)
  await anna.type("More. ")
  await expect(saveLight(anna)).toHaveText("Saved")
  expect(complaints).toEqual([])
})

test("edits that the server refuses stay on the screen, are called not saved, and can be copied", async ({
  person,
}) => {
  const anna = await person("Anna", { permissions: ["clipboard-read", "clipboard-write"] })
  const { page } = anna
  const line = await holdLine(page)
  await anna.open("refused")
  await anna.goTo(0)
  await anna.type("Taken. ")
  await expect(saveLight(anna)).toHaveText("Saved")
  line.isHeld = true
  const before = line.content
  await anna.type("Refused.")
  await expect.poll(() => line.content).toBeGreaterThan(before)

  line.route?.send(rights(1))
  for (let number = before + 1; number <= line.content; number++) line.route?.send(refused(number))
  const banner = page.getByRole("alert").filter({ hasText: "What you wrote last is not saved" })
  await expect(banner).toContainText("you may read and comment here now")
  await expect(saveLight(anna)).toHaveText(/^Not saved — your rights changed/)
  await expect(page.getByText("Refused.")).toBeVisible()
  await banner.getByRole("button", { name: "Copy my text" }).click()
  await expect(banner.getByRole("button", { name: "Copied" })).toBeVisible()
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  expect(copied).toContain("Refused.")
  expect(copied).toContain("Taken.")
})

test("the view, the caret and the focus stay where they are when the right to write goes and comes back", async ({
  person,
}) => {
  const anna = await person("Anna", { viewport: { width: 800, height: 400 } })
  const { page } = anna
  const line = await holdLine(page)
  await anna.open("long")
  await anna.goTo(0)
  for (let number = 0; number < 16; number++) {
    await anna.type(`Line ${number}`)
    await page.keyboard.press("Enter")
  }
  await anna.goTo("Line 12")
  await anna.type(" here")
  await expect(saveLight(anna)).toHaveText("Saved")
  const block = anna.editor.getByText("Line 12 here")
  const topOf = async (): Promise<number> => Math.round((await block.boundingBox())?.y ?? Number.NaN)
  const before = await topOf()
  expect(await page.evaluate(() => scrollY)).toBeGreaterThan(0)

  line.route?.send(rights(0))
  await expect(anna.editor).toHaveAttribute("aria-readonly", "true")
  await expect(page.getByRole("alert")).toBeAttached()
  expect(await topOf()).toBe(before)
  await expect(anna.editor).toBeFocused()
  await page.keyboard.press("X")
  line.route?.send(rights(2))
  await expect(anna.editor).toHaveAttribute("aria-readonly", "false")
  expect(await topOf()).toBe(before)
  await expect(anna.editor).toBeFocused()
  await anna.type(" and on")
  await expect(anna.editor.getByText("Line 12 here and on")).toBeVisible()
})
