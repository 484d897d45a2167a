import type { ShareLink } from "../api/access.js"

/** What limits a link, and how often it was opened, in words. */
export function linkWords(link: ShareLink, nowMs: number): string {
  const { hasPassword, expiresMs, maxViews, views } = link
  const isOver = expiresMs !== undefined && expiresMs <= nowMs
  const isUsedUp = maxViews !== undefined && views >= maxViews
  const parts = [
    hasPassword ? "with a password" : "without a password",
    isOver ? "expired" : expiresMs === undefined ? "for ever" : `until ${DATE.format(expiresMs)}`,
    isUsedUp ? "used up" : openedWords(views, maxViews),
  ]
  return parts.join(", ")
}

function openedWords(views: number, maxViews: number | undefined): string {
  if (maxViews !== undefined) return `opened ${views} of ${maxViews} times`
  return views === 0 ? "not opened yet" : `opened ${views} ${views === 1 ? "time" : "times"}`
}

const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" })
