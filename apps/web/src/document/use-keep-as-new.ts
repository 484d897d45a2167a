import { useEffect, useRef, useState } from "react"
import { navigate } from "wouter/use-browser-location"
import { documentPath } from "../app/routes.js"
import { type Services, useServices } from "../app/services.js"
import type { Who } from "../app/who-keeper.js"
import { useWho } from "../hooks/use-who.js"
import type { Keeping } from "./keep-as-new.js"
import type { PageSession } from "./page-session.js"
import { withoutCode } from "./refusal-words.js"

/** What a banner offers to keep the text as a document of the person's own. */
export interface KeepAsNew {
  /** Its words and its deed; `undefined` for whoever may not make documents. */
  readonly action: { readonly label: string; readonly onClick: () => void } | undefined
  /** Why the last try failed, as a sentence. */
  readonly failure: string | undefined
}

/** Makes a new document of a page's text, and goes there once it is saved. @param title the page's, as it is shown. */
export function useKeepAsNew(session: PageSession, title: string): KeepAsNew {
  const services = useServices()
  const who = useWho()
  const keeping = useRef<Keeping>(undefined)
  const isBusy = useRef(false)
  const isGone = useRef(false)
  const [state, setState] = useState<{ readonly isKeeping: boolean; readonly failure?: string }>({ isKeeping: false })
  useEffect(() => {
    isGone.current = false
    return () => {
      isGone.current = true
      // A try under way goes on to its end, and then leaves by itself.
      if (!isBusy.current) keeping.current?.close()
    }
  }, [])

  const keep = async (): Promise<void> => {
    if (isBusy.current) return
    isBusy.current = true
    setState({ isKeeping: true })
    const result = await tryOnce(keeping, { session, title, services })
    isBusy.current = false
    if (!result.ok) {
      if (isGone.current) keeping.current?.close()
      return setState({ isKeeping: false, failure: result.reason })
    }
    session.forgo()
    if (!isGone.current) navigate(documentPath(result.document))
  }
  const label = state.isKeeping ? "Keeping…" : "Keep as a new document"
  return {
    action: mayMakeDocuments(who) ? { label, onClick: () => void keep() } : undefined,
    failure: state.failure,
  }
}

interface Subject {
  readonly session: PageSession
  readonly title: string
  readonly services: Services
}

type Kept = { readonly ok: true; readonly document: string } | { readonly ok: false; readonly reason: string }

async function tryOnce(
  keeping: React.RefObject<Keeping | undefined>,
  { session, title, services }: Subject,
): Promise<Kept> {
  try {
    const { Keeping } = await import("./keep-as-new.js")
    keeping.current ??= new Keeping(session, title, services)
    return { ok: true, document: await keeping.current.try() }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { ok: false, reason: `That did not work yet: ${withoutCode(reason).replace(/\.?$/, ".")} Try again.` }
  }
}

/** Guests and those whom another application sends came for what was shared with them. */
function mayMakeDocuments(who: Who): boolean {
  return who.kind === "open" || (who.kind === "somebody" && who.person.kind === "account" && !who.hasLapsed)
}
