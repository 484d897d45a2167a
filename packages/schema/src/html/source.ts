/** What `fromHtml` asks of a DOM: the browser's has it, and so has every parser's. */
export interface HtmlSource {
  /** 1 element, 3 text, 9 document, 11 fragment; others are passed over. */
  readonly nodeType: number
  /** The element's name, in any case. */
  readonly nodeName: string
  /** The text of a text. */
  readonly nodeValue: string | null
  /** What it contains, in order. */
  readonly childNodes: ArrayLike<HtmlSource>
  /** Of an element: an attribute's text, or null when it has none of that name (lower case). */
  readonly getAttribute?: (name: string) => string | null
}
