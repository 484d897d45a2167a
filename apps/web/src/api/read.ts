import { isObject, unreadable } from "./call.js"

/*
 * What the server answers is data from outside like any other: an older or newer server, a proxy, or a mistake may have
 * written it. Each reader gives a value of the right type and size, or throws `QUIRE_UNREADABLE`.
 */

/** Lists are read to this length: more than a server keeps of anything, and not more than a page can show. */
const MAX_ROWS = 10_000

/** Longest text taken where nothing shorter is said, in UTF-16 units. */
const MAX_TEXT = 2_000

/** Fields of an object. @param what names it in the error. */
export function readFields(value: unknown, what: string): Record<string, unknown> {
  if (!isObject(value) || Array.isArray(value)) throw unreadable(`${what} is no object`)
  return value
}

/** The rows of a list, each read by `readRow`. */
export function readRows<T>(value: unknown, what: string, readRow: (row: unknown) => T): readonly T[] {
  if (!Array.isArray(value)) throw unreadable(`there is no list of ${what}`)
  return value.slice(0, MAX_ROWS).map(readRow)
}

/** Text, cut to `max` UTF-16 units. */
export function readText(value: unknown, what: string, max: number = MAX_TEXT): string {
  if (typeof value !== "string") throw unreadable(`${what} is no text`)
  return value.slice(0, max).toWellFormed()
}

/** Text, or `undefined` where there is none. */
export function readOptionalText(value: unknown, what: string): string | undefined {
  return value === undefined || value === null ? undefined : readText(value, what)
}

/** A count or a time: 0 or more, whole, as exact as a number can be. */
export function readCount(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw unreadable(`${what} is no number`)
  return value
}

/** A count or a time, or `undefined` where there is none. */
export function readOptionalCount(value: unknown, what: string): number | undefined {
  return value === undefined || value === null ? undefined : readCount(value, what)
}
