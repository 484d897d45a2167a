import { documentPath } from "../app/routes.js"
import { PageIcon, PlainIcon } from "../ui/icons.js"
import { Link } from "../ui/Link.js"
import type { ListedRow } from "./listing.js"
import { timeAgo } from "./time-ago.js"

/** One document in the list. */
export function DocumentRow({ row, nowMs }: { readonly row: ListedRow; readonly nowMs: number }): React.ReactNode {
  const { entry, isAvailable } = row
  const isPlain = entry.kind === "plain"
  return (
    <li>
      <Link className="document-row" data-available={isAvailable} href={documentPath(entry.id)}>
        {isPlain ? <PlainIcon /> : <PageIcon />}
        <span className="document-row-title" data-untitled={entry.title === ""} dir="auto">
          {entry.title || (isPlain ? entry.id : "Untitled")}
        </span>
        {isPlain && (
          <span className="chip" title="Written by another kind of client; Quire keeps it but does not show it">
            plain
          </span>
        )}
        {!isAvailable && (
          <span className="chip" title="There is no copy of it on this device: it opens once a server can be reached">
            not available offline
          </span>
        )}
        <time className="document-row-time" dateTime={new Date(entry.changedMs).toISOString()}>
          {timeAgo(entry.changedMs, nowMs)}
        </time>
      </Link>
    </li>
  )
}
