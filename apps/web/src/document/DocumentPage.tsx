import { useEffect, useLayoutEffect, useState, useSyncExternalStore } from "react"
import type { DocumentEntry } from "../api/client.js"
import { useServices } from "../app/services.js"
import { useReturn } from "../hooks/use-return.js"
import { BackToAll } from "./BackToAll.js"
import { PageDocument } from "./PageDocument.js"
import { TitleKeeper } from "./title-keeper.js"
import { usePageSession } from "./use-page-session.js"

/** Opens a document: a page to write on, or a sentence about what else it is. */
export function DocumentPage({ id }: { readonly id: string }): React.ReactNode {
  const titles = useTitleKeeper(id)
  return titles === undefined ? null : <OpenDocument id={id} titles={titles} />
}

function OpenDocument({ id, titles }: { readonly id: string; readonly titles: TitleKeeper }): React.ReactNode {
  const { title, entry } = useSyncExternalStore(titles.subscribe, titles.getState)
  useReturn(() => void titles.refresh())
  useEffect(() => {
    document.title = `${title || "Untitled"} · Quire`
  }, [title])
  if (isKnown(entry) && entry.kind === "plain") return <PlainDocument entry={entry} />
  return <Room id={id} titles={titles} />
}

function Room({ id, titles }: { readonly id: string; readonly titles: TitleKeeper }): React.ReactNode {
  const session = usePageSession(id)
  if (session === undefined) return null
  return <PageDocument id={id} session={session} titles={titles} />
}

function PlainDocument({ entry }: { readonly entry: DocumentEntry }): React.ReactNode {
  return (
    <main id="content" className="message-page" tabIndex={-1}>
      <h1>{entry.title || entry.id}</h1>
      <p>
        This document is not a page: another kind of program writes it. Quire keeps it safe and in step, but cannot show
        it here.
      </p>
      <BackToAll />
    </main>
  )
}

/** The document's title, read at once. Made in an effect, so that what StrictMode makes twice is closed once too. */
function useTitleKeeper(id: string): TitleKeeper | undefined {
  const { api, clock, copies } = useServices()
  const [titles, setTitles] = useState<TitleKeeper>()
  // Before the first painting, which would show nothing.
  useLayoutEffect(() => {
    const opened = new TitleKeeper(id, { api, clock, library: copies.library })
    void opened.open()
    setTitles(opened)
    return () => opened.close()
  }, [id, api, clock, copies])
  return titles
}

function isKnown(entry: DocumentEntry | "unknown" | "none"): entry is DocumentEntry {
  return typeof entry === "object"
}
