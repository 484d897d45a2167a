import type { Mark, Node } from "prosemirror-model"
import { linkUrl } from "../link-url.js"
import { LINK_REL } from "../marks/link.js"
import { cleanLanguage } from "../nodes/codeblock.js"
import { type Layout, type ListKind, readLayout } from "../nodes/layout.js"
import { headingLevel } from "../nodes/textblock.js"
import { isCodeblock, isTextblock } from "../schema.js"
import { type HtmlElement, type HtmlNode, htmlText } from "./tree.js"

/** A page as HTML with real nested lists and quotes. `fromHtml` reads it back to the same blocks, but for their ids. */
export function toHtml(doc: Node): string {
  return htmlText(htmlTree(doc.children))
}

/**
 * Blocks as a tree of HTML. The quotes are outside, the lists within them. Where a block is deeper than the items above
 * it can say (an item that is indented though nothing is above it), `data-indent` keeps the number.
 */
export function htmlTree(blocks: readonly Node[]): readonly HtmlNode[] {
  const root: Open = { tag: "div", attributes: {}, children: [] }
  const quotes: Open[] = []
  let lists: OpenList[] = []
  for (const block of blocks) {
    const layout = readLayout(block.attrs)
    if (layout.quote !== quotes.length) {
      lists = []
      quotes.length = Math.min(quotes.length, layout.quote)
      while (quotes.length < layout.quote) quotes.push(append(quotes.at(-1) ?? root, "blockquote"))
    }
    const container = quotes.at(-1) ?? root
    if (layout.list === undefined) {
      lists = lists.filter((list) => list.indent < layout.indent)
      const { parent, indent } = innermost(lists, container)
      parent.children.push(blockTree(block, indentMarkup(layout, indent)))
    } else {
      lists = openList(lists, layout, layout.list, container)
      appendItem(block, layout, lists.at(-1) as OpenList) // it was just opened
    }
  }
  return root.children
}

/** An element that still grows. */
interface Open extends HtmlElement {
  readonly attributes: Record<string, string>
  readonly children: HtmlNode[]
}

/** A list that the next block may still belong to. */
interface OpenList {
  readonly kind: ListKind
  /** The indent of its items. */
  readonly indent: number
  readonly element: Open
  /** Its last item; further blocks and deeper lists go in there. */
  item: Open
  /** The indent that a reader will give its items when it only counts the lists around them. */
  readonly counted: number
}

function append(parent: Open, tag: string, attributes: Record<string, string> = {}): Open {
  const element: Open = { tag, attributes, children: [] }
  parent.children.push(element)
  return element
}

/** Where a block goes that is deeper than these lists, and the indent that a reader will give it there. */
function innermost(lists: readonly OpenList[], container: Open): { readonly parent: Open; readonly indent: number } {
  const list = lists.at(-1)
  return list === undefined ? { parent: container, indent: 0 } : { parent: list.item, indent: list.indent + 1 }
}

/** The lists that are open once an item of this place has its list, which may be the one before or a new one. */
function openList(lists: readonly OpenList[], layout: Layout, kind: ListKind, container: Open): OpenList[] {
  const around = lists.filter((list) => list.indent < layout.indent)
  const same = lists.find((list) => list.indent === layout.indent)
  if (same !== undefined && same.kind === kind && layout.start === undefined) return [...around, same]
  const { parent, indent } = innermost(around, container)
  const attributes: Record<string, string> = kind === "task" || kind === "toggle" ? { "data-list": kind } : {}
  if (layout.start !== undefined) attributes.start = String(layout.start)
  const element = append(parent, kind === "ordered" ? "ol" : "ul", attributes)
  return [...around, { kind, indent: layout.indent, element, item: element, counted: indent }]
}

function appendItem(block: Node, layout: Layout, list: OpenList): void {
  const item = append(list.element, "li", indentMarkup(layout, list.counted))
  list.item = item
  if (layout.list === "task") {
    item.attributes["data-checked"] = String(layout.isChecked)
    append(item, "input", { type: "checkbox", disabled: "", ...(layout.isChecked ? { checked: "" } : {}) })
  }
  const text = blockTree(block, {})
  const isBare = text.tag === "p" && text.children.length > 0 && Object.keys(text.attributes).length === 0
  item.children.push(...(isBare ? text.children : [text]))
}

function indentMarkup(layout: Layout, counted: number): Record<string, string> {
  return layout.indent === counted ? {} : { "data-indent": String(layout.indent) }
}

function blockTree(block: Node, attributes: Record<string, string>): HtmlElement {
  if (isTextblock(block)) {
    const level = headingLevel(block.attrs)
    const space: Record<string, string> = collapses(block.textContent) ? { "data-space": "keep" } : {}
    const tag = level === undefined ? "p" : `h${level}`
    return { tag, attributes: { ...attributes, ...space }, children: textTree(block) }
  }
  if (isCodeblock(block)) {
    const language = cleanLanguage(block.attrs.language)
    const name: Record<string, string> = language === undefined ? {} : { class: `language-${language}` }
    const text = block.textContent
    // Readers take one line break at the end for the end of the last line.
    const lines = text.endsWith("\n") ? `${text}\n` : text
    return { tag: "pre", attributes, children: [{ tag: "code", attributes: name, children: lines ? [lines] : [] }] }
  }
  return { tag: "hr", attributes, children: [] }
}

/** Whether HTML would melt some of a text's white space into one space, or drop it. */
function collapses(text: string): boolean {
  return text.split("\n").some((line) => /^ | $| {2}|[\t\r\f]/.test(line))
}

/** A block's text. Neighbouring runs share the elements of the marks that they have in common, outermost first. */
function textTree(block: Node): readonly HtmlNode[] {
  const root: Open = { tag: "div", attributes: {}, children: [] }
  let open: { readonly mark: Mark; readonly element: Open }[] = []
  for (const run of block.children) {
    let kept = 0
    while (kept < open.length && run.marks[kept]?.eq((open[kept] as { mark: Mark }).mark)) kept++ // below its length
    open = open.slice(0, kept)
    for (const mark of run.marks.slice(kept)) {
      const element = appendMark(open.at(-1)?.element ?? root, mark)
      if (element !== undefined) open.push({ mark, element })
    }
    appendLines((open.at(-1)?.element ?? root).children, run.text ?? "")
  }
  // A line break at the very end needs a second one to be seen.
  if (block.textContent.endsWith("\n")) append(root, "br")
  return root.children
}

function appendLines(into: HtmlNode[], text: string): void {
  text.split("\n").forEach((line, index) => {
    if (index > 0) into.push({ tag: "br", attributes: {}, children: [] })
    if (line !== "") into.push(line)
  })
}

/** The element of a mark; nothing for a link that leads nowhere good. */
function appendMark(parent: Open, mark: Mark): Open | undefined {
  switch (mark.type.name) {
    case "link": {
      const href = linkUrl(mark.attrs.href)
      return href === undefined ? undefined : append(parent, "a", { href, rel: LINK_REL })
    }
    case "underline":
      return append(parent, "u")
    case "strike":
      return append(parent, "s")
    default:
      return append(parent, mark.type.name) // strong, em and code are called as in HTML
  }
}
