import type { Clock, Random } from "@quire/base"
import { IndexedDbCopies, type TokenSource } from "@quire/provider"
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
import type { Host } from "../embed/host.js"
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
  /** The application around the frame that the page is shown in, if it is shown in one. */
  readonly host?: Host
  /** Time. */
  readonly clock: Clock
  /** Randomness. */
  readonly random: Random
}

/** The services of a page in a browser's window. */
export function createServices(window: Window): Services {
  const call = createCall((input, init) => fetch(input, init))
  const who = new WhoKeeper({ ask: () => askWho(call), storage: () => window.localStorage })
  return assemble(window, {
    call,
    who,
    storage: () => window.localStorage,
    // Whom the server knows it knows by their cookie, and a token would count before that.
    token: () => (who.get().kind === "somebody" ? "" : guestToken(() => window.localStorage, browserRandom)),
    // Vite's development server has no worker.
    workers: import.meta.env.PROD && "serviceWorker" in navigator ? navigator.serviceWorker : undefined,
  })
}

/** How a page's person is known to the server, and what else differs in a frame. */
export interface Standing {
  readonly call: Call
  readonly who: WhoKeeper
  /** Who we are, for the server's sockets. */
  readonly token: () => TokenSource
  /** What is kept about the visitor on this device; throws where nothing is. */
  readonly storage: () => Storage
  /** Left out where nothing is kept for reloads. */
  readonly workers?: ServiceWorkerContainer | undefined
  readonly host?: Host
  /** Whose the documents' copies on this device are; whom the keeper knows if left out. */
  readonly user?: string
}

/** Puts the services together. */
export function assemble(
  window: Window,
  { call, who, token, storage, workers, host: around, user }: Standing,
): Services {
  const { protocol, host } = window.location
  const identity = new Identity(storage, browserRandom)
  const unsaved = new UnsavedGuard(window, browserClock)
  const introduce = (): void => {
    const now = who.get()
    identity.take(now.kind === "somebody" ? now.person : undefined)
  }
  introduce()
  who.subscribe(introduce)
  const copies = new IndexedDbCopies(user ?? who.user())
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
      token,
      random: browserRandom,
      unsaved,
      copies,
      // Other frames and tabs of this browser may be other people's: nothing goes between them past the server.
      hasTabs: around === undefined,
    }),
    shell: new ShellUpdates({
      workers,
      script: new URL(import.meta.url).pathname,
      document: window.document,
      clock: browserClock,
    }),
    ...(around === undefined ? {} : { host: around }),
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
