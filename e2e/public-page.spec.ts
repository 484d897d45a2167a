import { expect, saveLight, test } from "./fixtures.js"
import { MEMBERS, makeDocument, openSharing, setUp } from "./members.js"

test.use({ serverArgs: MEMBERS })

test("a public page is read without a script and a sign-in, follows the text, and is gone once it is taken away", async ({
  server,
  people,
  browser,
}) => {
  const [anna] = await people(1)
  await setUp(server, anna)
  await makeDocument(anna)
  await anna.page.getByLabel("Title").fill("Opening <hours> & prices")
  await anna.goTo(0)
  for (const line of ["# This week", "- Monday, **closed**", "Tuesday, nine to five"]) {
    await anna.type(line)
    await anna.page.keyboard.press("Enter")
  }
  await expect(saveLight(anna)).toHaveText("Saved")
  await openSharing(anna)
  await anna.page.getByRole("button", { name: "Make a public page" }).click()
  const url = await anna.page.getByLabel("The page's address").inputValue()

  const context = await browser.newContext({ javaScriptEnabled: false })
  const reader = await context.newPage()
  await reader.goto(url)
  await expect(reader.getByRole("heading", { level: 1 })).toHaveText("Opening <hours> & prices")
  await expect(reader.getByRole("heading", { level: 2 })).toHaveText("This week")
  await expect(reader.getByRole("list").getByRole("listitem").first()).toHaveText("Monday, closed")
  await expect(reader.locator("meta[name=robots]")).toHaveAttribute("content", "noindex, nofollow")
  await expect(reader.locator("script")).toHaveCount(0)

  await anna.page.getByLabel("Search engines may list it").check()
  await anna.page.keyboard.press("Escape")
  await anna.goTo(1)
  await anna.type(" all day")
  await expect(saveLight(anna)).toHaveText("Saved")
  await expect(async () => {
    await reader.reload()
    await expect(reader.getByRole("listitem").first()).toHaveText("Monday, closed all day", { timeout: 500 })
  }).toPass()
  await expect(reader.locator("meta[name=robots]")).toHaveCount(0)

  await openSharing(anna)
  await anna.page.getByRole("button", { name: "Take it away" }).click()
  await expect(anna.page.getByRole("button", { name: "Make a public page" })).toBeVisible()
  expect((await reader.reload())?.status()).toBe(404)
  await expect(reader.getByRole("heading", { level: 1 })).toHaveText("There is nothing here")
  await context.close()
})
