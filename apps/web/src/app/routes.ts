import { type DocumentId, parseDocumentId } from "@quire/base"

/** What an address shows. */
export type Route =
  | { readonly kind: "library" }
  | { readonly kind: "document"; readonly id: DocumentId }
  /** A document in a frame of another application's page. */
  | { readonly kind: "embedded"; readonly id: DocumentId }
  /** The first account is made, with the secret of the link that the server printed. */
  | { readonly kind: "setup"; readonly secret: string }
  /** An account is made, with the secret of an invitation. */
  | { readonly kind: "join"; readonly secret: string }
  /** A new password is chosen, with the secret of a link that an administrator or the operator made. */
  | { readonly kind: "reset"; readonly secret: string }
  /** A share link. */
  | { readonly kind: "link"; readonly secret: string }
  | { readonly kind: "sign-in" }
  /** One's own account. */
  | { readonly kind: "account" }
  /** Everybody's accounts, for those who look after them. */
  | { readonly kind: "people" }
  /** No address of ours, or one whose document name is none; `reason` says why, as a sentence. */
  | { readonly kind: "lost"; readonly reason: string }

/**
 * What a path shows. `/d/` is followed by a document's name, percent-encoded, slashes as they are.
 *
 * @param pathname the path as the browser has it, not decoded: a decoded one would be decoded twice, and `%` is lost.
 */
export function readRoute(pathname: string): Route {
  if (pathname === "/") return { kind: "library" }
  const plain = PLAIN[pathname]
  if (plain !== undefined) return plain
  const [, kind, secret] = /^\/(setup|join|reset|s)\/([A-Za-z0-9_-]{1,200})$/.exec(pathname) ?? []
  const entrance = ENTRANCES[kind ?? ""]
  if (entrance !== undefined && secret !== undefined) return { kind: entrance, secret }
  const [, place, encoded = ""] = /^\/(d|embed)\/(.*)$/s.exec(pathname) ?? []
  if (place === undefined) return { kind: "lost", reason: "there is no page at this address" }
  const name = decode(encoded)
  if (name === undefined) return { kind: "lost", reason: "the address is not encoded correctly" }
  if (hasDotSegment(name))
    return { kind: "lost", reason: `a part of the document's name is "." or "..", and addresses leave such parts out` }
  const parsed = parseDocumentId(name)
  if (!parsed.ok) return { kind: "lost", reason: parsed.reason }
  return { kind: place === "d" ? "document" : "embedded", id: parsed.id }
}

/** What addresses with a secret show. */
const ENTRANCES: Readonly<Record<string, "setup" | "join" | "reset" | "link">> = {
  setup: "setup",
  join: "join",
  reset: "reset",
  s: "link",
}

/** Addresses without parts that vary. */
const PLAIN: Readonly<Record<string, Route>> = {
  "/sign-in": { kind: "sign-in" },
  "/account": { kind: "account" },
  "/people": { kind: "people" },
}

/**
 * The path that shows a document. A name with a segment `.` or `..` has none: its path shows the page that says so, and
 * never another document.
 */
export function documentPath(id: string): string {
  const segments = id.split("/").map(encodeURIComponent)
  return `/d/${segments.join(hasDotSegment(id) ? "%2F" : "/")}`
}

/** Browsers, and whatever else reads URLs, take such segments away, encoded or not: they would lead elsewhere. */
function hasDotSegment(name: string): boolean {
  return name.split("/").some((segment) => segment === "." || segment === "..")
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined // a stray % sign: the caller says so
  }
}
