import { isRole, type Role } from "@quire/access"
import { type Call, type CallOptions, unlessMissing, unreadable } from "./call.js"
import { readCount, readFields, readRows } from "./read.js"

/** A document as the library lists it. */
export interface DocumentEntry {
  /** Its name: 1 to 256 bytes of UTF-8, slashes allowed. */
  readonly id: string
  /** `page`: text for this editor; `plain`: content of another kind of client. */
  readonly kind: "page" | "plain"
  /** What its people call it, up to `TITLE_MAX` characters; may be empty. */
  readonly title: string
  /** When it was made, in milliseconds since the epoch. */
  readonly createdMs: number
  /** When it was last written to, in milliseconds since the epoch. */
  readonly changedMs: number
  /** What the person is to it, where the server says so. */
  readonly role?: Role
}

/** Longest title, in UTF-16 units. */
export const TITLE_MAX = 200

/**
 * The server's documents. Every call rejects with a `QuireError`: the server's own code, message and hint, or
 * `QUIRE_UNREACHABLE` when there was no answer, `QUIRE_UNREADABLE` when it was none of ours.
 */
export interface Api {
  /** All documents the person may see, in the server's order. */
  listDocuments(options?: CallOptions): Promise<readonly DocumentEntry[]>
  /** One document's entry; `undefined` when there is none of that name (yet), or none for this person. */
  loadDocument(id: string, options?: CallOptions): Promise<DocumentEntry | undefined>
  /** Makes a page with a name of the server's choice. */
  createDocument(title: string, options?: CallOptions): Promise<DocumentEntry>
  /** Gives a document a title, and makes the document if there is none of that name. */
  renameDocument(id: string, title: string, options?: CallOptions): Promise<DocumentEntry>
}

/** The calls. */
export function createApi(call: Call): Api {
  const pathOf = (id: string): string => `/api/documents/${encodeURIComponent(id)}`
  return {
    listDocuments: async (options) => readList(await call({ ...options, method: "GET", path: "/api/documents" })),
    loadDocument: async (id, options) => {
      const body = await unlessMissing(call({ ...options, method: "GET", path: pathOf(id) }))
      return body === undefined ? undefined : readEntry(body)
    },
    createDocument: async (title, options) => {
      return readEntry(await call({ ...options, method: "POST", path: "/api/documents", body: { title } }))
    },
    renameDocument: async (id, title, options) => {
      return readEntry(await call({ ...options, method: "PATCH", path: pathOf(id), body: { title } }))
    },
  }
}

function readList(body: unknown): readonly DocumentEntry[] {
  return readRows(readFields(body, "the list").documents, "documents", readEntry)
}

function readEntry(body: unknown): DocumentEntry {
  const { id, kind, title, role, ...times } = readFields(body, "a document")
  if (typeof id !== "string" || typeof title !== "string") throw unreadable("a document has no id or title")
  return {
    id,
    kind: kind === "plain" ? "plain" : "page",
    title,
    createdMs: readCount(times.createdMs, "a document's first time"),
    changedMs: readCount(times.changedMs, "a document's last time"),
    ...(isRole(role) ? { role } : {}),
  }
}
