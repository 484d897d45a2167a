/** Longest path that is kept, in UTF-16 units: room for the longest name of a document, percent-encoded. */
const LONGEST = 2_048
/** Any site: only whether an address leaves it counts. `.invalid` is nobody's (RFC 2606). */
const HERE = "http://here.invalid"

/**
 * Where somebody goes after signing in: a path of this server, and `/` where none was given, or one that a browser would
 * take for another site, that is too long, or that leads to the sign-in itself.
 *
 * @param to as it came, decoded once. The page of the web app has the same rule (`apps/web/src/app/going.ts`), but what
 * comes here may come from anywhere.
 */
export function goingTo(to: string | undefined): string {
  if (to === undefined || to.length > LONGEST || !to.startsWith("/") || !URL.canParse(to, HERE)) return "/"
  // Resolved as the browser would: "//elsewhere", "/\\elsewhere" and "/\t/elsewhere" are other sites.
  const { origin, pathname, search } = new URL(to, HERE)
  // What is left of "/.//elsewhere" leads elsewhere when it is resolved once more.
  if (origin !== HERE || /^\/(?:\/|sign-in|api\/)/.test(pathname)) return "/"
  return pathname + search
}
