import type { DocumentId, UserId } from "@quire/base"
import type { CloseCode, Grant } from "@quire/protocol"

/** What a connection brings to say who it is. Never logged, and kept no longer than the gate needs it. */
export interface Credentials {
  /** The token of a native hello, or of a plain client's address; empty if there is none. */
  readonly token: string
  /** The Cookie header of the request that opened the connection, as it came; empty if there is none. */
  readonly cookie: string
}

/** Who a session is to the others. The server stamps it on all that the session announces of itself. */
export interface Identity {
  /** Stable, and safe to show to everybody in the document. */
  readonly id: string
  /** The name that others see. */
  readonly name: string
  /** A CSS colour, `#rrggbb`. */
  readonly color: string
}

/**
 * The life of an answer that let somebody in. Whoever makes it keeps the timers (expiry, looking again); a connection
 * only acts on what it is told, and stops watching when it ends.
 */
export interface Lease {
  /**
   * Calls `changed` with a new answer whenever rights, identity or validity change: `ok: false` once it has expired or
   * was revoked. Never calls it before `watch` has returned. @returns the undo.
   */
  watch(changed: (next: GateAnswer) => void): () => void
  /**
   * The client has sent a new token on the open connection. What is answered stands, also for the lease, if it names
   * the same user; otherwise, and if it is `ok: false`, nothing has changed: the lease goes on as before.
   */
  refresh(token: string): Promise<GateAnswer>
}

/** Whether somebody may come in, and as whom. */
export type GateAnswer =
  | {
      readonly ok: true
      /** Who it is to the log; empty for nobody in particular. */
      readonly user: UserId
      /** What this person may do with the document. */
      readonly rights: Grant
      /** Left out in open mode, where people say themselves who they are. */
      readonly identity?: Identity
      /** Left out where nothing can change while the connection is open. Of later answers, the first one's stays. */
      readonly lease?: Lease
    }
  | {
      readonly ok: false
      /** 4401: sign in, or again. 4403: there is no such document for this person. */
      readonly close: CloseCode
      /** `CODE: sentence`, at most 123 bytes. */
      readonly reason: string
    }

/** Who may come in: the one question asked of every connection, after its hello. Rejects only for the server's faults. */
export type Gate = (document: DocumentId, credentials: Credentials) => Promise<GateAnswer>
