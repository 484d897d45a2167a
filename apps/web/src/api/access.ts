import { isRole, type Role } from "@quire/access"
import { cleanName, NAMELESS } from "@quire/editor"
import { type Call, type CallOptions, unreadable } from "./call.js"
import { readCount, readFields, readOptionalCount, readOptionalText, readRows, readText } from "./read.js"

/** Somebody whom a document is shared with. */
export interface Sharer {
  /** Who, as an id that stays. */
  readonly user: string
  readonly name: string
  /** What they sign in with; empty for those who have none. */
  readonly email: string
  readonly role: Role
}

/** A share link; its secret is known to nobody but those who have it. */
export interface ShareLink {
  readonly id: string
  readonly role: Role
  readonly hasPassword: boolean
  /** When it ends, in milliseconds since the epoch; `undefined`: never. */
  readonly expiresMs: number | undefined
  /** How often it may be opened; `undefined`: as often as one likes. */
  readonly maxViews: number | undefined
  /** How often it was opened. */
  readonly views: number
  /** When it was made, in milliseconds since the epoch. */
  readonly createdMs: number
}

/** A link just made: the only time that its address is known. */
export interface NewShareLink extends ShareLink {
  readonly url: string
}

/** What a link is made with. */
export interface LinkWishes {
  readonly role: Role
  readonly password?: string
  readonly expiresMs?: number
  readonly maxViews?: number
}

/** A page that anybody may read. */
export interface Publication {
  readonly url: string
  /** Whether search engines may list it. */
  readonly isIndexed: boolean
}

/** Who may do what with a document. */
export interface Access {
  readonly members: readonly Sharer[]
  readonly links: readonly ShareLink[]
  /** Its public page, if it has one. */
  readonly publication: Publication | undefined
}

/** The server's calls about who may do what with a document. They reject as `Call` does. */
export interface AccessApi {
  /** Who may do what. */
  load(document: string, options?: CallOptions): Promise<Access>
  /** Gives somebody a role, in place of the one they have; `null` takes it away. */
  setRole(document: string, email: string, role: Role | null): Promise<void>
  /** Makes a link. */
  createLink(document: string, wishes: LinkWishes): Promise<NewShareLink>
  /** Ends a link. */
  revokeLink(id: string): Promise<void>
  /** Makes the document a page that anybody may read, or says anew whether search engines may list it. */
  publish(document: string, isIndexed: boolean): Promise<void>
  /** Takes its public page away. */
  unpublish(document: string): Promise<void>
}

/** The calls. */
export function createAccessApi(call: Call): AccessApi {
  const pathOf = (kind: "access" | "links" | "publication", document: string): string =>
    `/api/${kind}/${encodeURIComponent(document)}`
  return {
    load: async (document, options) => {
      const body = await call({ ...options, method: "GET", path: pathOf("access", document) })
      const { members, links, publication } = readFields(body, "the answer")
      return {
        members: readRows(members, "people", readSharer),
        links: readRows(links, "links", readLink),
        publication: readPublication(publication),
      }
    },
    setRole: async (document, email, role) => {
      await call({ method: "PUT", path: pathOf("access", document), body: { email, role } })
    },
    createLink: async (document, wishes) => {
      const body = await call({ method: "POST", path: pathOf("links", document), body: wishes })
      return { ...readLink(body), url: readText(readFields(body, "the link").url, "the link's address") }
    },
    publish: async (document, isIndexed) => {
      await call({ method: "PUT", path: pathOf("publication", document), body: { isIndexed } })
    },
    unpublish: async (document) => {
      await call({ method: "DELETE", path: pathOf("publication", document) })
    },
    revokeLink: async (id) => {
      await call({ method: "DELETE", path: `/api/link/${encodeURIComponent(id)}` })
    },
  }
}

function readSharer(row: unknown): Sharer {
  const { user, name, email, role } = readFields(row, "a person")
  return {
    user: readText(user, "a person's id"),
    name: cleanName(name) || NAMELESS,
    email: readOptionalText(email, "a person's address") ?? "",
    role: readRole(role),
  }
}

function readLink(row: unknown): ShareLink {
  const { id, role, hasPassword, ...fields } = readFields(row, "a link")
  return {
    id: readText(id, "a link's id"),
    role: readRole(role),
    hasPassword: hasPassword === true,
    expiresMs: readOptionalCount(fields.expiresMs, "a link's end"),
    maxViews: readOptionalCount(fields.maxViews, "a link's limit"),
    views: fields.views === undefined ? 0 : readCount(fields.views, "a link's count"),
    createdMs: fields.createdMs === undefined ? 0 : readCount(fields.createdMs, "a link's begin"),
  }
}

/** An older server says nothing about it. */
function readPublication(publication: unknown): Publication | undefined {
  if (publication === undefined || publication === null) return undefined
  const { url, isIndexed } = readFields(publication, "the public page")
  return { url: readText(url, "the public page's address"), isIndexed: isIndexed === true }
}

function readRole(role: unknown): Role {
  if (!isRole(role)) throw unreadable(`${JSON.stringify(role)?.slice(0, 40)} is no role`)
  return role
}
