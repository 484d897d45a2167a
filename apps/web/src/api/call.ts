import { QuireError } from "@quire/base"

/** What a call may be given. */
export interface CallOptions {
  /** Stops the waiting; the promise rejects with its reason. */
  readonly signal?: AbortSignal
  /** Lets the call finish after the page was left. */
  readonly outlivesPage?: boolean
}

/** What is asked of the server. */
export interface Request extends CallOptions {
  /** What to do. */
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE"
  /** Where, from the root, encoded. */
  readonly path: string
  /** Sent as JSON. */
  readonly body?: unknown
}

/**
 * Asks the server, and gives its answer: JSON, not yet looked at, or `undefined` if it has no content.
 *
 * @throws QuireError the server's own code, message and hint, `QUIRE_UNREACHABLE` when there was no answer,
 *   `QUIRE_UNREADABLE` when it was none of ours.
 */
export type Call = (request: Request) => Promise<unknown>

/** The code of a refusal that says that there is nothing, or nothing for this person. */
export const NOT_FOUND = "QUIRE_NOT_FOUND"

/** Calls over `fetch`. */
export function createCall(fetch: typeof globalThis.fetch): Call {
  return async (request) => {
    const response = await send(fetch, request)
    const text = await readText(response, request.signal)
    if (response.status === 204) return undefined
    const body = parse(text, response.ok)
    if (response.ok) return body
    throw refusal(response.status, body)
  }
}

/** What a call gives, or `undefined` if the server says that there is nothing there. */
export async function unlessMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof QuireError && error.code === NOT_FOUND) return undefined
    throw error
  }
}

async function send(fetch: typeof globalThis.fetch, { method, path, ...rest }: Request): Promise<Response> {
  const { signal, outlivesPage = false, body } = rest
  // The server takes JSON only, so that a form of another site cannot ask it for anything: without a body too.
  const headers = method === "GET" ? {} : { "content-type": "application/json" }
  try {
    return await fetch(path, {
      method,
      headers,
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

async function readText(response: Response, signal: AbortSignal | undefined): Promise<string> {
  try {
    return await response.text()
  } catch (cause) {
    signal?.throwIfAborted()
    throw unreachable(cause) // the connection was lost in the middle of the answer
  }
}

function parse(text: string, isOk: boolean): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    if (!isOk) return undefined
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

function unreachable(cause: unknown): QuireError {
  return new QuireError("QUIRE_UNREACHABLE", "the server cannot be reached", {
    hint: "Check the connection, then try again.",
    cause,
  })
}

/** The answer is none of ours. */
export function unreadable(why: string, cause?: unknown): QuireError {
  return new QuireError("QUIRE_UNREADABLE", `the server's answer cannot be read: ${why}`, {
    hint: "Reload the page; it may be older than the server.",
    cause,
  })
}

/** Whether a value has fields to look at. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null
}
