import { expect, it } from "vitest"
import { timeAgo } from "../../src/library/time-ago.js"

const NOW_MS = Date.UTC(2026, 5, 15, 12)
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** The reader's language is the machine's: what is expected is said in it too. */
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" })

it.each<[string, number, number, Intl.RelativeTimeFormatUnit]>([
  ["this moment", 0, 0, "second"],
  ["just under a minute", MINUTE_MS - 1, 0, "second"],
  ["a minute", MINUTE_MS, -1, "minute"],
  ["just under an hour", HOUR_MS - 1, -59, "minute"],
  ["an hour", HOUR_MS, -1, "hour"],
  ["just under a day", DAY_MS - 1, -23, "hour"],
  ["a day", DAY_MS, -1, "day"],
  ["just under a week", 7 * DAY_MS - 1, -6, "day"],
])("says %s ago in its largest whole unit", (_what, agoMs, amount, unit) => {
  expect(timeAgo(NOW_MS - agoMs, NOW_MS)).toBe(relative.format(amount, unit))
})

it("gives the date from a week on", () => {
  const atMs = NOW_MS - 7 * DAY_MS
  expect(timeAgo(atMs, NOW_MS)).toBe(new Intl.DateTimeFormat(undefined, { dateStyle: "medium" }).format(atMs))
})

it("calls the future now: clocks differ", () => {
  expect(timeAgo(NOW_MS + DAY_MS, NOW_MS)).toBe(relative.format(0, "second"))
})
