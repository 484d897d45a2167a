import type { BrowserContext, Clock, Locator, Page } from "@playwright/test"
import type { App } from "./app.js"
import type { Network } from "./network.js"

/** One person at one page: a browser context and a network of their own. */
export interface Person {
  /** What they are called, on the page and in messages of failures. */
  readonly name: string
  /** Their browser: its storage and cookies are nobody else's. */
  readonly context: BrowserContext
  /** Their page. */
  readonly page: Page
  /** What is between all their pages and the servers. */
  readonly network: Network
  /** The page's time: Playwright's `page.clock`. Install it before the page is opened. */
  readonly clock: Clock
  /** What they write in. */
  readonly editor: Locator
  /** Opens a document and waits until it can be written in. */
  open(document: string): Promise<void>
  /** Puts the caret at the end of the block that has this text, or of the n-th, from 0. */
  goTo(block: string | number): Promise<void>
  /** Types where the caret is. */
  type(text: string): Promise<void>
  /** The document as their page shows it. */
  text(): Promise<string>
  /**
   * Stops everything in their page, as browsers do with pages in the background and laptops with their lid closed:
   * timers, sockets' events, rendering. Until `thaw` nothing can be asked of the page. Chromium only.
   */
  freeze(): Promise<void>
  /** The page goes on where it stopped. */
  thaw(): Promise<void>
  /** Opens another tab: the same person, context and network, and a page of its own. */
  newTab(): Promise<Person>
}

/** What all pages of one person share. */
export interface PersonOptions {
  /** What they are called. */
  readonly name: string
  /** Their browser. */
  readonly context: BrowserContext
  /** What is between it and the servers. */
  readonly network: Network
  /** The page under test. */
  readonly app: App
  /** Where the server's rooms are. */
  readonly syncUrl: string
}

/** The person at a page that was opened in their context. */
export function personAt(page: Page, options: PersonOptions, tab = 1): Person {
  const { name, context, network, app, syncUrl } = options
  const editor = app.editor(page)
  const setLifecycle = async (state: "active" | "frozen"): Promise<void> => {
    const browser = await context.newCDPSession(page)
    await browser.send("Page.setWebLifecycleState", { state })
    await browser.detach()
  }
  return {
    name: tab === 1 ? name : `${name} (tab ${tab})`,
    context,
    page,
    network,
    clock: page.clock,
    editor,
    async open(document) {
      await page.goto(app.address(document, syncUrl))
      await editor.and(page.locator(":not([readonly], :disabled, [contenteditable=false])")).waitFor()
    },
    async goTo(block) {
      const target = typeof block === "number" ? editor.locator(":scope > *").nth(block) : editor.getByText(block)
      await target.click()
      await page.keyboard.press("End")
    },
    type: (text) => page.keyboard.type(text),
    text: () => app.read(page),
    freeze: () => setLifecycle("frozen"),
    thaw: () => setLifecycle("active"),
    newTab: async () => personAt(await context.newPage(), options, context.pages().length),
  }
}

/** The words of Quire's save light, such as "Saved": wait for them with `toHaveText`. */
export function saveLight(person: Person): Locator {
  return person.page.getByRole("status").filter({ hasText: /^(Saved|Saving|Not saved|Offline)/ })
}

/** Names for people that have none: Anna, Ben, Carla … */
export function nameOf(index: number): string {
  return NAMES[index] ?? `Person ${index + 1}`
}

const NAMES: readonly string[] = ["Anna", "Ben", "Carla", "Dan", "Eve", "Finn", "Greta", "Hugo", "Ida", "Jan"]
