/** Over https: a name that browsers let nobody set but this very host, over https (RFC 6265bis, section 4.1.3.2). */
const SECURE_NAME = "__Host-quire"
/** Over plain http such a cookie would not be kept. */
const PLAIN_NAME = "quire"

/** The secret in a Cookie header, if there is one. @param header the header as it came. */
export function cookieSecret(header: string | undefined): string | undefined {
  const found = new Map<string, string>()
  for (const part of (header ?? "").split(";")) {
    const at = part.indexOf("=")
    const name = part.slice(0, at).trim()
    // The first counts: a second of the same name may be a stranger's, set for a wider path or domain.
    if (at > 0 && !found.has(name)) found.set(name, part.slice(at + 1).trim())
  }
  return found.get(SECURE_NAME) ?? found.get(PLAIN_NAME)
}

/** The Set-Cookie header that signs a browser in, or out. @param secret the empty string: out. */
export function signInCookie(
  secret: string,
  options: { readonly isSecure: boolean; readonly maxAgeMs: number },
): string {
  const { isSecure, maxAgeMs } = options
  const name = isSecure ? SECURE_NAME : PLAIN_NAME
  const age = secret === "" ? 0 : Math.floor(maxAgeMs / 1_000)
  return `${name}=${secret}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Lax${isSecure ? "; Secure" : ""}`
}
