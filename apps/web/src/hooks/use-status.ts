import type { Provider, Status } from "@quire/provider"
import { useRef, useSyncExternalStore } from "react"

/** What a page shows of its provider beside the save light: nothing in it changes with a key. */
export type Standing = Omit<Status, "save">

/**
 * Where a provider stands: the same object until something other than the save status changes. That changes twice at
 * each key, and whoever renders for it does so in the key's own frame; it is `DrawnWords`' and the save light's alone.
 */
export function useStanding(provider: Provider): Standing {
  const known = useRef<Standing>(undefined)
  return useSyncExternalStore(provider.subscribe, () => {
    const status = provider.getStatus()
    if (known.current === undefined || !isSame(known.current, status)) known.current = status
    return known.current
  })
}

function isSame(one: Standing, other: Standing): boolean {
  return (
    one.connection === other.connection &&
    one.hasSynced === other.hasSynced &&
    one.isReadable === other.isReadable &&
    one.grant === other.grant &&
    one.isSchemaBehind === other.isSchemaBehind &&
    one.notices === other.notices
  )
}
