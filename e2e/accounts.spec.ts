import { expect, saveLight, test } from "./fixtures.js"
import { emailOf, invite, MEMBERS, makeDocument, PASSWORD, setUp, signIn } from "./members.js"

test.use({ serverArgs: MEMBERS })

test("the set-up link makes an owner, who invites; what is not shared looks like what is not there", async ({
  server,
  people,
}) => {
  const [anna, ben] = await people(2)
  const link = await server.setUpLink()
  await setUp(server, anna)
  const id = await makeDocument(anna)
  await anna.goTo(0)
  await anna.type("For my eyes. ")
  await expect(saveLight(anna)).toHaveText("Saved")

  // Used: nobody sets this server up again.
  await ben.page.goto(link)
  await ben.page.getByLabel("Your name").fill("Ben")
  await ben.page.getByLabel("E-mail").fill(emailOf("Ben"))
  await ben.page.getByLabel("Password", { exact: true }).fill(PASSWORD)
  await ben.page.keyboard.press("Enter")
  await expect(ben.page.getByRole("alert")).toContainText("This set-up link is not good")

  await invite(anna, ben)
  await expect(ben.page.getByText("No documents yet")).toBeVisible()
  const pages: string[] = []
  for (const name of [id, "never-made"]) {
    await ben.page.goto(`/d/${name}`)
    await expect(ben.page.getByRole("heading", { name: "There is nothing here for you" })).toBeVisible()
    pages.push(await ben.page.locator("body").innerText())
  }
  expect(pages[0]).toBe(pages[1])
  // Only those who look after people see that there is such a page.
  await ben.page.goto("/people")
  await expect(ben.page.getByRole("heading", { name: "Nothing here" })).toBeVisible()
})

test("signing in says at the field what is wrong, and leads to where one was going", async ({ server, people }) => {
  const [anna, ben] = await people(2)
  await setUp(server, anna)
  const id = await makeDocument(anna)

  const { page } = ben
  await page.goto(`/d/${id}`)
  const password = page.getByLabel("Password", { exact: true })
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible()
  const before = await page.getByRole("button", { name: "Sign in", exact: true }).boundingBox()
  await page.keyboard.press("Enter")
  await expect(page.getByLabel("E-mail")).toBeFocused()
  await expect(page.getByLabel("E-mail")).toHaveAccessibleDescription("Your e-mail address is missing.")
  await expect(password).toHaveAttribute("aria-invalid", "true")
  await page.keyboard.type(emailOf("Anna"))
  await password.fill("something else")
  await page.keyboard.press("Enter")
  await expect(password).toBeFocused()
  await expect(password).toHaveAccessibleDescription("The e-mail address or the password is wrong.")
  expect(await page.getByRole("button", { name: "Sign in", exact: true }).boundingBox()).toEqual(before)
  await password.fill(PASSWORD)
  await page.getByRole("button", { name: "Show password" }).click()
  await expect(password).toHaveAttribute("type", "text")
  await password.press("Enter")
  await expect(ben.editor).toBeVisible()
  await expect(page).toHaveURL(new RegExp(`/d/${id}$`))
  // The account's name, whatever the device called its guest; and nothing to change it with here.
  await page.getByRole("button", { name: "You are Anna. Your account" }).click()
  await expect(page.getByRole("dialog").getByText(emailOf("Anna"))).toBeVisible()
  await expect(page.getByLabel("Your name")).toHaveCount(0)
})

test("sessions are listed and ended; the open text stays, and goes on after signing in again in its place", async ({
  server,
  people,
}) => {
  const [anna, phone] = await people(2)
  await setUp(server, anna)
  const id = await makeDocument(anna)
  await phone.page.goto(`/d/${id}`)
  await signIn(phone.page, "Anna")
  await phone.goTo(0)
  await phone.type("Written on the phone. ")
  await expect(saveLight(phone)).toHaveText("Saved")

  await anna.page.goto("/account")
  const rows = anna.page.getByRole("list", { name: "Where you are signed in" }).getByRole("listitem")
  await expect(rows).toHaveCount(2)
  await expect(rows.first()).toContainText("this one")
  await rows.nth(1).getByRole("button").click()
  await expect(rows).toHaveCount(1)

  await expect(phone.page.getByRole("alert")).toContainText("You are not signed in any more")
  expect(await phone.text()).toBe("Written on the phone. ")
  await phone.page.getByRole("button", { name: "Sign in again" }).click()
  await phone.page.getByLabel("Password", { exact: true }).fill(PASSWORD)
  await phone.page.keyboard.press("Enter")
  await expect(phone.page.getByRole("alert")).toHaveCount(0)
  // The same editor: the caret is where it was, and what was written before can be taken back.
  await expect(phone.editor).toHaveAttribute("aria-readonly", "false")
  await phone.editor.focus()
  await phone.type("Gone again. ")
  await phone.page.keyboard.press("ControlOrMeta+z")
  await phone.page.keyboard.press("ControlOrMeta+z")
  await expect.poll(() => phone.text()).toBe("")
  await phone.page.keyboard.press("ControlOrMeta+y")
  await expect.poll(() => phone.text()).toBe("Written on the phone. ")
  await phone.type("And on.")
  await expect(saveLight(phone)).toHaveText("Saved")
  await anna.page.goto(`/d/${id}`)
  await expect.poll(() => anna.text()).toBe("Written on the phone. And on.")
})

