import { useLayoutEffect, useState } from "react"
import { useServices } from "../app/services.js"
import type { PageSession } from "./page-session.js"

/**
 * Opens a document, and leaves it when the component goes.
 *
 * @returns the open session; `undefined` in the first rendering.
 */
export function usePageSession(id: string): PageSession | undefined {
  const { identity, sessions } = useServices()
  const [session, setSession] = useState<PageSession>()
  // Before the first painting, which would show a page without anything in it.
  useLayoutEffect(() => {
    const opened = sessions.open(id)
    setSession(opened)
    const stopIntroducing = identity.subscribe(() => opened.introduce(identity.get()))
    return () => {
      stopIntroducing()
      opened.leave()
    }
  }, [id, identity, sessions])
  return session
}
