import type { Mark, Node } from "prosemirror-model"
import { cleanLanguage } from "../nodes/codeblock.js"
import { INDENT_MAX, type ListKind, layoutAttributes, QUOTE_MAX, START_MAX } from "../nodes/layout.js"
import { schema } from "../schema.js"
import { marksOfElement } from "./marks.js"
import type { HtmlSource } from "./source.js"
import { TextRuns } from "./text-runs.js"

/**
 * Reads HTML from anywhere into the blocks of a page: nested lists and quotes become attributes of flat blocks, what the
 * schema does not know becomes its text. The ids of the blocks are left for the editor to give.
 *
 * @param root An element or document of any DOM; it is only read. Nothing in it is run, loaded or trusted.
 */
export function fromHtml(root: HtmlSource, options: HtmlReadOptions = {}): Node {
  const reader = new HtmlReader()
  reader.read(root, { ...OUTERMOST, keepsSpace: options.keepsSpace === true })
  return schema.node("doc", null, reader.finish())
}

/** How to read HTML. */
export interface HtmlReadOptions {
  /** Whether white space is meant as it is, as in text that somebody else wrapped into elements. */
  readonly keepsSpace?: boolean
}

/** Elements deeper than this are not followed; browsers stop at about as many. */
const DEPTH_MAX = 500

/** Elements whose content is not text of the page. */
const SKIPPED: ReadonlySet<string> = new Set(
  "head script style title template noscript iframe object embed svg math textarea select datalist audio video".split(
    " ",
  ),
)

/** Elements that begin and end a block, without saying more about it. */
const BLOCKS: ReadonlySet<string> = new Set(
  (
    "address article aside body center dd div dl dt fieldset figcaption figure footer form header hgroup html main nav " +
    "p search section table tbody td tfoot th thead tr caption"
  ).split(" "),
)

/** What the elements around a place say about it. */
interface Place {
  readonly marks: readonly Mark[]
  readonly quote: number
  /** The indent that an item of a new list would get here, and a block that is no item. */
  readonly indent: number
  /** The list around, when its item is not reached yet. */
  readonly list: ListKind | undefined
  /** The item around, whose first block is the item itself. */
  readonly item: Item | undefined
  /** The heading around. */
  readonly heading: number | undefined
  readonly keepsSpace: boolean
  /** Elements around. */
  readonly depth: number
}

/** An item of a list while it is read. */
interface Item {
  kind: ListKind
  isChecked: boolean
  readonly start: number | undefined
  readonly indent: number
  /** Whether its first block is made. */
  hasBlock: boolean
}

const OUTERMOST: Place = {
  marks: [],
  quote: 0,
  indent: 0,
  list: undefined,
  item: undefined,
  heading: undefined,
  keepsSpace: false,
  depth: 0,
}

class HtmlReader {
  readonly #blocks: Node[] = []
  /** The textblock that text goes into now. */
  #open: { readonly attrs: Record<string, unknown>; readonly runs: TextRuns } | undefined
  /** The number that the next item begins with, when its list says one. */
  #start: number | undefined

  finish(): readonly Node[] {
    this.#close()
    return this.#blocks
  }

  read(node: HtmlSource, place: Place): void {
    if (node.nodeType === 3) this.#text(node.nodeValue ?? "", place)
    else if (node.nodeType === 1 && place.depth < DEPTH_MAX) this.#element(node, { ...place, depth: place.depth + 1 })
    else if (node.nodeType === 9 || node.nodeType === 11) this.#children(node, place)
  }

