import { expect, saveLight, test } from "./fixtures.js"
import { invite, MEMBERS, makeDocument, makeLink, openSharing, setUp, shareWith } from "./members.js"

test.use({ serverArgs: MEMBERS })

test("a downgrade and a revocation act while somebody types, and their text is kept", async ({ server, people }) => {
  const [anna, ben] = await people(2)
  await setUp(server, anna)
  await invite(anna, ben)
  const id = await makeDocument(anna)
  await shareWith(anna, "Ben", "Can write")
  await ben.open(id)
  await ben.goTo(0)
  await ben.type("Ben was here. ")
  await expect(saveLight(ben)).toHaveText("Saved")
  await expect(ben.page.getByRole("button", { name: "Access" })).toBeVisible()
  // Others see the account's name.
  await expect(anna.page.getByRole("list", { name: "People here" }).getByText("Ben")).toBeAttached()

  await openSharing(anna)
  await anna.page.getByLabel("What Ben may do").selectOption({ label: "Can read" })
  await expect(ben.page.getByText("Read only", { exact: true })).toBeVisible()
  await expect(ben.editor).toHaveAttribute("aria-readonly", "true")
  expect(await ben.text()).toBe("Ben was here. ")
  await ben.page.getByRole("button", { name: "Access" }).click()
  await expect(ben.page.getByRole("dialog")).toContainText("To comment or write, ask an owner")
  await ben.page.keyboard.press("Escape")

  await anna.page.getByLabel("What Ben may do").selectOption({ label: "Can write" })
  await expect(ben.page.getByText("Read only", { exact: true })).toHaveCount(0)
  await ben.goTo(0)
  await ben.type("And back. ")
  await expect(saveLight(ben)).toHaveText("Saved")

  await anna.page.getByLabel("What Ben may do").selectOption({ label: "Take away" })
  await expect(ben.page.getByRole("alert")).toBeVisible()
  await expect(ben.page.getByRole("button", { name: "Copy my text" })).toBeVisible()
  expect(await ben.text()).toBe("Ben was here. And back. ")
  await expect(anna.page.getByLabel("What Ben may do")).toHaveCount(0)
})

test("a link lets guests in by its role and password, as often as it says, until it is revoked", async ({
  server,
  people,
}) => {
  const [anna, guest, late] = await people(3)
  await setUp(server, anna)
  const id = await makeDocument(anna)
  await anna.goTo(0)
  await anna.type("To be read. ")
  await expect(saveLight(anna)).toHaveText("Saved")
  const url = await makeLink(anna, { role: "Can read", password: "open sesame", views: 1 })

  await guest.page.goto(url)
  const password = guest.page.getByLabel("Password of the link", { exact: true })
  await password.fill("wrong words")
  await password.press("Enter")
  await expect(password).toHaveAttribute("aria-invalid", "true")
  await password.fill("open sesame")
  await password.press("Enter")
  await expect.poll(() => guest.text()).toBe("To be read. ")
  await expect(guest.page.getByText("Read only", { exact: true })).toBeVisible()
  await expect(guest.page).toHaveURL(new RegExp(`/d/${id}$`))

  await late.page.goto(url)
  await late.page.getByLabel("Password of the link", { exact: true }).fill("open sesame")
  await late.page.keyboard.press("Enter")
  await expect(late.page.getByRole("heading", { name: "This link leads nowhere" })).toBeVisible()

  await openSharing(anna)
  await anna.page.getByRole("button", { name: /^Revoke the link: Can read/ }).click()
  await expect(guest.page.getByRole("alert")).toBeVisible()
  expect(await guest.text()).toBe("To be read. ")
})

test("a guest with a link that allows it writes under the name that they chose", async ({ server, people }) => {
  const [anna, guest] = await people(2)
  await setUp(server, anna)
  const id = await makeDocument(anna)
  const url = await makeLink(anna, { role: "Can write" })
  await guest.page.goto(url)
  await expect(guest.editor).toBeVisible()
  await guest.goTo(0)
  await guest.type("Hello from outside. ")
  await expect.poll(() => anna.text()).toBe("Hello from outside. ")
  await expect(anna.page.getByRole("list", { name: "People here" }).getByText("Ben")).toBeAttached()
  await guest.page.goto("/")
  await expect(guest.page.getByRole("listitem")).toHaveCount(1)
  await expect(guest.page.getByRole("button", { name: "New document" })).toHaveCount(0)
  await guest.page.goto(`/d/${id}`)
  await expect(guest.editor).toBeVisible()
})

test("the share dialog keeps the focus, closes by Escape and gives it back; on a phone it is a sheet", async ({
  server,
  person,
}) => {
  const anna = await person("Anna")
  const { page } = anna
  await setUp(server, anna)
  await makeDocument(anna)
  const button = page.getByRole("button", { name: "Share" })
  await button.focus()
  await page.keyboard.press("Enter")
  const dialog = page.getByRole("dialog", { name: "Share" })
  await expect(dialog.getByRole("list", { name: "People with access" })).toBeVisible()
  for (let step = 0; step < 24; step++) {
    await page.keyboard.press("Tab")
    const isInside = await dialog.evaluate((element) => {
      const { activeElement } = document
      return activeElement === document.body || element.contains(activeElement) // the body: the browser's own controls
    })
    expect(isInside, `after ${step + 1} steps`).toBe(true)
  }
  await page.keyboard.press("Escape")
  await expect(dialog).toHaveCount(0)
  await expect(button).toBeFocused()

  await page.setViewportSize({ width: 390, height: 844 })
  await button.click()
  const box = await dialog.boundingBox()
  expect([box?.x, box?.width, (box?.y ?? 0) + (box?.height ?? 0)]).toEqual([0, 390, 844])
})
