import { useEffect } from "react"
import { Link } from "../ui/Link.js"

/** For addresses that show nothing. */
export function LostPage({ reason }: { readonly reason: string }): React.ReactNode {
  useEffect(() => {
    document.title = "Not found · Quire"
  }, [])
  return (
    <main id="content" className="message-page" tabIndex={-1}>
      <h1>Nothing here</h1>
      <p>Quire cannot open this address: {reason}.</p>
      <p>
        <Link href="/">All documents</Link>
      </p>
    </main>
  )
}
