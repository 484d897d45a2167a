/** HTML as a tree of plain values: made by `htmlTree`, turned into markup here and into a browser's DOM by the editor. */

/** A text, or an element. */
export type HtmlNode = string | HtmlElement

/** An element. */
export interface HtmlElement {
  /** Its name, lower case. */
  readonly tag: string
  /** Its attributes, in the order in which they are written. */
  readonly attributes: Readonly<Record<string, string>>
  /** What it contains, in order. */
  readonly children: readonly HtmlNode[]
}

/** Elements without content and end tag (HTML Standard, section 13.1.2), as far as pages use them. */
const VOID_TAGS: ReadonlySet<string> = new Set(["br", "hr", "input"])

/** The markup of a tree. */
export function htmlText(nodes: readonly HtmlNode[]): string {
  return nodes.map((node) => (typeof node === "string" ? escapeText(node) : elementText(node))).join("")
}

function elementText({ tag, attributes, children }: HtmlElement): string {
  const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${escapeText(value)}"`)
  const start = `<${tag}${written.join("")}>`
  return VOID_TAGS.has(tag) ? start : `${start}${htmlText(children)}</${tag}>`
}

/** Safe in a text and between double quotes. A parser turns a bare carriage return into a line feed, and drops NUL. */
function escapeText(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\r", "&#13;")
    .replaceAll("\0", "\ufffd")
}
