import { useEffect, useState } from "react"
import { useServices } from "../app/services.js"
import { PageSession } from "./page-session.js"

/** An open session of a document, for as long as the component is there; `undefined` in the first rendering. */
export function usePageSession(id: string): PageSession | undefined {
  const { copies, identity, random, syncUrl, token, unsaved } = useServices()
  const [session, setSession] = useState<PageSession>()
  useEffect(() => {
    const opened = new PageSession({ id, syncUrl, token, person: identity.get(), random, unsaved, copies })
    opened.open()
    setSession(opened)
    const stopIntroducing = identity.subscribe(() => opened.introduce(identity.get()))
    return () => {
      stopIntroducing()
      opened.leave()
    }
  }, [id, syncUrl, token, identity, random, unsaved, copies])
  return session
}
