import { lazy, Suspense, useEffect, useState } from "react"
import { navigate } from "wouter/use-browser-location"
import { documentPath } from "../app/routes.js"
import { useServices } from "../app/services.js"
import { useWho } from "../hooks/use-who.js"
import { Button } from "../ui/Button.js"
import { PlusIcon } from "../ui/icons.js"
import { Mark } from "../ui/Mark.js"
import { asSentence } from "../ui/sentence.js"
import { DocumentRow } from "./DocumentRow.js"
import type { Listing } from "./listing.js"
import { useListing } from "./use-listing.js"
import "./library.css"

const PersonButton = lazy(async () => ({ default: (await import("../account/PersonButton.js")).PersonButton }))

/** All documents, and the way to a new one. */
export function LibraryPage(): React.ReactNode {
  const { listing, reload } = useListing()
  const who = useWho()
  // Guests came for what was shared with them.
  const mayMake = who.kind !== "somebody" || who.person.kind === "account"
  useEffect(() => {
    document.title = "Documents · Quire"
  }, [])
  return (
    <div className="library">
      <header className="library-header">
        <span className="wordmark">
          <Mark />
          Quire
        </span>
        <Connection listing={listing} onRetry={reload} />
        {who.kind === "somebody" && (
          <Suspense>
            <PersonButton person={who.person} />
          </Suspense>
        )}
      </header>
      <main id="content" tabIndex={-1}>
        <div className="library-title">
          <h1>Documents</h1>
          {mayMake && <NewDocument />}
        </div>
        <Documents listing={listing} onRetry={reload} />
      </main>
    </div>
  )
}

function Documents({ listing, onRetry }: { readonly listing: Listing; readonly onRetry: () => void }): React.ReactNode {
  if (listing.kind === "loading") return <p className="library-note appears-late">Loading…</p>
  if (listing.kind === "failed") {
    return (
      <div className="library-note" role="alert">
        <p className="library-note-lead">{asSentence(listing.message)}</p>
        {listing.hint !== undefined && <p>{listing.hint}</p>}
        <Button onClick={onRetry}>Try again</Button>
      </div>
    )
  }
  if (listing.rows.length === 0) return <Empty />
  return (
    <ul className="document-list" aria-label="Documents">
      {listing.rows.map((row) => (
        <DocumentRow key={row.entry.id} row={row} nowMs={listing.loadedMs} />
      ))}
    </ul>
  )
}

/** Says that the list is the device's: in the header, so that the list stays where it is. */
function Connection({
  listing,
  onRetry,
}: {
  readonly listing: Listing
  readonly onRetry: () => void
}): React.ReactNode {
  const isOffline = listing.kind === "on-device"
  // The live region is there before it speaks: some screen readers miss those that come with their words.
  return (
    <div className="library-connection">
      <p role="status">{isOffline && "Offline: the documents this device knows"}</p>
      {isOffline && <Button onClick={onRetry}>Try again</Button>}
    </div>
  )
}

function Empty(): React.ReactNode {
  return (
    <div className="library-note">
      <p className="library-note-lead">No documents yet.</p>
      <p>Make the first one, and send its address to whoever should write with you.</p>
    </div>
  )
}

function NewDocument(): React.ReactNode {
  const { api } = useServices()
  const [making, setMaking] = useState<{ readonly kind: "no" | "yes" } | { readonly kind: "failed"; message: string }>({
    kind: "no",
  })
  const handleClick = async (): Promise<void> => {
    setMaking({ kind: "yes" })
    try {
      const entry = await api.createDocument("")
      navigate(documentPath(entry.id), { state: { isNew: true } })
    } catch (error) {
      setMaking({ kind: "failed", message: error instanceof Error ? error.message : String(error) })
    }
  }
  return (
    <div className="new-document">
      <Button look="primary" disabled={making.kind === "yes"} onClick={handleClick}>
        <PlusIcon />
        New document
      </Button>
      {making.kind === "failed" && <p role="alert">No document was made. {asSentence(making.message)}</p>}
    </div>
  )
}
