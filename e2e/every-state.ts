import type { BrowserContextOptions, Page } from "@playwright/test"
import type { Person, TestServer } from "@quire/playwright"
import { Provider } from "@quire/provider"
import WebSocket from "ws"
import * as Y from "yjs"
import { expect, saveLight } from "./fixtures.js"
import { invite, openSharing, shareWith } from "./members.js"

/** What a state is reached with. */
export interface Stage {
  readonly server: TestServer
  readonly person: (name: string, options?: BrowserContextOptions) => Promise<Person>
}

/** Everything the interface can look like, by name: each brings a page there. */
export const STATES: Readonly<Record<string, (stage: Stage) => Promise<Page>>> = {
  "library-empty": async (stage) => {
    const { page } = await stage.person("Anna")
    await page.goto("/")
    await expect(page.getByText("No documents yet")).toBeVisible()
    return page
  },
  "library-filled": async (stage) => {
    const anna = await stage.person("Anna")
    for (const title of ["A week on the coast", "", "רשימת קניות", "Minutes of the long meeting ".repeat(6)]) {
      await anna.open(`listed-${title.length}`)
      if (title !== "") await anna.page.getByLabel("Title").fill(title)
      await anna.goTo(0)
      await anna.type("x")
      await expect(saveLight(anna)).toHaveText("Saved")
    }
    await writeElsewhere(stage.server, { document: "code/main.ts", schema: 0 })
    await anna.page.goto("/")
    await expect(anna.page.getByRole("list", { name: "Documents" }).getByRole("listitem")).toHaveCount(5)
    return anna.page
  },
  "library-failed": async (stage) => {
    const anna = await stage.person("Anna")
    await anna.page.route("**/api/documents", (route) => route.abort())
    await anna.page.goto("/")
    await expect(anna.page.getByRole("alert")).toBeVisible()
    return anna.page
  },
  "page-empty": async (stage) => (await opened(stage)).page,
  "page-filled": async (stage) => {
    const anna = await opened(stage)
    await fill(anna)
    const ben = await stage.person("Ben Carter")
    await ben.open("state")
    await ben.goTo("A quote")
    await ben.page.keyboard.press("Shift+Home")
    await anna.goTo("The train leaves")
    await expect(anna.page.getByRole("list", { name: "People here" }).getByRole("listitem")).toHaveCount(1)
    return anna.page
  },
  menu: async (stage) => {
    const anna = await opened(stage)
    await write(anna, "- pack")
    await anna.page.getByRole("button", { name: "More", exact: true }).click()
    await expect(anna.page.getByRole("menu")).toBeVisible()
    return anna.page
  },
  link: async (stage) => {
    const anna = await opened(stage)
    await anna.type("our plan")
    await anna.page.keyboard.press("Control+k")
    await expect(anna.page.getByLabel("Address")).toBeFocused()
    return anna.page
  },
  "link-refused": async (stage) => {
    const page = await show("link", stage)
    await page.getByLabel("Address").fill("javascript:alert(1)")
    await page.keyboard.press("Enter")
    await expect(page.getByRole("alert")).toBeVisible()
    return page
  },
  people: async (stage) => {
    const anna = await opened(stage)
    for (const name of ["Ben Carter", "Çelik", "A name as long as a name may be, and that is long"]) {
      await (await stage.person(name)).open("state")
    }
    await anna.page.getByRole("button", { name: /^You are/ }).click()
    await expect(anna.page.getByRole("dialog").getByRole("listitem")).toHaveCount(3)
    return anna.page
  },
  refused: async (stage) => {
    const anna = await opened(stage)
    await anna.type("Mine. ")
    await expect(saveLight(anna)).toHaveText("Saved")
    // A document that somebody makes a plain one in the moment in which it is written first.
    const other = await stage.person("Ben")
    await other.open("contested")
    await writeElsewhere(stage.server, { document: "contested", schema: 0 })
    await other.goTo(0)
    await other.type("Mine too. ")
    await expect(other.page.getByRole("alert")).toBeVisible()
    return other.page
  },
  "read-only": async (stage) => {
    const anna = await opened(stage)
    await fill(anna)
    await expect(saveLight(anna)).toHaveText("Saved")
    await writeElsewhere(stage.server, { document: "state", schema: 1_000 })
    await anna.page.reload()
    await expect(anna.page.getByText("Read only", { exact: true })).toBeVisible()
    await expect(anna.editor).toHaveAttribute("aria-readonly", "true")
    return anna.page
  },
  offline: async (stage) => {
    const anna = await opened(stage)
    await anna.type("Before. ")
    await expect(saveLight(anna)).toHaveText("Saved")
    anna.network.cut()
    await anna.type("Waiting.")
    await expect(saveLight(anna)).toHaveText(/^Saved on this device/)
    return anna.page
  },
  "offline-unknown": async (stage) => {
    const anna = await opened(stage)
    anna.network.cut()
    await anna.page.evaluate(() => history.pushState(null, "", "/d/never-seen"))
    await anna.page.evaluate(() => dispatchEvent(new PopStateEvent("popstate")))
    await expect(anna.page.getByText("The server cannot be reached")).toBeVisible()
    return anna.page
  },
  plain: async (stage) => {
    await writeElsewhere(stage.server, { document: "code/main.ts", schema: 0 })
    const { page } = await stage.person("Anna")
    await page.goto("/d/code/main.ts")
    await expect(page.getByText("This document is not a page")).toBeVisible()
    return page
  },
  "not-found": async (stage) => {
    const { page } = await stage.person("Anna")
    await page.goto("/d/")
    await expect(page.getByRole("heading", { name: "Nothing here" })).toBeVisible()
    return page
  },
}

