import type { Grant } from "@quire/protocol"
import type { Role } from "./role.js"

/** What can be done with a document, over HTTP or on its socket. */
export type Operation =
  | "read"
  | "announce"
  | "comment"
  | "write"
  | "rename"
  | "see-access"
  | "share"
  | "publish"
  | "read-audit"

/**
 * Who may do what: the one table, for HTTP and for sockets. Tests are generated from it, and a route or message that no
 * row names fails them. DESIGN.md section 5 has its body and feed columns.
 */
export const RIGHTS: Readonly<Record<Operation, readonly Role[]>> = {
  /** See the body, the title, the entry in the library. */
  read: ["owner", "editor", "commenter", "viewer"],
  /** Be seen in it: cursor and selection. */
  announce: ["owner", "editor", "commenter", "viewer"],
  /** Add to its feed. */
  comment: ["owner", "editor", "commenter"],
  /** Change the body. */
  write: ["owner", "editor"],
  /** Give it another title. */
  rename: ["owner", "editor"],
  /** See who may do what, and which links lead to it (never their secrets). */
  "see-access": ["owner", "editor"],
  /** Give and take roles, make and revoke links. */
  share: ["owner"],
  /** Make it a page that anybody may read, and take that back. */
  publish: ["owner"],
  /** Read what was recorded about its rights. */
  "read-audit": ["owner"],
}

/** All operations, in the table's order. */
export const OPERATIONS: readonly Operation[] = Object.keys(RIGHTS) as Operation[] // its keys are its type

/** Whether a role allows an operation. Nobody's role, `undefined`, allows nothing. */
export function mayDo(role: Role | undefined, operation: Operation): boolean {
  return role !== undefined && RIGHTS[operation].includes(role)
}

/** What a role amounts to on a document's socket; `undefined` if it may not even read. */
export function grantOf(role: Role | undefined): Grant | undefined {
  if (mayDo(role, "write")) return "write"
  if (mayDo(role, "comment")) return "comment"
  return mayDo(role, "read") ? "read" : undefined
}
