/** What the page in the frame says to the application around it. docs/embedding.md, "Messages". */
export type ToHost =
  /** It listens: a token may be sent now. */
  | { readonly quire: 1; readonly kind: "ready" }
  /** The token ends soon, or has ended: another one of the same person is wanted. */
  | { readonly quire: 1; readonly kind: "token-wanted" }
  /** Whether everything written is on the server's disk. */
  | { readonly quire: 1; readonly kind: "status"; readonly isSaved: boolean }

/** What the application says. */
export interface FromHost {
  readonly quire: 1
  readonly kind: "token"
  readonly token: string
}

/** Longest token that is looked at, as the server's: docs/limits.md. */
const TOKEN_UNITS = 8_192

/** Reads what came as a message; `undefined`: it is none of ours, or none that we know. */
export function readFromHost(data: unknown): FromHost | undefined {
  if (typeof data !== "object" || data === null) return undefined
  const { quire, kind, token } = data as Readonly<Record<string, unknown>> // only read, and looked at below
  if (quire !== 1 || kind !== "token") return undefined
  if (typeof token !== "string" || token === "" || token.length > TOKEN_UNITS) return undefined
  return { quire, kind, token }
}

/**
 * When a token ends, in milliseconds since the epoch of Unix, as far as it says so itself: this only decides when another
 * is asked for, so nothing is believed of it. `undefined`: it does not say.
 */
export function endOfToken(token: string): number | undefined {
  try {
    const part = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/")
    const claims: unknown = JSON.parse(atob(part))
    const exp = typeof claims === "object" && claims !== null && "exp" in claims ? claims.exp : undefined
    return typeof exp === "number" && Number.isFinite(exp) ? exp * 1_000 : undefined
  } catch {
    return undefined // no token, which the server will say
  }
}
