import type { HttpBindings } from "@hono/node-server"
import type { MiddlewareHandler } from "hono"
import { isSecureRequest } from "../forwarded.js"

/** A year, as browsers' lists of such sites ask for. Subdomains are not ours to speak for. */
const HEADER = "max-age=31536000"

/**
 * Tells browsers to come over TLS only, once they have: said to nobody who came without, because that host may have
 * nothing else (RFC 6797, section 7.2).
 */
export function strictTransport(
  trustedProxies: ReadonlySet<string>,
): MiddlewareHandler<{ Bindings: Partial<HttpBindings> }> {
  return async (context, next) => {
    await next()
    const request = context.env.incoming
    if (request === undefined || !("socket" in request)) return
    if (isSecureRequest(request as Parameters<typeof isSecureRequest>[0], trustedProxies)) {
      context.res.headers.set("Strict-Transport-Security", HEADER)
    }
  }
}
