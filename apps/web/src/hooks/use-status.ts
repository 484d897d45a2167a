import type { Provider, Status } from "@quire/provider"
import { useSyncExternalStore } from "react"

/** Where a provider stands; `getStatus` gives the same object until something changes. */
export function useStatus(provider: Provider): Status {
  return useSyncExternalStore(
    (listener) => provider.subscribe(listener),
    () => provider.getStatus(),
  )
}