/** What the states of a server with accounts are reached with: its people, and a document of Anna's. */
export interface AccountStage {
  readonly anna: Person
  /** Somebody whom the server does not know. */
  readonly guest: Person
  /** The document's name. */
  readonly document: string
  /** A link to it, with the password `PASSWORD`. */
  readonly link: string
  /** An invitation's link. */
  readonly invitation: string
}

/**
 * What a server with accounts adds, by name. They are shown one after the other on one server: an account takes longer
 * to make than a picture.
 */
export const ACCOUNT_STATES: Readonly<Record<string, (stage: AccountStage) => Promise<Page>>> = {
  "sign-in": async ({ guest: { page }, document }) => {
    await page.goto(`/d/${document}`)
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible()
    await page.keyboard.press("Enter")
    await expect(page.getByText("Your password is missing.")).toBeVisible()
    return page
  },
  join: async ({ guest: { page }, invitation }) => {
    await page.goto(invitation)
    await expect(page.getByRole("heading", { name: "Anna invites you to Quire" })).toBeVisible()
    return page
  },
  "join-gone": async ({ guest: { page } }) => {
    await page.goto("/join/never-made")
    await expect(page.getByRole("heading", { name: "This invitation is not good any more" })).toBeVisible()
    return page
  },
  "link-password": async ({ guest: { page }, link }) => {
    await page.goto(link)
    await expect(page.getByLabel("Password of the link", { exact: true })).toBeVisible()
    return page
  },
  "link-dead": async ({ guest: { page } }) => {
    await page.goto("/s/never-made")
    await expect(page.getByRole("heading", { name: "This link leads nowhere" })).toBeVisible()
    return page
  },
  "not-shared": async ({ anna: { page } }) => {
    await page.goto("/d/never-made")
    await expect(page.getByRole("heading", { name: "There is nothing here for you" })).toBeVisible()
    return page
  },
  account: async ({ anna: { page } }) => {
    await page.goto("/account")
    await expect(page.getByText("this one")).toBeVisible()
    return page
  },
  "sign-out": async ({ anna: { page } }) => {
    await page.goto("/account")
    await page.getByRole("button", { name: "Sign out", exact: true }).click()
    await expect(page.getByRole("dialog", { name: "Sign out" })).toBeVisible()
    return page
  },
  "people-invited": async ({ anna: { page } }) => {
    await page.goto("/people")
    await page.getByRole("button", { name: "Make an invitation" }).click()
    await expect(page.getByLabel("The invitation's link")).toBeVisible()
    await expect(page.getByRole("list", { name: "Accounts" }).getByRole("listitem")).not.toHaveCount(0)
    return page
  },
  "person-menu": async ({ anna: { page } }) => {
    await page.goto("/")
    await page.getByRole("button", { name: "You are Anna. Your account" }).click()
    await expect(page.getByRole("link", { name: "Your account" })).toBeVisible()
    return page
  },
  share: async ({ anna: { page }, document }) => {
    await page.goto(`/d/${document}`)
    await page.getByRole("button", { name: "Share", exact: true }).click()
    await expect(page.getByRole("list", { name: "Links to this document" })).toBeVisible()
    return page
  },
  "share-public": async ({ anna: { page }, document }) => {
    await page.goto(`/d/${document}`)
    await page.getByRole("button", { name: "Share", exact: true }).click()
    await page.getByRole("button", { name: "Make a public page" }).click()
    await page.getByLabel("Search engines may list it").scrollIntoViewIfNeeded()
    return page
  },
  "public-page": async ({ anna: { page }, document }) => {
    await page.goto(`/d/${document}`)
    await page.getByRole("button", { name: "Share", exact: true }).click()
    const address = await page.getByLabel("The page's address").inputValue()
    await page.goto(address)
    await expect(page.getByText("Written with Quire.")).toBeVisible()
    return page
  },
  "public-gone": async ({ guest: { page } }) => {
    await page.goto("/p/AAAAAAAAAAAAAAAAAAAAAA")
    await expect(page.getByRole("heading", { name: "There is nothing here" })).toBeVisible()
    return page
  },
  "share-made": async ({ anna: { page }, document }) => {
    await page.goto(`/d/${document}`)
    await page.getByRole("button", { name: "Share", exact: true }).click()
    await page.getByRole("button", { name: "Make a link" }).click()
    await page.getByLabel("The new link").scrollIntoViewIfNeeded()
    return page
  },
  "reset-gone": async ({ guest: { page } }) => {
    await page.goto("/reset/never-made")
    await expect(page.getByRole("heading", { name: "This link is not good any more" })).toBeVisible()
    return page
  },
  "people-reset": async ({ anna, guest }) => {
    await invite(anna, guest)
    await anna.page.goto("/people")
    await anna.page.getByRole("button", { name: `Change: ${guest.name}` }).click()
    await anna.page.getByRole("button", { name: `Link for a new password: ${guest.name}` }).click()
    await expect(anna.page.getByLabel(`The link for ${guest.name} to choose a new password`)).toBeVisible()
    return anna.page
  },
  reset: async ({ anna, guest: { page, name } }) => {
    await page.goto(await anna.page.getByLabel(`The link for ${name} to choose a new password`).inputValue())
    await expect(page.getByRole("heading", { name: `A new password for ${name}` })).toBeVisible()
    return page
  },
  "kept-out-of-writing": async ({ anna, guest, document }) => {
    await anna.page.goto(`/d/${document}`)
    await shareWith(anna, guest.name, "Can write")
    await guest.open(document)
    await guest.goTo(0)
    guest.network.cut()
    await guest.type("Not sent. ")
    await openSharing(anna)
    await anna.page.getByLabel(`What ${guest.name} may do`).selectOption({ label: "Can read" })
    await anna.page.keyboard.press("Escape")
    guest.network.heal()
    await expect(guest.page.getByRole("button", { name: "Keep as a new document" })).toBeVisible()
    return guest.page
  },
  "signed-out": async ({ anna, document }) => {
    await anna.open(document)
    await anna.page.evaluate(() =>
      fetch("/api/sign-out", { method: "POST", headers: { "content-type": "application/json" }, body: "{}" }),
    )
    await anna.page.getByRole("button", { name: "Sign in again" }).click()
    await expect(anna.page.getByRole("dialog", { name: "Sign in again" })).toBeVisible()
    return anna.page
  },
}

