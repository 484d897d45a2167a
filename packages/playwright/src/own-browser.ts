import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { BrowserContext, BrowserContextOptions, BrowserType, LaunchOptions } from "@playwright/test"
import { QuireError } from "@quire/base"
import type { App } from "./app.js"
import type { Network } from "./network.js"
import { type Person, personAt } from "./person.js"

/** A browser that is one person's alone: a process that can be killed, with a profile that outlives it. */
export interface OwnBrowser {
  /** What is between it and the servers; the same over restarts. */
  readonly network: Network
  /** Starts it, with all that the profile kept, and opens one page. @throws QuireError `QUIRE_BROWSER_RUNS` if it runs. */
  start(): Promise<Person>
  /** All its processes die without a chance to do anything (SIGKILL). Nothing if it does not run. */
  kill(): Promise<void>
  /** It is closed as people close it. Nothing if it does not run. */
  close(): Promise<void>
}

/** What a browser of one's own is made with. */
export interface OwnBrowserOptions {
  /** What its person is called. */
  readonly name: string
  /** What is between it and the servers. */
  readonly network: Network
  /** The page under test. */
  readonly app: App
  /** Where the server's rooms are. */
  readonly syncUrl: string
  /** Which browser; it must be Chromium, because no other tells its processes. */
  readonly browserType: BrowserType
  /** How it is started, and what its context is like. */
  readonly launch: LaunchOptions & BrowserContextOptions
}

/** A browser with a profile in a folder of its own. */
export class ProfileBrowser implements OwnBrowser {
  readonly #options: OwnBrowserOptions
  readonly #folder: string
  #context: BrowserContext | undefined

  private constructor(options: OwnBrowserOptions, folder: string) {
    this.#options = options
    this.#folder = folder
  }

  /** Makes the profile's folder, and starts nothing. Whoever makes it disposes of it. */
  static async create(options: OwnBrowserOptions): Promise<ProfileBrowser> {
    return new ProfileBrowser(options, await mkdtemp(join(tmpdir(), "quire-profile-")))
  }

  get network(): Network {
    return this.#options.network
  }

  async start(): Promise<Person> {
    if (this.#context !== undefined) {
      throw new QuireError("QUIRE_BROWSER_RUNS", `${this.#options.name}'s browser runs already`, {
        hint: "Kill or close it first; one profile is one browser's at a time.",
      })
    }
    const { name, network, app, syncUrl, browserType, launch } = this.#options
    const proxy = { server: network.proxyUrl }
    const context = await browserType.launchPersistentContext(this.#folder, { ...launch, proxy })
    this.#context = context
    context.once("close", () => {
      if (this.#context === context) this.#context = undefined
    })
    await app.introduce?.(context, name)
    const page = context.pages()[0] ?? (await context.newPage())
    return personAt(page, { name, context, network, app, syncUrl })
  }

  async kill(): Promise<void> {
    const context = this.#context
    if (context === undefined) return
    const processes = await processesOf(context)
    const closed = new Promise<void>((resolve) => {
      context.once("close", () => resolve())
    })
    for (const id of processes) killNow(id)
    await closed
  }

  async close(): Promise<void> {
    await this.#context?.close()
  }

  /** Ends it and removes the profile. May be called twice. */
  async dispose(): Promise<void> {
    await this.close()
    // A child that was killed with its parent may still be writing for a moment.
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** The ids of all its processes, the browser's own first. */
async function processesOf(context: BrowserContext): Promise<readonly number[]> {
  const browser = await context.browser()?.newBrowserCDPSession()
  const { processInfo } = (await browser?.send("SystemInfo.getProcessInfo")) ?? { processInfo: [] }
  return processInfo.map(({ id }) => id)
}

function killNow(id: number): void {
  try {
    process.kill(id, "SIGKILL")
  } catch (error) {
    // Children may have followed their parent already.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error
  }
}
