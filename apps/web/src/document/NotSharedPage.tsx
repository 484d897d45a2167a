import { useEffect } from "react"
import { useWho } from "../hooks/use-who.js"
import { BackToAll } from "./BackToAll.js"

/** For documents that one may not read, and for those that there are not: nobody learns which it is. */
export function NotSharedPage(): React.ReactNode {
  const who = useWho()
  useEffect(() => {
    document.title = "Not found · Quire"
  }, [])
  return (
    <main id="content" className="message-page" tabIndex={-1}>
      <h1>There is nothing here for you</h1>
      <p>There is no such document, or it is not shared with you. Whoever sent you the address can share it.</p>
      {who.kind === "somebody" && (
        <p>
          You are here as {who.person.name}
          {who.person.email === undefined ? "" : ` (${who.person.email})`}.
        </p>
      )}
      <BackToAll />
    </main>
  )
}
