import type { MiddlewareHandler } from "hono"
import type { Visitors } from "./visitor.js"

/** A year, as browsers' lists of such sites ask for. Subdomains are not ours to speak for. */
const HEADER = "max-age=31536000"

/**
 * Tells browsers to come over TLS only, once they have: said to nobody who came without, because that host may have
 * nothing else (RFC 6797, section 7.2).
 */
export function strictTransport(visitors: Visitors): MiddlewareHandler {
  return async (context, next) => {
    await next()
    if (visitors.isSecure(context)) context.res.headers.set("Strict-Transport-Security", HEADER)
  }
}
