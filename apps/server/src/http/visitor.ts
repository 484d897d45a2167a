import type { IncomingMessage } from "node:http"
import type { Context } from "hono"
import { signInCookie } from "../auth/cookie.js"
import type { Members } from "../auth/members.js"
import type { Principal } from "../auth/principal.js"
import { SIGN_IN_LIFE, type Started } from "../auth/sign-ins.js"
import { clientAddress, countedAddress } from "../client-address.js"
import { problem } from "./problem.js"

/** Reads out of a request where it comes from. */
export interface Visitors {
  /** The address for which tries are counted. */
  addressOf(context: Context): string
  /** True if the browser came over https, as far as we or a trusted proxy can tell. */
  isSecure(context: Context): boolean
}

/** @param trusted addresses of proxies, as `countedAddress` writes them. */
export function createVisitors(trusted: ReadonlySet<string>): Visitors {
  return {
    addressOf: (context) => {
      const incoming = incomingOf(context)
      return incoming === undefined ? "unknown" : clientAddress(incoming, trusted)
    },
    isSecure: (context) => {
      const socket = incomingOf(context)?.socket
      if (socket === undefined) return new URL(context.req.url).protocol === "https:"
      if ("encrypted" in socket && socket.encrypted === true) return true
      if (!trusted.has(countedAddress(socket.remoteAddress ?? ""))) return false
      return context.req.header("x-forwarded-proto")?.split(",").at(-1)?.trim() === "https"
    },
  }
}

/** Who sent a request. */
export async function principalOf(members: Members, context: Context): Promise<Principal> {
  const token = /^Bearer ([^\s]+)$/i.exec(context.req.header("authorization") ?? "")?.[1] ?? ""
  return await members.principals.of({ token, cookie: context.req.header("cookie") })
}

/** What a browser calls itself. */
export function agentOf(context: Context): string {
  return context.req.header("user-agent") ?? ""
}

/** The beginning of every address of this server, as the browser knows it. */
export function baseOf(context: Context, isSecure: boolean): string {
  return `${isSecure ? "https" : "http"}://${context.req.header("host") ?? new URL(context.req.url).host}`
}

/** Has the browser keep a new sign-in. */
export function keep(context: Context, visitors: Visitors, { secret }: Started): void {
  const isSecure = visitors.isSecure(context)
  context.header("Set-Cookie", signInCookie(secret, { isSecure, maxAgeMs: SIGN_IN_LIFE.wholeMs }))
}

/** Has the browser forget. */
export function forget(context: Context, visitors: Visitors): void {
  context.header("Set-Cookie", signInCookie("", { isSecure: visitors.isSecure(context), maxAgeMs: 0 }))
}

/** The answer to whoever must sign in first. */
export function mustSignIn(context: Context): Response {
  return problem(context, 401, { code: "QUIRE_SIGN_IN", message: "sign in first" })
}

/** The answer to whoever tries too often. */
export function tooManyTries(context: Context, retryAfterSeconds: number): Response {
  context.header("Retry-After", String(retryAfterSeconds))
  return problem(context, 429, {
    code: "QUIRE_TOO_MANY_TRIES",
    message: "too many tries",
    hint: `Try again in ${retryAfterSeconds} s.`,
  })
}

/** The answer to whoever may not know whether something is there. */
export function notFound(context: Context, message = "there is no such document"): Response {
  return problem(context, 404, { code: "QUIRE_NOT_FOUND", message })
}

/** The request as Node.js has it; `undefined` where none came over a socket. */
function incomingOf(context: Context): IncomingMessage | undefined {
  const { incoming } = (context.env ?? {}) as { readonly incoming?: IncomingMessage } // as @hono/node-server gives it
  return incoming
}
