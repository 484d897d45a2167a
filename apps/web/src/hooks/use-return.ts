import { useEffect, useEffectEvent } from "react"

/** Runs something whenever the person comes back to this page: another window, another tab, a sleeping device. */
export function useReturn(run: () => void): void {
  const handleReturn = useEffectEvent(run)
  useEffect(() => {
    const handleVisibility = (): void => {
      if (document.visibilityState === "visible") handleReturn()
    }
    const handleFocus = (): void => handleReturn()
    document.addEventListener("visibilitychange", handleVisibility)
    window.addEventListener("focus", handleFocus)
    return () => {
      document.removeEventListener("visibilitychange", handleVisibility)
      window.removeEventListener("focus", handleFocus)
    }
  }, [])
}