/** Brings a page into a state. */
export async function show(state: string, stage: Stage): Promise<Page> {
  const reach = STATES[state]
  if (reach === undefined) throw new TypeError(`${state} is none of the states`)
  return reach(stage)
}

/** Types a text of several lines, `⇥` being Tab and `⇤` Shift+Tab. */
export async function write(person: Person, text: string): Promise<void> {
  for (const part of text.split(/([\n⇥⇤])/)) {
    const key = { "\n": "Enter", "⇥": "Tab", "⇤": "Shift+Tab" }[part]
    if (key === undefined) await person.type(part)
    else await person.page.keyboard.press(key)
  }
}

async function opened(stage: Stage): Promise<Person> {
  const anna = await stage.person("Anna")
  await anna.open("state")
  await anna.goTo(0)
  return anna
}

/** Every kind of block, and every mark. */
async function fill(anna: Person): Promise<void> {
  const { keyboard } = anna.page
  await anna.page.getByLabel("Title").fill("A week on the coast")
  await anna.goTo(0)
  await write(anna, "# What we know\nThe train leaves on **Friday** at *nine*, platform `4`, not ~~five~~. ")
  await keyboard.press("Control+u")
  await anna.type("Tickets")
  await keyboard.press("Control+u")
  await anna.type(" are on ")
  await anna.type("the page")
  for (let step = 0; step < 2; step++) await keyboard.press("Control+Shift+ArrowLeft")
  await keyboard.press("Control+k")
  await anna.page.getByLabel("Address").fill("example.org/plan")
  await keyboard.press("Enter")
  await keyboard.press("End")
  await write(
    anna,
    "\n## To pack\n- hats\n⇥sun hat, for a day that is so long that its line has to be broken somewhere\n⇥for the sea\n⇤⇤",
  )
  await write(anna, "towels\n\n1. first\n⇥then\nand then\n⇤second\n\n### To do\n[] bread\nbutter")
  await keyboard.press("Control+Enter")
  await write(anna, "\n\nDetails")
  await anna.page.getByRole("button", { name: "More", exact: true }).click()
  await anna.page.getByRole("menuitemcheckbox", { name: "Folding list" }).click()
  await write(anna, "\ninside\n\n> A quote, as somebody said it\n> and one in it\n\n\n")
  await write(anna, "---Below a line.\n```ts\nlet a = 1\nlet b = a\n")
  await keyboard.press("ArrowDown")
  await keyboard.press("Control+Enter")
  await write(anna, "טקסט מימין לשמאל\n- אחד\n⇥שתיים\n⇤\n1. ראשון\n\n[] משימה\n\n> ציטוט")
}

/** Writes into a document as another program: of another kind (schema 0), or of a newer Quire. */
async function writeElsewhere(
  server: TestServer,
  { document, schema }: { readonly document: string; readonly schema: number },
): Promise<void> {
  const ydoc = new Y.Doc()
  const provider = new Provider({ url: server.syncUrl, document, ydoc, schema, WebSocket })
  provider.open()
  await provider.whenSynced()
  ydoc.getMap("elsewhere").set("is", "here")
  await provider.whenSaved()
  provider.close()
  ydoc.destroy()
}
