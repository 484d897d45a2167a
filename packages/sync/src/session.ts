import type { ClientId, Sequence, SessionId, UserId } from "@quire/base"
import type { Dialect, Grant } from "@quire/protocol"
import { Acknowledgements } from "./acknowledgements.js"
import type { GrantReason } from "./authorise.js"
import type { Identity } from "./gate.js"
import type { Link } from "./ports.js"

/** Who a connection turned out to be, before it joins a room. */
export interface Visitor {
  readonly link: Link
  readonly dialect: Dialect
  readonly user: UserId
  /** What this person's rights allow here, at first. */
  readonly rights: Grant
  /** Who it is to the others, at first; left out where people say so themselves. */
  readonly identity?: Identity | undefined
  /** When its connection was accepted, in elapsed milliseconds. */
  readonly acceptedAtMs: number
  /** The ydoc's client id, or 0 (plain clients do not say). */
  readonly clientId: ClientId
  /** Schema version of the client's editor; 0 for none. */
  readonly schema: number
}

/** An update of a plain session that it gets back once it is durable. */
export interface Echo {
  /** Durable when the log has reached this. */
  readonly sequence: Sequence
  /** True if the update was news: it leaves in a flush, which can echo it too. */
  readonly isSentOn: boolean
  readonly message: Uint8Array
}

/**
 * How far a session has been sent what the room has.
 * - joining: its step 1 is not answered; nothing is fanned out to it.
 * - current: it was sent everything up to `through`.
 * - behind: it reads too slowly; one later difference will bring what follows `through`.
 */
export type Reading =
  | { readonly kind: "joining" }
  | { readonly kind: "current"; readonly through: Sequence }
  | { readonly kind: "behind"; readonly through: Sequence; readonly sinceMs: number }

/** One authorised membership of one room. A record of facts; the room decides. */
export class Session {
  readonly id: SessionId
  readonly visitor: Visitor
  readonly acknowledgements: Acknowledgements = new Acknowledgements()
  /** Plain sessions: updates to send back when durable, in order. */
  echoes: Echo[] = []
  reading: Reading = { kind: "joining" }
  /** What this person's rights allow here now; `grant` is what comes of it. */
  rights: Grant
  /** Who it is to the others now; `undefined` where people say so themselves. */
  identity: Identity | undefined
  grant: Grant
  why: GrantReason
  /** Bytes of its answer to step 1 that may still be queued: they do not count as slowness. */
  allowanceBytes = 0
  /** Where the client's copy ends, checked against the log. */
  resumeAfter: Sequence | undefined
  /**
   * Whether it was asked for what its updates build on. `again` waits for the answer to its own step 1; `waiting` until
   * those whose structs it brought have brought them themselves, or are gone.
   */
  healing: "none" | "again" | "asked" | "waiting" = "none"
  /** True once it has answered our step 1: what its ydoc had, the room has. */
  hasAnswered = false
  /** Plain sessions: when its last message came, in elapsed milliseconds. */
  heardAt: number
  /** Everything up to this is durable, and the session was told so. */
  toldDurable: Sequence = 0 as Sequence
  /** When the last message left, in elapsed milliseconds. */
  sentAt: number
  /** False once it has left: late answers to it are dropped. */
  isOpen = true

  constructor(
    id: SessionId,
    visitor: Visitor,
    access: { readonly grant: Grant; readonly why: GrantReason },
    nowMs: number,
  ) {
    this.id = id
    this.visitor = visitor
    this.rights = visitor.rights
    this.identity = visitor.identity
    this.grant = access.grant
    this.why = access.why
    this.sentAt = nowMs
    this.heardAt = nowMs
  }

  get isNative(): boolean {
    return this.visitor.dialect === "native"
  }
}
