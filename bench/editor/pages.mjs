// The two pages that are measured. Both talk to one Quire server.
import { plainBody, quireBody } from "./body.mjs"

/**
 * - `shape`: how its text is kept, see `body.mjs`.
 * - `isNative`: whether the others speak quire.1; only such sessions may write in a page of Quire's schema.
 * - `address`: where a document is.
 * - `hasCopy`: whether it opens a known document without a network.
 */
export const PAGES = [
  {
    id: "plain",
    title: "plain y-prosemirror",
    shape: plainBody,
    isNative: false,
    address: ({ serverUrl, plainUrl }, name) =>
      `${plainUrl}/?room=${name}&server=${encodeURIComponent(`${serverUrl.replace("http", "ws")}/sync`)}`,
    hasCopy: false,
  },
  {
    id: "quire",
    title: "Quire",
    shape: quireBody,
    isNative: true,
    address: ({ serverUrl }, name) => `${serverUrl}/d/${name}`,
    hasCopy: true,
  },
]
