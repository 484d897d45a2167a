/**
 * Why a socket was closed. 44xx: stop, trying again cannot help. 1012, 1013 and 45xx: try again later. The bands are
 * those of y-websocket 3.1; other clients retry after every close.
 */
export const CloseCode = {
  /** Closed by the person leaving. */
  Normal: 1000,
  /** The server stops or restarts: retry; the reason may carry a hint. */
  Restart: 1012,
  /** Too busy, or this reader is too slow: retry; the reason may carry a hint. */
  TryLater: 1013,
  /** A fault of the server: retry. */
  ServerFault: 1011,
  /** A frame, name or request that is not of this protocol. */
  Malformed: 4400,
  /** Sign in first, or again. */
  Unauthorized: 4401,
  /** This person may not do that here. */
  Forbidden: 4403,
  /** The hello's client id is another person's. */
  ClientIdTaken: 4409,
  /** Larger than the server's limit. */
  TooLarge: 4413,
  /** The content does not fit the document's schema, or the client cannot vouch for it. */
  Schema: 4422,
  /** The client is too old for this server. */
  TooOld: 4426,
  /** Nothing arrived before a deadline: retry. */
  Deadline: 4508,
  /** A newer connection of this person speaks for the client id. Whoever still listens here goes on in a yet newer one. */
  TakenOver: 4509,
  /** Too many frames: retry, slower. */
  SlowDown: 4529,
} as const
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode]

/** True if a client must not come back by itself after this code. */
export function isPermanentClose(code: number): boolean {
  return code >= 4400 && code <= 4499
}

const HINT = /^retry=(\d{1,7}) /

/** A close reason (at most 123 bytes on the wire) that asks the client to stay away for `retryMs`. */
export function encodeCloseReason(text: string, retryMs?: number): string {
  return retryMs === undefined ? text : `retry=${Math.round(retryMs)} ${text}`
}

/** Reads a close reason: the sentence for people, and the wait the server asks for, if it does. */
export function decodeCloseReason(reason: string): { readonly text: string; readonly retryMs: number | undefined } {
  const match = HINT.exec(reason)
  if (match === null) return { text: reason, retryMs: undefined }
  return { text: reason.slice(match[0].length), retryMs: Number(match[1]) }
}
