import type { Person } from "@quire/playwright"
import { expect, saveLight, test } from "./fixtures.js"
import { invite, MEMBERS, makeDocument, openSharing, setUp, shareWith } from "./members.js"

test.use({ serverArgs: MEMBERS })

/** What stands on the page, with its blocks and marks, but without what names the blocks. */
async function looksOf(one: Person): Promise<string> {
  const html = await one.editor.innerHTML()
  return html.replace(/ (id|aria-owns)="[^"]*"/g, "")
}

async function changeRole(anna: Person, role: string): Promise<void> {
  await openSharing(anna)
  await anna.page.getByLabel("What Ben may do").selectOption({ label: role })
  await anna.page.keyboard.press("Escape")
}

/** Leaves the page, and says whether the browser asked before. */
async function isAskedAtLeaving(one: Person): Promise<boolean> {
  let isAsked = false
  one.page.once("dialog", (dialog) => {
    isAsked = true
    void dialog.accept()
  })
  await one.page.goto("/account")
  return isAsked
}

test("edits refused after a downgrade are kept as a new document, with all that the page had", async ({
  server,
  people,
  complaints,
}) => {
  const [anna, ben] = await people(2)
  await setUp(server, anna)
  await invite(anna, ben)
  const id = await makeDocument(anna)
  await anna.page.getByRole("textbox", { name: "Title" }).fill("Plan")
  await shareWith(anna, "Ben", "Can write")
  await ben.open(id)
  await ben.goTo(0)
  await ben.type("# Aims")
  await ben.page.keyboard.press("Enter")
  await ben.type("- first ")
  await ben.page.keyboard.press("ControlOrMeta+b")
  await ben.type("bold")
  await expect(saveLight(ben)).toHaveText("Saved")
  const saved = await anna.text()

  ben.network.cut()
  await ben.page.keyboard.press("Enter")
  await ben.type("refused")
  await expect(saveLight(ben)).toHaveText(/^Saved on this device/)
  const looks = await looksOf(ben)
  await changeRole(anna, "Can read")
  ben.network.heal()
  const banner = ben.page.getByRole("alert").filter({ hasText: "you may only read here now" })
  await expect(banner).toContainText("keep it as a new document of your own")

  // A try that fails says why, and can be made again.
  ben.network.cut()
  await banner.getByRole("button", { name: "Keep as a new document" }).click()
  await expect(banner).toContainText("That did not work yet")
  ben.network.heal()
  await banner.getByRole("button", { name: "Keep as a new document" }).click()
  await ben.page.waitForURL((url) => url.pathname.startsWith("/d/") && url.pathname !== `/d/${id}`)
  await expect(ben.page.getByRole("textbox", { name: "Title" })).toHaveValue("Plan (my copy)")
  await expect(saveLight(ben)).toHaveText("Saved")
  expect(await looksOf(ben)).toBe(looks)
  expect(await ben.text()).toBe("Aims\nfirst bold\nrefused")
  expect(await isAskedAtLeaving(ben)).toBe(false)

  // The old one has nothing of it, on the server and on Ben's device.
  expect(await anna.text()).toBe(saved)
  await ben.page.goto(`/d/${id}`)
  await expect.poll(() => ben.text()).toBe(saved)
  await expect(ben.page.getByText("Read only", { exact: true })).toBeVisible()
  await expect(saveLight(ben)).toHaveText("Saved")
  await ben.page.goto("/")
  await expect(ben.page.getByRole("listitem")).toHaveCount(2)
  expect(complaints.filter((line) => !/ERR_|WebSocket/.test(line))).toEqual([])
})

test("edits that a revocation has refused are kept as a new document too", async ({ server, people }) => {
  const [anna, ben] = await people(2)
  await setUp(server, anna)
  await invite(anna, ben)
  const id = await makeDocument(anna)
  await shareWith(anna, "Ben", "Can write")
  await ben.open(id)
  await ben.goTo(0)
  await ben.type("Taken. ")
  await expect(saveLight(ben)).toHaveText("Saved")
  ben.network.cut()
  await ben.type("Refused.")
  await expect(saveLight(ben)).toHaveText(/^Saved on this device/)
  await changeRole(anna, "Take away")
  ben.network.heal()
  await ben.page.getByRole("button", { name: "Keep as a new document" }).click()
  await ben.page.waitForURL((url) => url.pathname.startsWith("/d/") && url.pathname !== `/d/${id}`)
  await expect.poll(() => ben.text()).toBe("Taken. Refused.")
  await expect(saveLight(ben)).toHaveText("Saved")
  expect(await isAskedAtLeaving(ben)).toBe(false)
  expect(await anna.text()).toBe("Taken. ")
  await ben.page.goto(`/d/${id}`)
  await expect(ben.page.getByRole("heading", { name: "There is nothing here for you" })).toBeVisible()
})
