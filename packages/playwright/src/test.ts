import {
  type BrowserContextOptions,
  test as base,
  type PlaywrightTestArgs,
  type PlaywrightTestOptions,
  type PlaywrightWorkerArgs,
  type PlaywrightWorkerOptions,
  type TestType,
} from "@playwright/test"
import { type App, quireApp } from "./app.js"
import { findServer } from "./find-server.js"
import { Network } from "./network.js"
import { type OwnBrowser, ProfileBrowser } from "./own-browser.js"
import { nameOf, type Person, personAt } from "./person.js"
import { GivenServer, PLAIN_HOST, QuireServer, type TestServer } from "./server.js"
import { systemClock } from "./system-clock.js"

/** What `test.use` may set. */
export interface QuireOptions {
  /** Address of a running y-websocket server, `ws:` or `wss:`; `undefined` for a Quire server of the test's own. */
  readonly serverUrl: string | undefined
  /** More arguments for the own server's `quire serve`, such as `["--origin", "http://127.0.0.1:5173"]`. */
  readonly serverArgs: readonly string[]
  /** The page under test; Quire's if left out. */
  readonly app: App
}

/** Exactly `N` people as a tuple; a list where the number is not known to the compiler. */
export type People<N extends number, List extends readonly Person[] = readonly []> = number extends N
  ? readonly Person[]
  : List["length"] extends N
    ? List
    : People<N, readonly [...List, Person]>

/** What a test may ask for. */
export interface QuireFixtures {
  /** The test's server: started for it, with a port and a folder of its own, and gone after it. */
  readonly server: TestServer
  /** Makes one person. Options are those of a browser context. */
  readonly person: (name: string, options?: BrowserContextOptions) => Promise<Person>
  /** Makes several, called Anna, Ben, Carla … */
  readonly people: <N extends number>(count: N, options?: BrowserContextOptions) => Promise<People<N>>
  /** Makes a person with a browser process and a profile of their own, not started yet: for killing it. Chromium only. */
  readonly ownBrowser: (name: string, options?: BrowserContextOptions) => Promise<OwnBrowser>
}

/** Playwright's `test` with a server and people. */
export const test: TestType<
  PlaywrightTestArgs & PlaywrightTestOptions & QuireOptions & QuireFixtures,
  PlaywrightWorkerArgs & PlaywrightWorkerOptions
> = base.extend<QuireOptions & QuireFixtures>({
  serverUrl: [undefined, { option: true }],
  serverArgs: [[], { option: true }],
  app: [quireApp, { option: true }],

  server: async ({ serverUrl, serverArgs }, use, testInfo) => {
    if (serverUrl !== undefined) return use(new GivenServer(serverUrl))
    const server = await QuireServer.start(findServer(), serverArgs)
    await use(server)
    await server.dispose()
    if (testInfo.status === testInfo.expectedStatus || server.log === "") return
    await testInfo.attach("server.log", { body: server.log, contentType: "text/plain" })
  },

  person: async ({ browser, server, app, baseURL }, use) => {
    const owned: (() => Promise<void>)[] = []
    await use(async (name, options = {}) => {
      const network = await networkTo(server)
      owned.push(() => network.close())
      const context = await browser.newContext({
        baseURL: baseURL ?? server.url,
        ...options,
        proxy: { server: network.proxyUrl },
      })
      owned.push(() => context.close())
      await app.introduce?.(context, name)
      return personAt(await context.newPage(), { name, context, network, app, syncUrl: server.syncUrl })
    })
    for (const close of owned.reverse()) await close()
  },

  people: async ({ person }, use) => {
    await use(async (count, options) => {
      const people: Person[] = []
      for (let i = 0; i < count; i++) people.push(await person(nameOf(i), options))
      return people as readonly Person[] as People<typeof count> // the loop made `count` of them
    })
  },

  ownBrowser: async ({ playwright, browserName, launchOptions, headless, server, app, baseURL }, use) => {
    const owned: (() => Promise<void>)[] = []
    await use(async (name, options = {}) => {
      const network = await networkTo(server)
      owned.push(() => network.close())
      const launch = { baseURL: baseURL ?? server.url, ...launchOptions, headless: headless ?? true, ...options }
      const browserType = playwright[browserName]
      const made = await ProfileBrowser.create({ name, network, app, syncUrl: server.syncUrl, browserType, launch })
      owned.push(() => made.dispose())
      return made
    })
    for (const close of owned.reverse()) await close()
  },
})

function networkTo(server: TestServer): Promise<Network> {
  return Network.open({ clock: systemClock, hosts: new Map([[PLAIN_HOST, new URL(server.url).host]]) })
}
