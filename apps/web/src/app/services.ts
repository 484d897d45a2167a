import type { Clock, Random } from "@quire/base"
import { IndexedDbCopies } from "@quire/provider"
import { createContext, useContext } from "react"
import { type Call, createCall } from "../api/call.js"
import { type Api, createApi } from "../api/client.js"
import { askWho } from "../api/who.js"
import { guestToken } from "../device/device-secret.js"
import { Identity } from "../device/identity.js"
import { browserClock, browserRandom } from "../device/platform.js"
import { ShellUpdates } from "../device/shell-updates.js"
import { UnsavedGuard } from "../device/unsaved.js"
import { PageSessions } from "../document/page-sessions.js"
import { WhoKeeper } from "./who-keeper.js"

/** What all pages share; made once, before the first rendering. */
export interface Services {
  /** The server's HTTP interface. */
  readonly call: Call
  /** What of it is about documents. */
  readonly api: Api
  /** Who sits here, as far as the server knows them. */
  readonly who: WhoKeeper
  /** Who sits here, as others see them. */
  readonly identity: Identity
  /** Asks before the browser leaves while something is unsaved. */
  readonly unsaved: UnsavedGuard
  /** The documents' copies on this device. */
  readonly copies: IndexedDbCopies
  /** Opens documents. */
  readonly sessions: PageSessions
  /** The app's files on this device, and whether they are newer than this page. */
  readonly shell: ShellUpdates
  /** Time. */
  readonly clock: Clock
  /** Randomness. */
  readonly random: Random
}

/** The services of a page in a browser's window. */
export function createServices(window: Window): Services {
  const { protocol, host } = window.location
  const call = createCall((input, init) => fetch(input, init))
  const who = new WhoKeeper({ ask: () => askWho(call), storage: () => window.localStorage })
  const identity = new Identity(() => window.localStorage, browserRandom)
  const unsaved = new UnsavedGuard(window, browserClock)
  const introduce = (): void => {
    const now = who.get()
    identity.take(now.kind === "somebody" ? now.person : undefined)
  }
  introduce()
  who.subscribe(introduce)
  const copies = new IndexedDbCopies(who.user())
  return {
    call,
    api: createApi(call),
    who,
    identity,
    unsaved,
    copies,
    sessions: new PageSessions({
      syncUrl: `${protocol === "https:" ? "wss:" : "ws:"}//${host}/sync`,
      person: () => identity.get(),
      // Whom the server knows it knows by their cookie, and a token would count before that.
      token: () => (who.get().kind === "somebody" ? "" : guestToken(() => window.localStorage, browserRandom)),
      random: browserRandom,
      unsaved,
      copies,
    }),
    shell: new ShellUpdates({
      // Vite's development server has no worker.
      workers: import.meta.env.PROD && "serviceWorker" in navigator ? navigator.serviceWorker : undefined,
      script: new URL(import.meta.url).pathname,
      document: window.document,
      clock: browserClock,
    }),
    clock: browserClock,
    random: browserRandom,
  }
}

/** Carries the services to whoever needs them. */
export const ServicesContext: React.Context<Services | undefined> = createContext<Services | undefined>(undefined)

/** The services. Only within `App`. */
export function useServices(): Services {
  const services = useContext(ServicesContext)
  if (services === undefined) throw new TypeError("useServices is called outside App")
  return services
}