  #children(node: HtmlSource, place: Place): void {
    for (const child of Array.from(node.childNodes)) this.read(child, place)
  }

  #element(element: HtmlSource, around: Place): void {
    const tag = element.nodeName.toLowerCase()
    if (SKIPPED.has(tag)) return
    const place = { ...around, keepsSpace: around.keepsSpace || keepsSpace(element) }
    if (tag === "br") this.#line(place)
    else if (tag === "ul" || tag === "ol" || tag === "menu") this.#list(element, tag, place)
    else if (tag === "li") this.#item(element, place)
    else if (tag === "input") this.#checkbox(element, place)
    else if (tag === "blockquote") this.#within(element, { ...place, quote: Math.min(QUOTE_MAX, place.quote + 1) })
    else if (tag === "pre") this.#code(element, place)
    else if (tag === "hr") this.#leaf(schema.node("rule", this.#looseAttributes(element, place)), place)
    else if (tag === "details") this.#within(element, { ...place, item: undefined, list: undefined })
    else if (tag === "summary") this.#toggle(element, place)
    else if (tag === "p") this.#textblock(element, place)
    else if (/^h[1-6]$/.test(tag)) this.#textblock(element, { ...place, heading: Number(tag[1]) })
    else if (BLOCKS.has(tag)) this.#within(element, place)
    else this.#children(element, { ...place, marks: marksOfElement(element, place.marks) })
  }

  /** An element that bounds blocks, and is none unless it holds text of its own. */
  #within(element: HtmlSource, place: Place): void {
    this.#close()
    this.#children(element, { ...place, marks: marksOfElement(element, place.marks, { isBlock: true }) })
    this.#close()
  }

  #textblock(element: HtmlSource, place: Place): void {
    this.#close()
    this.#begin(place, writtenIndent(element))
    this.#children(element, { ...place, marks: marksOfElement(element, place.marks, { isBlock: true }) })
    this.#close()
  }

  #list(element: HtmlSource, tag: string, place: Place): void {
    this.#settleItem(place)
    const name = element.getAttribute?.("data-list")
    const kind: ListKind = name === "task" || name === "toggle" ? name : tag === "ol" ? "ordered" : "bullet"
    // Some programs put a deeper list beside the item it belongs to instead of into it.
    const indent = place.list === undefined ? place.indent : place.indent + 1
    this.#start = kind === "ordered" ? this.#startOf(element, { ...place, indent }) : undefined
    this.#children(element, { ...place, indent, heading: undefined, item: undefined, list: kind })
    this.#close()
    this.#start = undefined
  }

  /** The number a list begins with; a list that follows another without a word between them says 1, or it would go on. */
  #startOf(element: HtmlSource, place: Place): number | undefined {
    const written = element.getAttribute?.("start") ?? null
    if (written !== null && /^\s*\d{1,9}\s*$/.test(written)) return Math.min(START_MAX, Number(written))
    const above = this.#blocks.findLast((block) => {
      const isDeeper = Number(block.attrs.indent ?? 0) > place.indent && Number(block.attrs.quote ?? 0) === place.quote
      return !isDeeper
    })
    const goesOn =
      above?.attrs.list === "ordered" &&
      Number(above.attrs.indent ?? 0) === Math.min(INDENT_MAX, place.indent) &&
      Number(above.attrs.quote ?? 0) === place.quote
    return goesOn ? 1 : undefined
  }

  #item(element: HtmlSource, place: Place): void {
    this.#close()
    const kind = place.list ?? "bullet"
    const item: Item = {
      kind,
      isChecked: element.getAttribute?.("data-checked") === "true",
      start: this.#start,
      indent: writtenIndent(element) ?? Math.min(INDENT_MAX, place.indent),
      hasBlock: false,
    }
    this.#start = undefined
    const marks = marksOfElement(element, place.marks, { isBlock: true })
    const inside = { ...place, marks, list: undefined, item, indent: item.indent + 1 }
    this.#children(element, inside)
    this.#settleItem(inside)
  }

  /** A box at the beginning of an item makes it a task. */
  #checkbox(element: HtmlSource, { item }: Place): void {
    if (item === undefined || item.hasBlock || element.getAttribute?.("type")?.toLowerCase() !== "checkbox") return
    item.kind = "task"
    if (element.getAttribute?.("checked") != null) item.isChecked = true
  }

  #toggle(element: HtmlSource, place: Place): void {
    const indent = Math.min(INDENT_MAX, place.indent)
    const item: Item = { kind: "toggle", isChecked: false, start: undefined, indent, hasBlock: false }
    this.#textblock(element, { ...place, item })
  }

  #code(element: HtmlSource, place: Place): void {
    this.#settleItem(place)
    const text = rawText(element, 0).replace(/\n$/, "")
    const attrs = { language: languageOf(element) ?? null, ...this.#looseAttributes(element, place) }
    this.#blocks.push(schema.node("codeblock", attrs, text === "" ? [] : [schema.text(text)]))
  }

  #leaf(node: Node, place: Place): void {
    this.#settleItem(place)
    this.#blocks.push(node)
  }

  #text(text: string, place: Place): void {
    if (this.#open === undefined) {
      if (text === "" || /^[ \t\n\r\f]+$/.test(text)) return
      this.#begin(place, undefined)
    }
    this.#open?.runs.add(text, place.marks, place.keepsSpace)
  }

  #line(place: Place): void {
    if (this.#open === undefined) this.#begin(place, undefined)
    this.#open?.runs.breakLine(place.marks)
  }

  /** Opens the textblock of a place: the item itself for the first one in an item. */
  #begin(place: Place, indent: number | undefined): void {
    const { item, quote, heading } = place
    const kind = heading === undefined ? {} : { kind: "heading", level: heading }
    if (item !== undefined && !item.hasBlock) {
      item.hasBlock = true
      const { kind: list, start, isChecked } = item
      const layout = { list, start, quote, indent: item.indent, isChecked: list === "task" && isChecked }
      this.#open = { attrs: { ...kind, ...layoutAttributes(layout) }, runs: new TextRuns() }
    } else {
      const layout = { quote, indent: indent ?? Math.min(INDENT_MAX, place.indent) }
      this.#open = { attrs: { ...kind, ...layoutAttributes(layout) }, runs: new TextRuns() }
    }
  }

  #close(): void {
    if (this.#open === undefined) return
    const { attrs, runs } = this.#open
    this.#open = undefined
    this.#blocks.push(schema.node("textblock", attrs, runs.finish()))
  }

  /** Before something that cannot be the item itself: an item without text of its own is an empty one. */
  #settleItem(place: Place): void {
    this.#close()
    if (place.item === undefined || place.item.hasBlock) return
    this.#begin({ ...place, heading: undefined }, undefined)
    this.#close()
  }

  /** The place of a block that cannot be an item. */
  #looseAttributes(element: HtmlSource, place: Place): Record<string, unknown> {
    const indent = writtenIndent(element) ?? Math.min(INDENT_MAX, place.indent)
    return { indent: indent || null, quote: place.quote || null }
  }
}

