const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** A moment in words, in the reader's language: "5 minutes ago" within a week, else its date. */
export function timeAgo(atMs: number, nowMs: number): string {
  const passedMs = Math.max(0, nowMs - atMs) // clocks differ: nothing was changed in the future
  if (passedMs < MINUTE_MS) return RELATIVE.format(0, "second")
  if (passedMs < HOUR_MS) return RELATIVE.format(-Math.floor(passedMs / MINUTE_MS), "minute")
  if (passedMs < DAY_MS) return RELATIVE.format(-Math.floor(passedMs / HOUR_MS), "hour")
  if (passedMs < 7 * DAY_MS) return RELATIVE.format(-Math.floor(passedMs / DAY_MS), "day")
  return DATE.format(atMs)
}

const RELATIVE = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" })
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" })
