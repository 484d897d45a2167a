import { useSyncExternalStore } from "react"
import { useServices } from "../app/services.js"
import type { Who } from "../app/who-keeper.js"

/** Who sits here. */
export function useWho(): Who {
  const { who } = useServices()
  return useSyncExternalStore(who.subscribe, who.get)
}
