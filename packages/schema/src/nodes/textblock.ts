import type { Attrs, NodeSpec, TagParseRule } from "prosemirror-model"

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
  id: "string",
}

/**
 * No attribute has a validator: a validator that throws on stored data makes the binding delete the block for
 * everybody. Odd values are kept as they are and read leniently, by `headingLevel`.
 */
export const textblock: NodeSpec = {
  content: "inline*",
  group: "block",
  attrs: {
    kind: { default: "paragraph" },
    level: { default: 1 },
    id: { default: null },
  },
  defining: true,
  parseDOM: [{ tag: "p", attrs: { kind: "paragraph" } }, ...HEADING_LEVELS.map(headingRule)],
  toDOM(node) {
    const level = headingLevel(node.attrs)
    return [level === undefined ? "p" : `h${level}`, { dir: "auto" }, 0]
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

function headingRule(level: HeadingLevel): TagParseRule {
  return { tag: `h${level}`, attrs: { kind: "heading", level } }
}
