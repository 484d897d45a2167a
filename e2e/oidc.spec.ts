import { writeFile } from "node:fs/promises"
import { createServer } from "node:net"
import type { Page } from "@playwright/test"
import { CLIENT_SECRET, startProvider } from "../apps/server/test/oidc-provider.js"
import { test as base, expect } from "./fixtures.js"
import { emailOf, MEMBERS, makeDocument, openSharing, setUp } from "./members.js"

/** A server that lets people sign in with an OpenID Connect provider, a process of the test's own. */
const test = base.extend({
  serverArgs: async ({ serverArgs }, use, testInfo) => {
    const port = await unusedPort()
    const provider = await startProvider(`http://127.0.0.1:${port}`)
    const secretFile = testInfo.outputPath("secret")
    await writeFile(secretFile, CLIENT_SECRET, { mode: 0o600 })
    const client = ["--oidc-client-id", "quire", "--oidc-client-secret-file", secretFile, "--oidc-name", "Example Inc."]
    // The last port counts: the provider has to know it beforehand.
    await use([...serverArgs, ...MEMBERS, "--port", String(port), "--oidc-issuer", provider.issuer, ...client])
    await provider.close()
  },
})

test("somebody signs in with the provider, and gets to the page that was asked for as who the provider says", async ({
  server,
  people,
}) => {
  const [anna, ben, phone] = await people(3)
  await setUp(server, anna)
  await inviteByEmail(anna.page, emailOf("Ben"))
  await ben.page.goto("/")
  await signInAtProvider(ben.page, "ben")
  await expect(ben.page.getByRole("heading", { name: "Documents" })).toBeVisible()

  const id = await makeDocument(anna)
  await openSharing(anna)
  await anna.page.getByLabel("Add somebody by e-mail").fill(emailOf("Ben"))
  await anna.page.getByLabel("Role", { exact: true }).selectOption({ label: "Can write" })
  await anna.page.getByRole("button", { name: "Add", exact: true }).click()
  await expect(anna.page.getByLabel("What ben of the provider may do")).toBeVisible()
  await anna.page.keyboard.press("Escape")
  await phone.page.goto(`/d/${id}`)
  await signInAtProvider(phone.page, "ben")
  await expect(phone.editor).toBeVisible()
  await expect(phone.page).toHaveURL(new RegExp(`/d/${id}$`))
  await phone.goTo(0)
  await phone.type("Here I am.")
  await expect.poll(() => anna.text()).toBe("Here I am.")
  await phone.page.getByRole("button", { name: "You are ben of the provider. Your account" }).click()
  await expect(phone.page.getByRole("dialog").getByText(emailOf("Ben"))).toBeVisible()
})

test("whoever was not invited is told so at the form, and can sign in otherwise", async ({ server, people }) => {
  const [anna, mallory] = await people(2)
  await setUp(server, anna)
  const id = await makeDocument(anna)
  const { page } = mallory
  await page.goto(`/d/${id}`)
  await signInAtProvider(page, "mallory")
  await expect(page.getByRole("alert").filter({ hasText: /./ })).toHaveText(
    "Nobody has invited your e-mail address to this server. Ask an administrator to.",
  )
  await expect(page.getByLabel("E-mail")).toBeFocused()
  // Where one was going is not forgotten.
  await expect(page.getByText("Then you get to the page that you asked for.")).toBeVisible()
  const way = await page.getByRole("link", { name: "Sign in with Example Inc." }).getAttribute("href")
  expect(way).toBe(`/api/oidc/start?to=${encodeURIComponent(`/d/${id}`)}`)
})

async function inviteByEmail(page: Page, email: string): Promise<void> {
  await page.goto("/people")
  await page.getByLabel("E-mail").fill(email)
  await page.getByRole("button", { name: "Make an invitation" }).click()
  await expect(page.getByLabel(`The link for ${email}`)).toBeVisible()
}

/** From our page that signs in, through the pages of the provider, which know any name and password. */
async function signInAtProvider(page: Page, login: string): Promise<void> {
  // Its pages ask a site of the world for a font.
  await page.route("https://fonts.googleapis.com/**", (route) => route.abort())
  await page.getByRole("link", { name: "Sign in with Example Inc." }).click()
  await page.getByPlaceholder("Enter any login").fill(login)
  await page.getByPlaceholder("and password").fill("any")
  await page.getByRole("button", { name: "Sign-in" }).click()
  await page.getByRole("button", { name: "Continue" }).click()
}

async function unusedPort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === "string") throw new Error("no port")
  return address.port
}
