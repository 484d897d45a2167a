import type { Attrs, DOMOutputSpec, NodeSpec, TagParseRule } from "prosemirror-model"
import { INDENT_MAX, type Layout, LIST_KINDS, layoutAttributes, QUOTE_MAX, readLayout } from "./layout.js"

/**
 * The one block that holds text. What it looks like is said by attributes rather than by node types, because Yjs cannot
 * rename a node: turning a paragraph into a heading must not replace the text that a colleague is typing in.
 */

/** What a textblock is: running text, or a heading whose rank `level` tells. */
export type TextblockKind = "paragraph" | "heading"

/** Rank of a heading, 1 (highest) to 6. */
export type HeadingLevel = 1 | 2 | 3 | 4 | 5 | 6

/** The heading levels, highest rank first. */
export const HEADING_LEVELS: readonly HeadingLevel[] = [1, 2, 3, 4, 5, 6]

/**
 * The JavaScript type of each attribute of a textblock, for checking stored content before an editor is mounted on it.
 * `id` may also be absent, until a local edit gives the block one.
 */
export const TEXTBLOCK_ATTRIBUTE_TYPES: Readonly<Record<string, "string" | "number" | "boolean">> = {
  kind: "string",
  level: "number",
  list: "string",
  start: "number",
  checked: "boolean",
  indent: "number",
  quote: "number",
  id: "string",
}

/**
 * No attribute has a validator: a validator that throws on stored data makes the binding delete the block for
 * everybody. Odd values are kept as they are and read leniently, by `headingLevel` and `readLayout`.
 *
 * A line break inside a block is the character U+000A in its text, not a node: a node would cut the shared text in two,
 * and people typing on both sides of the break would no longer be merged as one text. So white space is kept as it is.
 */
export const textblock: NodeSpec = {
  content: "inline*",
  group: "block",
  whitespace: "pre",
  attrs: {
    kind: { default: "paragraph" },
    level: { default: 1 },
    list: { default: null },
    start: { default: null },
    checked: { default: null },
    indent: { default: null },
    quote: { default: null },
    id: { default: null },
  },
  defining: true,
  parseDOM: [
    {
      tag: "div[data-list]",
      getAttrs: (element) => parsedLayout(element),
      contentElement: "p, h1, h2, h3, h4, h5, h6",
    },
    { tag: "p", getAttrs: (element) => ({ kind: "paragraph", ...parsedLayout(element) }) },
    ...HEADING_LEVELS.map(headingRule),
  ],
  toDOM(node) {
    const level = headingLevel(node.attrs)
    const layout = readLayout(node.attrs)
    const tag = level === undefined ? "p" : `h${level}`
    const attributes = { dir: "auto", ...layoutMarkup(layout) }
    if (layout.list !== undefined) return ["div", attributes, itemMarkup(layout, tag)]
    return [tag, layout.quote > 0 && level === undefined ? { ...attributes, role: "blockquote" } : attributes, 0]
  },
}

/**
 * The level at which a textblock is shown as a heading, or `undefined` when it is shown as a paragraph. Accepts any
 * stored values: a level out of range is clamped to 1–6, one that is no number counts as 1, an unknown kind is a
 * paragraph.
 */
export function headingLevel(attrs: Attrs): HeadingLevel | undefined {
  if (attrs.kind !== "heading") return undefined
  const level: unknown = attrs.level
  if (typeof level !== "number" || Number.isNaN(level)) return 1
  return Math.min(6, Math.max(1, Math.round(level))) as HeadingLevel // whole and in range by the two bounds
}

/** What the style sheet needs to know of a block's place; empty for a block at the margin. */
export function layoutMarkup(layout: Layout): Record<string, string> {
  const markup: Record<string, string> = {}
  if (layout.list !== undefined) markup["data-list"] = layout.list
  if (layout.indent > 0) markup["data-indent"] = String(layout.indent)
  if (layout.quote > 0) markup["data-quote"] = String(layout.quote)
  if (layout.isChecked) markup["data-checked"] = "true"
  if (layout.start !== undefined) {
    markup["data-start"] = String(layout.start)
    // The counters of the style sheet have one name a level; a style sheet cannot read the number from an attribute.
    markup.style = `counter-set: list-${layout.indent} ${layout.start}`
  }
  return markup
}

/** The attributes that `layoutMarkup` was made from: for reading the editor's own DOM back. */
export function parsedLayout(element: HTMLElement): Record<string, unknown> {
  const list = LIST_KINDS.find((kind) => kind === element.getAttribute("data-list"))
  const start = numberIn(element.getAttribute("data-start"), Number.MAX_SAFE_INTEGER)
  return layoutAttributes({
    list,
    start: list === "ordered" ? start : undefined,
    indent: numberIn(element.getAttribute("data-indent"), INDENT_MAX) ?? 0,
    quote: numberIn(element.getAttribute("data-quote"), QUOTE_MAX) ?? 0,
    isChecked: list === "task" && element.getAttribute("data-checked") === "true",
  })
}

function numberIn(text: string | null, max: number): number | undefined {
  return text !== null && /^\d{1,9}$/.test(text) ? Math.min(max, Number(text)) : undefined
}

/**
 * An item within its block. The block itself is no item, so that the editor can make it the list that the item is in:
 * an item without a list is none to assistive technology.
 */
function itemMarkup(layout: Layout, tag: string): DOMOutputSpec {
  const item = { role: "listitem", "aria-level": String(layout.indent + 1) }
  const control = controlOf(layout)
  if (control !== undefined) return ["div", item, control, [tag, 0]]
  // A heading stays a heading, wherever it stands.
  return tag === "p" ? [tag, item, 0] : ["div", item, [tag, 0]]
}

/** What stands before the text of an item and can be clicked. Reached by keys through commands, not by Tab. */
function controlOf(layout: Layout): DOMOutputSpec | undefined {
  const attributes = { contenteditable: "false", tabindex: "-1" }
  if (layout.list === "task") {
    const checked: Record<string, string> = layout.isChecked ? { checked: "" } : {}
    return ["input", { type: "checkbox", class: "task-box", "aria-label": "Done", ...attributes, ...checked }]
  }
  if (layout.list === "toggle") {
    const state = { "aria-label": "Fold or unfold", "aria-expanded": "true" }
    return ["button", { type: "button", class: "toggle-fold", ...state, ...attributes }]
  }
  return undefined
}

function headingRule(level: HeadingLevel): TagParseRule {
  return { tag: `h${level}`, getAttrs: (element) => ({ kind: "heading", level, ...parsedLayout(element) }) }
}
