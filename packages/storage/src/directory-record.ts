import type { DocumentId } from "@quire/base"

/*
 * Who there is and who may do what, as values: what the directory keeps. Storage only keeps them; what they mean is the
 * server's business. FORMAT.md, "The directory".
 */

/** What somebody is to a document; the server's roles by their names. */
export type StoredRole = "owner" | "editor" | "commenter" | "viewer"

/** Names a record of the directory: 16 random bytes as 22 characters of base64url. */
export type DirectoryId = string

/** A person who can sign in. */
export interface Account {
  readonly kind: "account"
  readonly id: DirectoryId
  /** As the server normalised it; no two accounts have the same. */
  readonly email: string
  /** What others read. */
  readonly name: string
  /** `#rrggbb`. */
  readonly color: string
  /** The password's hash with its parameters; the empty string: signs in elsewhere. */
  readonly passwordHash: string
  /** Who this is at an identity provider, issuer and subject; the empty string: nobody there. */
  readonly external: string
  /** True if this person may invite and suspend others. */
  readonly isAdmin: boolean
  /** True if this person may do nothing at all. */
  readonly isSuspended: boolean
  /** Milliseconds since the epoch of Unix, as all times here. */
  readonly createdMs: number
}

/** A browser that somebody signed in with, or that opened a share link. */
export interface SignIn {
  readonly kind: "sign-in"
  readonly id: DirectoryId
  /** SHA-256 of the secret in the cookie, 32 bytes. */
  readonly secretHash: Uint8Array
  /** Whose it is; the empty string: a guest's. */
  readonly account: DirectoryId | ""
  /** A guest's chosen name; empty for an account's. */
  readonly name: string
  /** A guest's colour; empty for an account's. */
  readonly color: string
  readonly createdMs: number
  /** When it was last used, to some minutes. */
  readonly seenMs: number
  /** What the browser calls itself. */
  readonly agent: string
  /** Share links opened with it, the newest last. */
  readonly links: readonly DirectoryId[]
}

/** Somebody asked to make an account. */
export interface Invitation {
  readonly kind: "invitation"
  readonly id: DirectoryId
  /** SHA-256 of the secret in its address, 32 bytes. */
  readonly secretHash: Uint8Array
  /** For whom; the empty string: whoever has the address. */
  readonly email: string
  /** The account that asked. */
  readonly invitedBy: DirectoryId
  readonly createdMs: number
  readonly expiresMs: number
}

/** Who is what to one document. */
export interface DocumentAccess {
  readonly kind: "access"
  readonly document: DocumentId
  /** Each user once, as the server names users. */
  readonly members: readonly { readonly user: string; readonly role: StoredRole }[]
}

/** An address that gives a role to whoever has it. */
export interface ShareLink {
  readonly kind: "link"
  readonly id: DirectoryId
  /** SHA-256 of the secret in its address, 32 bytes. */
  readonly secretHash: Uint8Array
  readonly document: DocumentId
  readonly role: StoredRole
  /** Hash of the password; the empty string: none is asked. */
  readonly passwordHash: string
  /** When it ends; 0: it does not. */
  readonly expiresMs: number
  /** How often it may be opened; 0: as often as one likes. */
  readonly maxViews: number
  /** How often it was opened. */
  readonly views: number
  readonly createdMs: number
  /** The user who made it. */
  readonly madeBy: string
  /** What its maker calls it. */
  readonly label: string
}

/** Somebody who has lost a password may choose another one. An account has one of these at most. */
export interface PasswordReset {
  readonly kind: "reset"
  /** The account's. */
  readonly id: DirectoryId
  /** SHA-256 of the secret in its address, 32 bytes. */
  readonly secretHash: Uint8Array
  /** The user who made it; the empty string: whoever has the data folder. */
  readonly madeBy: string
  readonly createdMs: number
  readonly expiresMs: number
}

/** A page that anybody may read, at an address of its own. A document has one of these at most. */
export interface Publication {
  readonly kind: "publication"
  readonly document: DocumentId
  /** The last part of its address: 16 random bytes as 22 characters of base64url. No secret, and no two are the same. */
  readonly address: string
  /** Whether search engines may list it. */
  readonly isIndexed: boolean
  readonly createdMs: number
  /** The user who made it. */
  readonly madeBy: string
}

/** Something the directory holds. */
export type DirectoryRecord = Account | SignIn | Invitation | DocumentAccess | ShareLink | PasswordReset | Publication

/** Kinds of which a document has one at most. */
type OfDocument = "access" | "publication"

/** Which record: by its id, or by the document. */
export type DirectoryPlace =
  | { readonly kind: Exclude<DirectoryRecord["kind"], OfDocument>; readonly id: DirectoryId }
  | { readonly kind: OfDocument; readonly document: DocumentId }

/** Where a record is. */
export function placeOf(record: DirectoryRecord): DirectoryPlace {
  if (record.kind === "access" || record.kind === "publication") return record
  return { kind: record.kind, id: record.id }
}

/** What tells a record from others of its kind. */
export function nameOf(place: DirectoryPlace): string {
  return "document" in place ? place.document : place.id
}

/** Something that was done, for people who ask later. Never changed; the oldest of a subject go first. */
export interface AuditEntry {
  readonly timeMs: number
  /** The user who did it; the empty string: the server itself. */
  readonly who: string
  /** What that user was called then. */
  readonly name: string
  /** What was done: a stable dotted name. */
  readonly what: string
  /** To whom or what it was done; may be empty. */
  readonly whom: string
  /** How, such as the role; may be empty. */
  readonly detail: string
}

/** Bounds of the directory. */
export const DIRECTORY_LIMITS = {
  /** Most accounts. */
  accounts: 10_000,
  /** Most sign-ins, guests' included. */
  signIns: 30_000,
  /** Most invitations. */
  invitations: 1_000,
  /** Most documents with access of their own. */
  accesses: 50_000,
  /** Most public pages. */
  publications: 5_000,
  /** Most share links. */
  links: 9_000,
  /** Most members of a document. */
  members: 500,
  /** Most share links that one sign-in remembers. */
  openedLinks: 50,
  /** Entries that are kept of a document's audit log, and of the server's own. */
  auditEntries: 1_000,
  /** Longest text, in bytes of UTF-8. */
  textBytes: 1_024,
} as const

/** Most records of the kind. */
export function mostOf(kind: DirectoryRecord["kind"]): number {
  switch (kind) {
    case "account":
    case "reset":
      return DIRECTORY_LIMITS.accounts
    case "sign-in":
      return DIRECTORY_LIMITS.signIns
    case "invitation":
      return DIRECTORY_LIMITS.invitations
    case "access":
      return DIRECTORY_LIMITS.accesses
    case "publication":
      return DIRECTORY_LIMITS.publications
    case "link":
      return DIRECTORY_LIMITS.links
  }
}
