import { useCallback, useLayoutEffect, useRef, useState } from "react"
import { useServices } from "../app/services.js"
import type { PageSession } from "./page-session.js"

/** An open session of a document, for as long as the component is there, and what opens it anew. */
export interface UsedPageSession {
  /** `undefined` in the first rendering. */
  readonly session: PageSession | undefined
  /** Opens the document anew, for one whose connection the server has refused: nothing of the old session is lost. */
  readonly reopen: () => void
}

/** Opens a document, and leaves it when the component goes. */
export function usePageSession(id: string): UsedPageSession {
  const { identity, sessions } = useServices()
  const [session, setSession] = useState<PageSession>()
  const current = useRef<PageSession>(undefined)
  // Before the first painting, which would show a page without anything in it.
  useLayoutEffect(() => {
    current.current = sessions.open(id)
    setSession(current.current)
    const stopIntroducing = identity.subscribe(() => current.current?.introduce(identity.get()))
    return () => {
      stopIntroducing()
      current.current?.leave()
    }
  }, [id, identity, sessions])
  const reopen = useCallback(() => {
    const former = current.current
    if (former === undefined) return
    current.current = sessions.reopen(id, former)
    setSession(current.current)
  }, [id, sessions])
  return { session, reopen }
}
