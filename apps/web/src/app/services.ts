import type { Clock, Random } from "@quire/base"
import { IndexedDbCopies } from "@quire/provider"
import { createContext, useContext } from "react"
import { type Api, createApi } from "../api/client.js"
import { guestToken } from "../device/device-secret.js"
import { Identity } from "../device/identity.js"
import { browserClock, browserRandom } from "../device/platform.js"
import { ShellUpdates } from "../device/shell-updates.js"
import { UnsavedGuard } from "../device/unsaved.js"

/** What all pages share; made once, before the first rendering. */
export interface Services {
  /** The server's HTTP interface. */
  readonly api: Api
  /** Who sits here. */
  readonly identity: Identity
  /** Asks before the browser leaves while something is unsaved. */
  readonly unsaved: UnsavedGuard
  /** The documents' copies on this device. */
  readonly copies: IndexedDbCopies
  /** The app's files on this device, and whether they are newer than this page. */
  readonly shell: ShellUpdates
  /** Time. */
  readonly clock: Clock
  /** Randomness. */
  readonly random: Random
  /** Where rooms are: `ws:` or `wss:`, without a document. */
  readonly syncUrl: string
  /** Makes all pages of this browser one guest to the server. Never shown. */
  readonly token: string
}

/** The services of a page in a browser's window. */
export function createServices(window: Window): Services {
  const { protocol, host } = window.location
  return {
    api: createApi((input, init) => fetch(input, init)),
    identity: new Identity(() => window.localStorage, browserRandom),
    unsaved: new UnsavedGuard(window),
    // There are no accounts yet: whoever sits at this browser is the same guest.
    copies: new IndexedDbCopies("guest"),
    shell: new ShellUpdates({
      // Vite's development server has no worker.
      workers: import.meta.env.PROD && "serviceWorker" in navigator ? navigator.serviceWorker : undefined,
      script: new URL(import.meta.url).pathname,
      document: window.document,
      clock: browserClock,
    }),
    clock: browserClock,
    random: browserRandom,
    syncUrl: `${protocol === "https:" ? "wss:" : "ws:"}//${host}/sync`,
    token: guestToken(() => window.localStorage, browserRandom),
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
