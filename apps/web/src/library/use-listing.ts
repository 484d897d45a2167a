import { QuireError } from "@quire/base"
import { useEffect, useState } from "react"
import type { DocumentEntry } from "../api/client.js"
import { useServices } from "../app/services.js"
import { useReturn } from "../hooks/use-return.js"

/** What is known of the list of documents. */
export type Listing =
  | { readonly kind: "loading" }
  | {
      readonly kind: "ready"
      readonly documents: readonly DocumentEntry[]
      /** When the list came, in milliseconds since the epoch. */
      readonly loadedMs: number
    }
  | { readonly kind: "failed"; readonly message: string; readonly hint: string | undefined }

/** The list of documents, read again whenever the person comes back to the page. */
export function useListing(): { readonly listing: Listing; readonly reload: () => void } {
  const { api, clock } = useServices()
  const [listing, setListing] = useState<Listing>({ kind: "loading" })
  const [round, setRound] = useState(0)
  const reload = (): void => setRound((former) => former + 1)
  useReturn(reload)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each round reads the list again
  useEffect(() => {
    const leaving = new AbortController()
    const load = async (): Promise<void> => {
      try {
        const documents = await api.listDocuments({ signal: leaving.signal })
        setListing({ kind: "ready", documents, loadedMs: clock.now() })
      } catch (error) {
        if (leaving.signal.aborted) return
        setListing(failure(error))
      }
    }
    void load()
    return () => leaving.abort()
  }, [api, clock, round])
  return { listing, reload }
}

function failure(error: unknown): Listing {
  if (error instanceof QuireError) return { kind: "failed", message: error.message, hint: error.hint }
  return { kind: "failed", message: error instanceof Error ? error.message : String(error), hint: undefined }
}