test("edits that wait when a sign-in ends are saved after signing in again", async ({ server, people }) => {
  const [anna, phone] = await people(2)
  await setUp(server, anna)
  const id = await makeDocument(anna)
  await phone.page.goto(`/d/${id}`)
  await signIn(phone.page, "Anna")
  await phone.goTo(0)
  phone.network.cut()
  await phone.type("Written in a tunnel.")
  await expect(saveLight(phone)).toHaveText(/^Saved on this device/)
  await anna.page.goto("/account")
  await anna.page.getByRole("button", { name: "Sign out everywhere else" }).click()
  await expect(anna.page.getByRole("button", { name: "Sign out everywhere else" })).toHaveCount(0)
  phone.network.heal()
  await phone.page.getByRole("button", { name: "Sign in again" }).click()
  await phone.page.getByLabel("Password", { exact: true }).fill(PASSWORD)
  await phone.page.keyboard.press("Enter")
  await expect(saveLight(phone)).toHaveText("Saved")
  await anna.page.goto(`/d/${id}`)
  await expect.poll(() => anna.text()).toBe("Written in a tunnel.")
})

test("signing out leaves or deletes the copies on the device, and warns of edits that wait", async ({
  server,
  person,
}) => {
  const anna = await person("Anna")
  const { page } = anna
  await setUp(server, anna)
  await makeDocument(anna)
  await anna.goTo(0)
  await anna.type("Here. ")
  await expect(saveLight(anna)).toHaveText("Saved")
  const copies = () => page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name))
  const mine = (await copies()).find((name) => name?.startsWith("quire-copy:account:"))
  expect(mine).toBeDefined()

  anna.network.cut()
  await anna.type("Waiting.")
  await expect(saveLight(anna)).toHaveText(/^Saved on this device/)
  await page.getByRole("button", { name: /^You are Anna/ }).click()
  await page.getByRole("button", { name: "Sign out" }).click()
  const dialog = page.getByRole("dialog", { name: "Sign out" })
  await expect(dialog).toContainText(/edits? ha(s|ve) not reached the server and would be lost/)
  await page.keyboard.press("Escape")
  anna.network.heal()
  await expect(saveLight(anna)).toHaveText("Saved")

  await page.getByRole("link", { name: "All documents" }).click()
  await page.getByRole("button", { name: /^You are Anna/ }).click()
  await page.getByRole("button", { name: "Sign out" }).click()
  await expect(dialog).toContainText("Everything on the server stays")
  await dialog.getByLabel("Delete them from this device").check()
  await dialog.getByRole("button", { name: "Sign out" }).click()
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible()
  expect(await copies()).not.toContain(mine)
})

test("whoever is kept out is signed out at once, and cannot come back until let in", async ({ server, people }) => {
  const [anna, ben] = await people(2)
  await setUp(server, anna)
  await invite(anna, ben)
  await makeDocument(ben)
  await anna.page.goto("/people")
  await anna.page.getByRole("button", { name: "Change: Ben" }).click()
  await anna.page.getByRole("button", { name: "Keep out: Ben" }).click()
  await expect(ben.page.getByRole("alert")).toContainText("You are not signed in any more")
  await ben.page.goto("/sign-in")
  await signIn(ben.page, "Ben")
  await expect(ben.page.getByLabel("Password", { exact: true })).toHaveAttribute("aria-invalid", "true")
  await anna.page.getByRole("button", { name: "Let in again: Ben" }).click()
  await expect(anna.page.getByRole("button", { name: "Keep out: Ben" })).toBeVisible()
  await signIn(ben.page, "Ben")
  await expect(ben.page.getByRole("heading", { name: "Documents" })).toBeVisible()
})