/** The indent that `toHtml` wrote because the elements around do not say it. */
function writtenIndent(element: HtmlSource): number | undefined {
  const written = element.getAttribute?.("data-indent") ?? null
  return written !== null && /^\d{1,3}$/.test(written) ? Math.min(INDENT_MAX, Number(written)) : undefined
}

function keepsSpace(element: HtmlSource): boolean {
  if (element.getAttribute?.("data-space") === "keep") return true
  return /white-space\s*:\s*(?:pre\b|pre-wrap|break-spaces)/i.test(element.getAttribute?.("style") ?? "")
}

function rawText(node: HtmlSource, depth: number): string {
  if (node.nodeType === 3) return node.nodeValue ?? ""
  if (node.nodeName.toLowerCase() === "br") return "\n"
  if (node.nodeType !== 1 || depth > DEPTH_MAX || SKIPPED.has(node.nodeName.toLowerCase())) return ""
  return Array.from(node.childNodes, (child) => rawText(child, depth + 1)).join("")
}

/** `class="language-x"` on the block or on what is in it, as the HTML Standard proposes; also `lang-x` and our own. */
function languageOf(pre: HtmlSource): string | undefined {
  const inside = Array.from(pre.childNodes).find((child) => child.nodeName.toLowerCase() === "code")
  for (const element of [pre, ...(inside === undefined ? [] : [inside])]) {
    const named = /(?:^|\s)lang(?:uage)?-(\S+)/.exec(element.getAttribute?.("class") ?? "")?.[1]
    const language = cleanLanguage(named ?? element.getAttribute?.("data-language"))
    if (language !== undefined) return language
  }
  return undefined
}
