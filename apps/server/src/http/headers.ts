import type { Context, MiddlewareHandler } from "hono"

const NOT_FRAMED = "frame-ancestors 'none'"

/**
 * What the pages may do. No inline script or style, no foreign host, markup only through ProseMirror's clipboard policy,
 * and a script only at the one address that the policy `quire-worker` knows: it is the second wall behind the schema.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  NOT_FRAMED,
  "require-trusted-types-for 'script'",
  "trusted-types ProseMirrorClipboard quire-worker",
].join("; ")

/** Two years (RFC 6797): a browser that came over https once comes over https. Other hosts of the domain are not ours. */
const STRICT_TRANSPORT = "max-age=63072000"

/** Where the editor is that applications may show in a frame. */
const FRAMED = "/embed/"

/**
 * Sets the security headers of every response.
 *
 * @param isSecure whether a request came over https.
 * @param frameOrigins whose pages may show the editor in a frame, at its own address only: whoever frames a page can lay
 *   something over it and catch clicks, so all others stay unframed.
 */
export const securityHeaders =
  (isSecure: (context: Context) => boolean, frameOrigins: readonly string[]): MiddlewareHandler =>
  async (context, next) => {
    await next()
    const { headers } = context.res
    if (isSecure(context)) headers.set("Strict-Transport-Security", STRICT_TRANSPORT)
    // Public pages have one of their own, which allows less.
    // As it stands in the address: "/%65mbed/x" is not a frame's page to the web app, so it must not be one here.
    const isFramed = frameOrigins.length > 0 && new URL(context.req.url).pathname.startsWith(FRAMED)
    const policy = isFramed
      ? CONTENT_SECURITY_POLICY.replace(NOT_FRAMED, `frame-ancestors ${frameOrigins.join(" ")}`)
      : CONTENT_SECURITY_POLICY
    if (!headers.has("Content-Security-Policy")) headers.set("Content-Security-Policy", policy)
    headers.set("X-Content-Type-Options", "nosniff")
    headers.set("Referrer-Policy", "no-referrer")
    headers.set("Cross-Origin-Opener-Policy", "same-origin")
    headers.set("Cross-Origin-Resource-Policy", "same-origin")
    headers.set("Origin-Agent-Cluster", "?1")
    headers.set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
    if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-store")
  }
