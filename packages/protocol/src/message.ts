import type { ClientId, Sequence } from "@quire/base"

/** What a session may do: see the document, add to its feed, or change its body. Each includes the one before. */
export type Grant = "read" | "comment" | "write"

/**
 * A place in a document's log that a client has reached: it holds everything up to `sequence`, and that is durable.
 * Good only while the log has the same `epoch` and the same record at that place.
 */
export interface ResumeToken {
  /** The document's history; a new one after a rollback. 8 bytes, as 16 hexadecimal digits. */
  readonly epoch: string
  readonly sequence: Sequence
  /** CRC-32 of the record at `sequence`, 0 to 2^32 − 1. */
  readonly checksum: number
}

/** y-websocket's messages, spoken in both directions. Updates are Yjs updates, v1 encoding. */
export type PlainMessage =
  /** Sync step 1: the sender's state vector; asks for a step 2. */
  | { readonly type: "step1"; readonly stateVector: Uint8Array }
  /** Sync step 2: what the step 1 lacked. */
  | { readonly type: "step2"; readonly update: Uint8Array }
  /** A later change. */
  | { readonly type: "update"; readonly update: Uint8Array }
  /** Presence: a y-protocols awareness update, entries (client id, clock, state). */
  | { readonly type: "presence"; readonly entries: Uint8Array }
  /** Asks for all presence known. */
  | { readonly type: "query-presence" }

/** Quire's own messages from a client. */
export type ClientMessage =
  | PlainMessage
  /** The first native message: who this is. Sent once, before anything else. */
  | {
      readonly type: "hello"
      /** The ydoc's client id: the only one this socket may announce presence for. */
      readonly clientId: ClientId
      /** Schema version of the client's editor, or 0 for a client that edits no page. */
      readonly schema: number
      /** Where the client's copy ends, if it has one. */
      readonly resume: ResumeToken | undefined
      /** Who says so: empty in open mode and where a cookie says it. */
      readonly token: string
    }
  /** A new token of the same person, in place of one that expires: the connection goes on. */
  | { readonly type: "token"; readonly token: string }

/** Quire's own messages from the server. */
export type ServerMessage =
  | PlainMessage
  /** Stock clients' only refusal: rights are missing. */
  | { readonly type: "denied"; readonly reason: string }
  /** Answer to a hello. */
  | {
      readonly type: "welcome"
      readonly epoch: string
      readonly grant: Grant
      /** Schema version of the document; 0 for a plain one. */
      readonly schema: number
      /** True if the answer to step 1 will start after the hello's resume token. */
      readonly isResumed: boolean
    }
  /**
   * The client's content messages (step 2 and update, counted from 1 on each connection) up to `through` are on disk;
   * the last of them at `sequence`.
   */
  | { readonly type: "acknowledge"; readonly through: number; readonly sequence: Sequence }
  /**
   * Everything up to `sequence` is on disk and was sent to this session before this message; `head` is the highest
   * sequence sent so far, durable or not. `sequence` and `checksum` make the next resume token; `head` must not.
   */
  | {
      readonly type: "durable"
      readonly sequence: Sequence
      readonly checksum: number
      readonly head: Sequence
    }
  /** What this session may do has changed. */
  | { readonly type: "rights"; readonly grant: Grant; readonly reason: string }
  /**
   * The content message of this number was not taken, nor will be as it is; the client keeps what was in it. It is not
   * acknowledged, and none after it before the client has answered another step 1.
   */
  | { readonly type: "refused"; readonly number: number; readonly code: string; readonly reason: string }
  /** Something this person should know. */
  | { readonly type: "notice"; readonly code: string; readonly text: string }
  /** The store fails (nothing is acknowledged until it recovers), or works again. */
  | { readonly type: "trouble"; readonly isFailing: boolean; readonly text: string }

/** Anything either side may say. */
export type Message = ClientMessage | ServerMessage
