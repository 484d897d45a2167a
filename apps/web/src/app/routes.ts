import { type DocumentId, parseDocumentId } from "@quire/base"

/** What an address shows. */
export type Route =
  | { readonly kind: "library" }
  | { readonly kind: "document"; readonly id: DocumentId }
  /** No address of ours, or one whose document name is none; `reason` says why, as a sentence. */
  | { readonly kind: "lost"; readonly reason: string }

/** What a path shows. `/d/` is followed by a document's name, percent-encoded, slashes as they are. */
export function readRoute(pathname: string): Route {
  if (pathname === "/") return { kind: "library" }
  if (!pathname.startsWith("/d/")) return { kind: "lost", reason: "there is no page at this address" }
  const name = decode(pathname.slice("/d/".length))
  if (name === undefined) return { kind: "lost", reason: "the address is not encoded correctly" }
  const parsed = parseDocumentId(name)
  return parsed.ok ? { kind: "document", id: parsed.id } : { kind: "lost", reason: parsed.reason }
}

/** The path that shows a document. */
export function documentPath(id: string): string {
  return `/d/${id.split("/").map(encodeURIComponent).join("/")}`
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined // a stray % sign: the caller says so
  }
}
