/*
 * What is not known to be on the server's disk, and what settles it. Pure values; no update bytes are kept here, and
 * none of what others sent. Why that is enough:
 *
 * - The ydoc holds every edit, ours and others', also those that wait for something they build on. Each connection
 *   starts with the server's step 1, and our step 2 is the ydoc minus that state vector, with all deletions. So the
 *   first content message of a connection carries everything the server lacks, whatever happened before: our edits
 *   made offline, edits sent and never acknowledged, and edits of others which a server sent on and then lost in a
 *   crash before they were durable ("hand back"). Until it is sent, edits wait in the ydoc.
 * - Everything that existed when a message was made from the whole ydoc is settled once that message is acknowledged;
 *   what came later has a later number. Acknowledgements are cumulative.
 * - A resume token may shorten what the server sends us, never what we send. `durable.sequence` alone makes the token;
 *   `durable.head` is what a list of held updates would be tagged with, and there is no such list: it would hold a
 *   second time what the ydoc holds, and need a bound, and healing for the case beyond the bound.
 * - Hand back of others' edits is nobody's edit here: it has a number, and no entry.
 */

/** Edits that settle together. */
export interface OutboxEntry {
  /** 1, 2, 3 … over the provider's life; entries are in this order. */
  readonly id: number
  /** Local transactions in it. */
  readonly edits: number
  /** When the first was made, `elapsed()` scale. */
  readonly sinceMs: number
  /**
   * `here`: made under the provider's eyes. `before`: content that the ydoc held earlier; its edits cannot be counted, so
   * it counts as one. `device`: edits that were waiting in the device's copy.
   */
  readonly source: "here" | "before" | "device"
  /** The message of the present connection that carries it, if one does: its number, and when it left. */
  readonly sent: { readonly number: number; readonly atMs: number } | undefined
}

/** Local edits not acknowledged yet, and how many content messages the present connection has carried. */
export interface Outbox {
  /** Oldest first. */
  readonly entries: readonly OutboxEntry[]
  /** Number of the last content message (step 2 or update) of this connection; 0 for none. */
  readonly sentThrough: number
  /** Id of the newest entry ever made; 0 for none. */
  readonly lastId: number
}

/** Nothing edited, nothing sent. */
export const EMPTY_OUTBOX: Outbox = { entries: [], sentThrough: 0, lastId: 0 }

/** One more local transaction. Those of one turn share an entry. */
export function addEdit(outbox: Outbox, nowMs: number): Outbox {
  const last = outbox.entries.at(-1)
  if (last === undefined || last.sent !== undefined || last.source !== "here") return push(outbox, nowMs, "here", 1)
  return { ...outbox, entries: [...outbox.entries.slice(0, -1), { ...last, edits: last.edits + 1 }] }
}

/** The ydoc held content of unknown age before it was watched. */
export function addInherited(outbox: Outbox, nowMs: number): Outbox {
  return push(outbox, nowMs, "before", 1)
}

/** The device's copy brought edits that no server has acknowledged. */
export function addFromDevice(outbox: Outbox, nowMs: number, edits: number): Outbox {
  return push(outbox, nowMs, "device", edits)
}

/** A message leaves with all that was not sent on this connection. @returns the outbox after it. */
export function sendNew(outbox: Outbox, nowMs: number): Outbox {
  return send(outbox, nowMs, (entry) => entry.sent === undefined)
}

/** A message made from the whole ydoc leaves: every entry settles with it. @returns the outbox after it. */
export function sendWhole(outbox: Outbox, nowMs: number): Outbox {
  return send(outbox, nowMs, () => true)
}

/** Messages up to `through` are durable. The caller has checked that so many were sent. */
export function acknowledge(outbox: Outbox, through: number): Outbox {
  const entries = outbox.entries.filter((entry) => entry.sent === undefined || entry.sent.number > through)
  return entries.length === outbox.entries.length ? outbox : { ...outbox, entries }
}

/** The server has not taken a message: its edits are here, on no way, and nothing is waited for. */
export function takeBack(outbox: Outbox, number: number): Outbox {
  if (!outbox.entries.some((entry) => entry.sent?.number === number)) return outbox
  const entries = outbox.entries.map((entry) => (entry.sent?.number === number ? { ...entry, sent: undefined } : entry))
  return { ...outbox, entries }
}

/** The server turned out to hold all that was inherited. */
export function settleInherited(outbox: Outbox): Outbox {
  const entries = outbox.entries.filter((entry) => entry.source === "here")
  return entries.length === outbox.entries.length ? outbox : { ...outbox, entries }
}

/** The connection is gone: nothing counts as sent any more, and numbers start anew. */
export function disconnect(outbox: Outbox): Outbox {
  return { ...outbox, sentThrough: 0, entries: outbox.entries.map((entry) => ({ ...entry, sent: undefined })) }
}

/** Local transactions not acknowledged yet. */
export function countEdits(outbox: Outbox): number {
  return outbox.entries.reduce((sum, entry) => sum + entry.edits, 0)
}

/** Those among them that the device's copy brought. */
export function countFromDevice(outbox: Outbox): number {
  return outbox.entries.reduce((sum, { source, edits }) => sum + (source === "device" ? edits : 0), 0)
}

/** When the oldest message left that is waited for, `elapsed()` scale; `undefined` if none is. */
export function awaitedSince(outbox: Outbox): number | undefined {
  return outbox.entries.find((entry) => entry.sent !== undefined)?.sent?.atMs
}

function push(outbox: Outbox, nowMs: number, source: OutboxEntry["source"], edits: number): Outbox {
  const id = outbox.lastId + 1
  const entry: OutboxEntry = { id, edits, sinceMs: nowMs, source, sent: undefined }
  return { ...outbox, lastId: id, entries: [...outbox.entries, entry] }
}

function send(outbox: Outbox, nowMs: number, isCarried: (entry: OutboxEntry) => boolean): Outbox {
  const number = outbox.sentThrough + 1
  const sent = { number, atMs: nowMs }
  return {
    ...outbox,
    sentThrough: number,
    entries: outbox.entries.map((entry) => (isCarried(entry) ? { ...entry, sent } : entry)),
  }
}
