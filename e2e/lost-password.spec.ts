import { expect, test } from "./fixtures.js"
import { invite, MEMBERS, setUp, signIn } from "./members.js"

test.use({ serverArgs: MEMBERS })

test("who has lost a password chooses another one with an administrator's link, once", async ({ server, people }) => {
  const [anna, ben] = await people(2)
  await setUp(server, anna)
  await invite(anna, ben)
  await anna.page.goto("/people")
  const change = anna.page.getByRole("button", { name: "Change: Ben" })
  await expect(change).toHaveAttribute("aria-expanded", "false")
  await change.focus()
  await anna.page.keyboard.press("Enter")
  await anna.page.keyboard.press("Tab")
  await expect(anna.page.getByRole("button", { name: "Link for a new password: Ben" })).toBeFocused()
  await anna.page.keyboard.press("Enter")
  const url = await anna.page.getByLabel("The link for Ben to choose a new password").inputValue()

  const { page } = ben
  await page.goto(url)
  await expect(page.getByRole("heading", { name: "A new password for Ben" })).toBeVisible()
  const password = page.getByLabel("New password", { exact: true })
  await expect(password).toBeFocused()
  await password.fill("short")
  await page.keyboard.press("Enter")
  await expect(password).toHaveAccessibleDescription("At least 10 characters, please.")
  await password.fill("what Ben remembers now")
  await page.keyboard.press("Enter")
  await expect(page.getByRole("heading", { name: "Documents" })).toBeVisible()

  await page.goto(url)
  await expect(page.getByRole("heading", { name: "This link is not good any more" })).toBeVisible()
  await page.context().clearCookies()
  await page.goto("/sign-in")
  await signIn(page, "Ben") // with the former password
  await expect(page.getByLabel("Password", { exact: true })).toHaveAttribute("aria-invalid", "true")
  await page.getByLabel("Password", { exact: true }).fill("what Ben remembers now")
  await page.keyboard.press("Enter")
  await expect(page.getByRole("heading", { name: "Documents" })).toBeVisible()
})

test("an administrator makes another one, and the last cannot stop being one", async ({ server, people }) => {
  const [anna, ben] = await people(2)
  await setUp(server, anna)
  await invite(anna, ben)
  await anna.page.goto("/people")
  const accounts = anna.page.getByRole("list", { name: "Accounts" }).getByRole("listitem")
  await anna.page.getByRole("button", { name: "Change: Anna" }).click()
  await anna.page.getByRole("button", { name: "No administrator any more: Anna" }).click()
  await expect(anna.page.getByText("Nobody would look after")).toContainText(
    "Make somebody else an administrator first.",
  )

  await anna.page.getByRole("button", { name: "Change: Ben" }).click()
  await anna.page.getByRole("button", { name: "Make an administrator: Ben" }).click()
  await expect(accounts.filter({ hasText: "Ben" }).getByText("administrator", { exact: true })).toBeVisible()
  // Nobody chooses another administrator's password.
  await expect(anna.page.getByRole("button", { name: /^Link for/ })).toHaveCount(0)
  await ben.page.goto("/people")
  await expect(ben.page.getByRole("heading", { name: "People" })).toBeVisible()
  await anna.page.getByRole("button", { name: "No administrator any more: Anna" }).click()
  await expect(anna.page.getByRole("heading", { name: "Nothing here" })).toBeVisible()
})
