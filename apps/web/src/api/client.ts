import { QuireError } from "@quire/base"

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
}

/** Longest title, in UTF-16 units. */
export const TITLE_MAX = 200

/** What a call may be given. */
export interface CallOptions {
  /** Stops the waiting; the promise rejects with its reason. */
  readonly signal?: AbortSignal
  /** Lets the call finish after the page was left. */
  readonly outlivesPage?: boolean
}

/**
 * The server's HTTP interface. Every call rejects with a `QuireError`: the server's own code, message and hint, or
 * `QUIRE_UNREACHABLE` when there was no answer, `QUIRE_UNREADABLE` when it was none of ours.
 */
export interface Api {
  /** All documents the person may see, in the server's order. */
  listDocuments(options?: CallOptions): Promise<readonly DocumentEntry[]>
  /** One document's entry; `undefined` when there is none of that name (yet). */
  loadDocument(id: string, options?: CallOptions): Promise<DocumentEntry | undefined>
  /** Makes a page with a name of the server's choice. */
  createDocument(title: string, options?: CallOptions): Promise<DocumentEntry>
  /** Gives a document a title, and makes the document if there is none of that name. */
  renameDocument(id: string, title: string, options?: CallOptions): Promise<DocumentEntry>
}

/** The calls, over `fetch`. */
export function createApi(fetch: typeof globalThis.fetch): Api {
  const call = async (
    method: string,
    path: string,
    options: CallOptions & { body?: unknown } = {},
  ): Promise<unknown> => {
    const response = await send(fetch, method, path, options)
    const body = await readJson(response, options.signal)
    if (response.ok) return body
    if (response.status === 404 && method === "GET") return undefined
    throw refusal(response.status, body)
  }
  const pathOf = (id: string): string => `/api/documents/${encodeURIComponent(id)}`
  return {
    listDocuments: async (options) => readList(await call("GET", "/api/documents", options)),
    loadDocument: async (id, options) => {
      const body = await call("GET", pathOf(id), options)
      return body === undefined ? undefined : readEntry(body)
    },
    createDocument: async (title, options) => {
      return readEntry(await call("POST", "/api/documents", { ...options, body: { title } }))
    },
    renameDocument: async (id, title, options) => {
      return readEntry(await call("PATCH", pathOf(id), { ...options, body: { title } }))
    },
  }
}

async function send(
  fetch: typeof globalThis.fetch,
  method: string,
  path: string,
  options: CallOptions & { body?: unknown },
): Promise<Response> {
  const { signal, outlivesPage = false, body } = options
  try {
    return await fetch(path, {
      method,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
      keepalive: outlivesPage,
      cache: "no-store",
    })
  } catch (cause) {
    signal?.throwIfAborted()
    throw unreachable(cause)
  }
}

async function readJson(response: Response, signal: AbortSignal | undefined): Promise<unknown> {
  let text: string
  try {
    text = await response.text()
  } catch (cause) {
    signal?.throwIfAborted()
    throw unreachable(cause) // the connection was lost in the middle of the answer
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    if (!response.ok) return undefined
    throw unreadable("its answer is no JSON", cause)
  }
}

function refusal(status: number, body: unknown): QuireError {
  const error = isObject(body) && isObject(body.error) ? body.error : {}
  const { code, message, hint } = error
  return new QuireError(
    typeof code === "string" ? code : "QUIRE_REFUSED",
    typeof message === "string" ? message : `the server answered with status ${status}`,
    typeof hint === "string" ? { hint } : {},
  )
}

function readList(body: unknown): readonly DocumentEntry[] {
  if (!isObject(body) || !Array.isArray(body.documents)) throw unreadable("the list has no documents")
  return body.documents.map(readEntry)
}

function readEntry(body: unknown): DocumentEntry {
  if (!isObject(body)) throw unreadable("a document is no object")
  const { id, kind, title, createdMs, changedMs } = body
  if (typeof id !== "string" || typeof title !== "string") throw unreadable("a document has no id or title")
  if (typeof createdMs !== "number" || typeof changedMs !== "number") throw unreadable("a document has no times")
  return { id, kind: kind === "plain" ? "plain" : "page", title, createdMs, changedMs }
}

function unreachable(cause: unknown): QuireError {
  return new QuireError("QUIRE_UNREACHABLE", "the server cannot be reached", {
    hint: "Check the connection, then try again.",
    cause,
  })
}

function unreadable(why: string, cause?: unknown): QuireError {
  return new QuireError("QUIRE_UNREADABLE", `the server's answer cannot be read: ${why}`, {
    hint: "Reload the page; it may be older than the server.",
    cause,
  })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null
}
