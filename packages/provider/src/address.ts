import { parseDocumentId } from "@quire/base"

/**
 * The address of a document's room: the document's name, each segment percent-encoded, after the base's path.
 *
 * @param base `ws:` or `wss:`, such as `wss://example.org/sync`; its query stays, its fragment goes.
 * @throws TypeError if the base is no such address or the name no document id. A name with a segment `.` or `..` is
 *   refused too: every URL parser takes those away, encoded or not, so the server would be asked for another document.
 */
export function roomAddress(base: string, document: string): string {
  const name = parseDocumentId(document)
  if (!name.ok) throw new TypeError(name.reason)
  const segments = document.split("/")
  if (segments.some((segment) => segment === "." || segment === "..")) {
    throw new TypeError(`the document name ${JSON.stringify(document)} has a segment that URLs leave out`)
  }
  const url = new URL(base)
  if (url.protocol !== "ws:" && url.protocol !== "wss:") {
    throw new TypeError(`the server's address must start with ws: or wss:, not ${url.protocol}`)
  }
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${segments.map(encodeURIComponent).join("/")}`
  url.hash = ""
  return url.href
}
