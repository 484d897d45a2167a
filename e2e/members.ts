import type { Page } from "@playwright/test"
import type { Person, TestServer } from "@quire/playwright"
import { expect } from "./fixtures.js"

/** The arguments of a server with accounts. */
export const MEMBERS: readonly string[] = ["--access", "members"]

/** Everybody's password in these tests. */
export const PASSWORD = "a few good words"

/** Where somebody gets letters. */
export function emailOf(name: string): string {
  return `${name.toLowerCase()}@example.org`
}

/** Makes the first account. */
export async function setUp(server: TestServer, anna: Person): Promise<void> {
  await anna.page.goto(await server.setUpLink())
  await fillAccount(anna.page, anna.name)
  await anna.page.getByRole("button", { name: "Set up" }).click()
  await expect(anna.page.getByRole("heading", { name: "Documents" })).toBeVisible()
}

/** Makes another account, by an invitation of an administrator. */
export async function invite(anna: Person, ben: Person): Promise<void> {
  await anna.page.goto("/people")
  await anna.page.getByRole("button", { name: "Make an invitation" }).click()
  const url = await anna.page.getByLabel("The invitation's link").inputValue()
  await ben.page.goto(url)
  await fillAccount(ben.page, ben.name)
  await ben.page.getByRole("button", { name: "Join" }).click()
  await expect(ben.page.getByRole("heading", { name: "Documents" })).toBeVisible()
}

async function fillAccount(page: Page, name: string): Promise<void> {
  await page.getByLabel("Your name").fill(name)
  await page.getByLabel("E-mail").fill(emailOf(name))
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD)
}

/** Signs in at the page that asks for it. */
export async function signIn(page: Page, name: string): Promise<void> {
  await page.getByLabel("E-mail").fill(emailOf(name))
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD)
  await page.getByRole("button", { name: "Sign in", exact: true }).click()
}

/** Makes a document, and returns its name. */
export async function makeDocument(anna: Person): Promise<string> {
  await anna.page.goto("/")
  await anna.page.getByRole("button", { name: "New document" }).click()
  await anna.page.waitForURL("**/d/*")
  await expect(anna.editor).toBeVisible()
  return new URL(anna.page.url()).pathname.slice("/d/".length)
}

/** Opens what is said of who may do what. */
export async function openSharing({ page }: Person): Promise<void> {
  await page.getByRole("button", { name: /^(Share|Access)$/ }).click()
  await expect(page.getByRole("dialog").getByRole("list", { name: "People with access" })).toBeVisible()
}

/** Shares the open document with somebody. */
export async function shareWith(anna: Person, name: string, role: string): Promise<void> {
  await openSharing(anna)
  await anna.page.getByLabel("Add somebody by e-mail").fill(emailOf(name))
  await anna.page.getByLabel("Role", { exact: true }).selectOption({ label: role })
  await anna.page.getByRole("button", { name: "Add", exact: true }).click()
  await expect(anna.page.getByLabel(`What ${name} may do`)).toBeVisible()
  await anna.page.keyboard.press("Escape")
}

/** What a link is made with. */
export interface LinkFields {
  readonly role: string
  readonly password?: string
  readonly views?: number
}

/** Makes a link to the open document, and returns its address. */
export async function makeLink(anna: Person, { role, password = "", views }: LinkFields): Promise<string> {
  await openSharing(anna)
  const dialog = anna.page.getByRole("dialog")
  await dialog.getByLabel("Whoever has the link").selectOption({ label: role })
  await dialog.getByLabel("Good for").selectOption({ label: "A day" })
  await dialog.getByLabel("Password", { exact: true }).fill(password)
  await dialog.getByLabel("How often it opens").fill(views === undefined ? "" : String(views))
  await dialog.getByRole("button", { name: "Make a link" }).click()
  const url = await dialog.getByLabel("The new link").inputValue()
  await anna.page.keyboard.press("Escape")
  return url
}
