import { type BrowserContext, test as base, expect, type Locator, type Page } from "@playwright/test"
import { QuireServer } from "./server.js"

/** One person: a browser context of their own, with one page. */
export interface Person {
  readonly page: Page
  /** The text they write in. */
  readonly editor: Locator
  /** Opens a document and waits until it can be written in. */
  open(name: string): Promise<void>
  /** Puts the caret at the end of the block with this text (or the n-th, from 0). */
  goTo(block: string | number): Promise<void>
  type(text: string): Promise<void>
  /** The document as they see it: one line a block, without others' carets. */
  text(): Promise<string>
  /** The save light's words. */
  saved(): Locator
}

interface Fixtures {
  readonly server: QuireServer
  /** Makes a person, with a name others see. */
  readonly person: (
    name: string,
    options?: Parameters<import("@playwright/test").Browser["newContext"]>[0],
  ) => Promise<Person>
  /** What pages complained about: exceptions, and what the browser logged as an error. */
  readonly complaints: string[]
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from the pattern
  server: async ({}, use) => {
    const server = await QuireServer.start()
    await use(server)
    await server.dispose()
  },
  // biome-ignore lint/correctness/noEmptyPattern: as above
  complaints: async ({}, use) => {
    await use([])
  },
  person: async ({ browser, server, complaints }, use) => {
    const contexts: BrowserContext[] = []
    await use(async (name, options = {}) => {
      const context = await browser.newContext({ baseURL: server.url, ...options })
      contexts.push(context)
      const page = await context.newPage()
      page.on("pageerror", (error) => complaints.push(`${name}: ${error.message}`))
      page.on("console", (message) => {
        // The browser logs a document that nobody has named yet as a failed load; the page expects it.
        const isUnnamed = message.location().url.includes("/api/documents/") && message.text().includes("404")
        if (message.type() === "error" && !isUnnamed) complaints.push(`${name}: ${message.text()}`)
      })
      return personOn(page)
    })
    for (const context of contexts) await context.close()
  },
})

export { expect }

/** Waits until everybody sees the same text, and that it is what is expected where something is. */
export async function toConverge(people: readonly Person[], expected?: string | RegExp): Promise<string> {
  await expect
    .poll(async () => new Set(await Promise.all(people.map((person) => person.text()))).size, { timeout: 20_000 })
    .toBe(1)
  const text = await (people[0] as Person).text()
  if (expected !== undefined) expect(text).toMatch(expected)
  return text
}

function personOn(page: Page): Person {
  const editor = page.getByRole("textbox", { name: "Page text" })
  const text = (): Promise<string> =>
    editor.evaluate((element) => {
      const copy = element.cloneNode(true) as HTMLElement
      for (const mark of copy.querySelectorAll(".remote-caret, .ProseMirror-widget, .ProseMirror-trailingBreak"))
        mark.remove()
      return [...copy.children].map((block) => block.textContent).join("\n")
    })
  return {
    page,
    editor,
    text,
    async open(name) {
      await page.goto(`/d/${name}`)
      await expect(editor).toBeEditable()
    },
    async goTo(block) {
      const target = typeof block === "number" ? editor.locator(":scope > *").nth(block) : editor.getByText(block)
      await target.click()
      await page.keyboard.press("End")
    },
    type: (words) => page.keyboard.type(words),
    saved: () => page.getByRole("status").filter({ hasText: /^(Saved|Saving|Not saved)/ }),
  }
}
