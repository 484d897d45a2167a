import type { Clock, Random } from "@quire/base"
import { createContext, useContext } from "react"
import { type Api, createApi } from "../api/client.js"
import { Identity } from "../device/identity.js"
import { browserClock, browserRandom } from "../device/platform.js"
import { UnsavedGuard } from "../device/unsaved.js"

/** What all pages share; made once, before the first rendering. */
export interface Services {
  /** The server's HTTP interface. */
  readonly api: Api
  /** Who sits here. */
  readonly identity: Identity
  /** Asks before the browser leaves while something is unsaved. */
  readonly unsaved: UnsavedGuard
  /** Time. */
  readonly clock: Clock
  /** Randomness. */
  readonly random: Random
  /** Where rooms are: `ws:` or `wss:`, without a document. */
  readonly syncUrl: string
}

/** The services of a page in a browser's window. */
export function createServices(window: Window): Services {
  const { protocol, host } = window.location
  return {
    api: createApi((input, init) => fetch(input, init)),
    identity: new Identity(() => window.localStorage, browserRandom),
    unsaved: new UnsavedGuard(window),
    clock: browserClock,
    random: browserRandom,
    syncUrl: `${protocol === "https:" ? "wss:" : "ws:"}//${host}/sync`,
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
