import type { MarkSpec } from "prosemirror-model"
import { linkUrl } from "../link-url.js"

/** Text that leads somewhere. A stored target that `linkUrl` refuses is kept and shown as text. */
export const link: MarkSpec = {
  attrs: { href: { default: "" } },
  inclusive: false,
  parseDOM: [
    {
      tag: "a[href]",
      getAttrs: (element) => {
        const href = linkUrl(element.getAttribute("href"))
        return href === undefined ? false : { href }
      },
    },
  ],
  toDOM(mark) {
    const href = linkUrl(mark.attrs.href)
    return href === undefined ? ["span", 0] : ["a", { href, rel: LINK_REL, target: "_blank" }, 0]
  },
}

/** What every link says to browsers and search engines: no handle on this page, no referrer, no vouching. */
export const LINK_REL = "noopener noreferrer nofollow"
