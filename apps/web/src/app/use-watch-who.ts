import { useEffect } from "react"
import { useReturn } from "../hooks/use-return.js"
import { useServices } from "./services.js"

/**
 * Asks the server who sits here, and again when the person comes back; and hears of it from other tabs. A page that was
 * opened for somebody else is loaded anew, unless it is one that lets people in: that goes on by itself.
 */
export function useWatchWho(isEntrance: boolean): void {
  const { who } = useServices()
  useReturn(() => {
    if (who.get().kind !== "open") void who.refresh()
  })
  useEffect(() => {
    const handleStorage = (event: StorageEvent): void => {
      if (event.key === "quire.who") who.heard()
    }
    window.addEventListener("storage", handleStorage)
    void who.refresh()
    return () => window.removeEventListener("storage", handleStorage)
  }, [who])
  useEffect(() => {
    if (isEntrance) return
    const handleChange = (): void => {
      if (who.isOfAnother()) window.location.reload()
    }
    handleChange()
    return who.subscribe(handleChange)
  }, [who, isEntrance])
}
