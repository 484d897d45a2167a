import { useEffect, useState } from "react"
import { useServices } from "../app/services.js"
import { useReturn } from "../hooks/use-return.js"
import { failure, type Listing, loadFromDevice, loadFromServer } from "./listing.js"

/** A server that takes longer is not waited for with an empty page: what this device knows is shown meanwhile. */
const PATIENCE_MS = 3_000

/** Without a server, it is asked again after this long. */
const RETRY_MS = 10_000

/** The list of documents, read again whenever the person comes back to the page, and until a server gives it. */
export function useListing(): { readonly listing: Listing; readonly reload: () => void } {
  const { api, clock, copies } = useServices()
  const [listing, setListing] = useState<Listing>({ kind: "loading" })
  const [round, setRound] = useState(0)
  const reload = (): void => setRound((former) => former + 1)
  useReturn(reload)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each round reads the list again
  useEffect(() => {
    const { library } = copies
    const leaving = new AbortController()
    let isAnswered = false
    let stopRetrying = (): void => undefined
    /** `otherwise` is what is shown of a device that knows nothing; without it the server may still answer. */
    const showDevice = async (otherwise: Listing | undefined): Promise<void> => {
      const rows = await loadFromDevice({ library })
      if (leaving.signal.aborted || (isAnswered && otherwise === undefined)) return
      if (rows.length > 0) setListing({ kind: "on-device", rows, loadedMs: clock.now() })
      else if (otherwise !== undefined) setListing(otherwise)
    }
    const load = async (): Promise<void> => {
      try {
        const rows = await loadFromServer({ api, library }, leaving.signal)
        if (leaving.signal.aborted) return
        isAnswered = true
        setListing({ kind: "ready", rows, loadedMs: clock.now() })
      } catch (error) {
        if (leaving.signal.aborted) return
        isAnswered = true
        // A page that nobody sees asks when it is seen again.
        stopRetrying = clock.schedule(RETRY_MS, () => {
          if (document.visibilityState === "visible") setRound((former) => former + 1)
        })
        await showDevice(failure(error))
      }
    }
    void load()
    const stopWaiting = clock.schedule(PATIENCE_MS, () => {
      if (!isAnswered) void showDevice(undefined)
    })
    return () => {
      stopWaiting()
      stopRetrying()
      leaving.abort()
    }
  }, [api, clock, copies, round])
  return { listing, reload }
}
