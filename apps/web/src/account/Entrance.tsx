import { useEffect } from "react"
import { Mark } from "../ui/Mark.js"
import "./entrance.css"

interface EntranceProps {
  /** What the page is for. */
  readonly title: string
  /** A sentence under it. */
  readonly lead?: React.ReactNode
  readonly children?: React.ReactNode
}

/** A page by which one comes in: one narrow column, one thing to do. */
export function Entrance({ title, lead, children }: EntranceProps): React.ReactNode {
  useEffect(() => {
    document.title = `${title} · Quire`
  }, [title])
  return (
    <div className="entrance">
      <header className="entrance-header">
        <span className="wordmark">
          <Mark />
          Quire
        </span>
      </header>
      <main id="content" className="entrance-main" tabIndex={-1}>
        <h1>{title}</h1>
        {lead !== undefined && <p className="entrance-lead">{lead}</p>}
        {children}
      </main>
    </div>
  )
}
