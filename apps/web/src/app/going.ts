/*
 * Signing in interrupts: one was on the way to some page. Its path is kept in the address of the page that signs in, so
 * that it survives a reload and a provider's pages.
 */

/** The path of the page that signs in, and leads on to `path` afterwards. */
export function signInPath(path: string): string {
  return path === "/" ? "/sign-in" : `/sign-in?to=${encodeURIComponent(path)}`
}

/**
 * Where one was going, out of an address of the page that signs in: a path of this app, and `/` where there is none, or
 * where somebody made up an address that would lead elsewhere.
 *
 * @param search the address's part from `?` on.
 */
export function goingTo(search: string): string {
  const to = new URLSearchParams(search).get("to") ?? "/"
  // Resolved as the browser would: "//elsewhere", "/\elsewhere" and "/\t/elsewhere" are other sites.
  const url = URL.canParse(to, HERE) ? new URL(to, HERE) : undefined
  if (url === undefined || url.origin !== HERE || !to.startsWith("/")) return "/"
  // What is left of "/.//elsewhere" leads elsewhere when it is resolved once more.
  if (url.pathname.startsWith("//") || url.pathname.startsWith("/sign-in")) return "/"
  return url.pathname + url.search
}

/** Any site: only whether an address leaves it counts. `.invalid` is nobody's (RFC 2606). */
const HERE = "http://here.invalid"
