import { ToolIcon } from "./ToolIcon.js"

/** The icons of the toolbar, each the look of what it makes. */

/** Items with points. */
export function BulletIcon(): React.ReactNode {
  return <ToolIcon path="M8 5.5h8M8 10h8M8 14.5h8M4 5.5h.01M4 10h.01M4 14.5h.01" />
}

/** Items with numbers. */
export function OrderedIcon(): React.ReactNode {
  return (
    <ToolIcon path="M9 5.5h7M9 10h7M9 14.5h7M3.6 4.4l1.1-.6v3.4M3.5 12.7c.4-.9 2-.7 1.9.3-.1.7-1.1 1.3-1.9 2.3h2" />
  )
}

/** Items with boxes. */
export function TaskIcon(): React.ReactNode {
  return <ToolIcon path="M4.5 4.5h11v11h-11zM7.3 10l2 2 3.6-4" />
}

/** Somebody else's words. */
export function QuoteIcon(): React.ReactNode {
  return <ToolIcon path="M4.5 4.5v11M8.5 6h7.5M8.5 10h7.5M8.5 14h5" />
}

/** Somewhere else. */
export function LinkIcon(): React.ReactNode {
  return (
    <ToolIcon path="M8.4 11.6a3 3 0 0 0 4.3 0l2.5-2.5a3 3 0 0 0-4.3-4.3l-.9.9M11.6 8.4a3 3 0 0 0-4.3 0l-2.5 2.5a3 3 0 0 0 4.3 4.3l.9-.9" />
  )
}

/** What else there is. */
export function MoreIcon(): React.ReactNode {
  return <ToolIcon path="M4.5 10h.01M10 10h.01M15.5 10h.01" weight={2.6} />
}
