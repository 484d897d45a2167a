import type { HtmlSource } from "../../src/index.js"

/**
 * A strict reader of the markup that `toHtml` writes: every tag closed, every attribute quoted. It reports what a
 * browser would quietly mend.
 */
export function parseHtml(markup: string): HtmlSource {
  const root = element("body", {})
  const open = [root]
  for (const [token] of markup.matchAll(/<[^>]*>|[^<]+/g)) {
    const top = open.at(-1) ?? root
    const tag = /^<(\/?)([a-z][a-z0-9]*)((?: [a-z-]+="[^"<>]*")*)>$/.exec(token)
    if (tag === null) {
      if (token.startsWith("<")) throw new Error(`not a tag: ${token}`)
      top.childNodes.push({ nodeType: 3, nodeName: "#text", nodeValue: decode(token), childNodes: [] })
    } else if (tag[1] === "/") {
      if (open.length === 1 || top.nodeName !== tag[2]) throw new Error(`unexpected ${token}`)
      open.pop()
    } else {
      const attributes: Record<string, string> = {}
      for (const [, name = "", value = ""] of (tag[3] ?? "").matchAll(/ ([a-z-]+)="([^"]*)"/g)) {
        attributes[name] = decode(value)
      }
      const made = element(tag[2] ?? "", attributes)
      top.childNodes.push(made)
      if (!/^(?:br|hr|input)$/.test(made.nodeName)) open.push(made)
    }
  }
  if (open.length > 1) throw new Error(`left open: ${open.map(({ nodeName }) => nodeName).join(" ")}`)
  return root
}

interface Parsed extends HtmlSource {
  readonly childNodes: HtmlSource[]
}

function element(nodeName: string, attributes: Record<string, string>): Parsed {
  const getAttribute = (name: string): string | null =>
    Object.hasOwn(attributes, name) ? (attributes[name] ?? null) : null
  return { nodeType: 1, nodeName, nodeValue: null, childNodes: [], getAttribute }
}

function decode(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#13;", "\r")
    .replaceAll("&amp;", "&")
}
