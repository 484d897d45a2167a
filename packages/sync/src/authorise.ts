import { CloseCode, type Grant } from "@quire/protocol"
import type { DocumentKind } from "./ports.js"

/** What a session can do to a room. */
export type Operation = "read" | "announce" | "write"

/** Why not: the stable code, and the sentence for the person. */
export interface Refusal {
  readonly code: string
  readonly reason: string
  /** The close code for clients that understand nothing else. */
  readonly close: CloseCode
}

/** Whether an operation is allowed. */
export type Permission = { readonly ok: true } | ({ readonly ok: false } & Refusal)

const ALLOWED: Readonly<Record<Operation, readonly Grant[]>> = {
  read: ["read", "comment", "write"],
  announce: ["read", "comment", "write"],
  write: ["write"],
}

/** The one table of who may do what; whole messages only, because filtering inside an update protects nothing. */
export function authorise(grant: Grant, operation: Operation, why: GrantReason): Permission {
  if (ALLOWED[operation].includes(grant)) return { ok: true }
  return { ok: false, ...REFUSALS[why] }
}

/** Why a grant is what it is. */
export type GrantReason = "rights" | "plain-on-page" | "schema-behind"

/** The grant a session has on a document, from what its rights allow and what its client can be trusted with. */
export function grantFor(
  rights: Grant,
  kind: DocumentKind | undefined,
  schemas: { readonly document: number; readonly client: number },
): { readonly grant: Grant; readonly why: GrantReason } {
  if (kind !== "page" || rights !== "write") return { grant: rights, why: "rights" }
  // A client without Quire's schema deletes for everybody what it does not know (y-prosemirror 1.3).
  if (schemas.client === 0) return { grant: "read", why: "plain-on-page" }
  if (schemas.client < schemas.document) return { grant: "read", why: "schema-behind" }
  return { grant: "write", why: "rights" }
}

/** The document has no space for this update; what only deletes is always taken. */
export const DOCUMENT_FULL: Refusal = {
  code: "QUIRE_DOCUMENT_TOO_LARGE",
  reason: "this document has reached its size limit: delete something, or go on in a new document",
  close: CloseCode.TooLarge,
}

/** An update carries a client's clock on as no writing does. */
export const CLOCK_JUMP: Refusal = {
  code: "QUIRE_CLOCK_JUMP",
  reason: "this change claims to be larger than any document: it was not taken",
  close: CloseCode.Malformed,
}

const REFUSALS: Readonly<Record<GrantReason, Refusal>> = {
  rights: {
    code: "QUIRE_READ_ONLY",
    reason: "you may read this document, not change it",
    close: CloseCode.Forbidden,
  },
  "plain-on-page": {
    code: "QUIRE_PAGE_NEEDS_QUIRE",
    reason: "this document is a Quire page: write to it with Quire's editor, or use another name",
    close: CloseCode.Schema,
  },
  "schema-behind": {
    code: "QUIRE_SCHEMA_BEHIND",
    reason: "this document needs a newer version of the app: reload the page to update",
    close: CloseCode.Schema,
  },
}
