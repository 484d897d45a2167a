import type { Attrs } from "prosemirror-model"

/**
 * Where a block stands: its list, its indent, its quote. All of it is attributes of flat blocks, so that a colleague who
 * types in a block loses nothing while it becomes an item or a quote. Each attribute is absent (null) until it is set:
 * what is null is never written, so a page of an older version stays as it is until somebody changes it.
 */

/** The kinds of list an item can belong to. */
export type ListKind = "bullet" | "ordered" | "task" | "toggle"

/** The list kinds, in the order in which menus show them. */
export const LIST_KINDS: readonly ListKind[] = ["bullet", "ordered", "task", "toggle"]

/** Deepest indent that is shown; a stored one may be deeper. */
export const INDENT_MAX = 8

/** Deepest quote that is shown; a stored one may be deeper. */
export const QUOTE_MAX = 8

/** Greatest number that an ordered list may start with; the least is 0. */
export const START_MAX = 999_999_999

/** Where a block stands, as it is shown: stored values of any type and range are brought into these. */
export interface Layout {
  /** The list that the block is an item of; `undefined` when it is none. */
  readonly list: ListKind | undefined
  /** For an ordered item: the number it has and the list goes on from; `undefined` when it simply counts on. */
  readonly start: number | undefined
  /** Steps that the block is moved in, 0 to `INDENT_MAX`. A block of no list belongs to the item above it, if any. */
  readonly indent: number
  /** Quotes that the block stands in, one inside the other, 0 to `QUOTE_MAX`. Quotes are outside of lists. */
  readonly quote: number
  /** For a task: whether it is done. */
  readonly isChecked: boolean
}

/** Reads a block's place out of its stored attributes. Never throws. */
export function readLayout(attrs: Attrs): Layout {
  const list = LIST_KINDS.find((kind) => kind === attrs.list)
  return {
    list,
    start: list === "ordered" && isNumber(attrs.start) ? wholeIn(attrs.start, START_MAX) : undefined,
    indent: isNumber(attrs.indent) ? wholeIn(attrs.indent, INDENT_MAX) : 0,
    quote: isNumber(attrs.quote) ? wholeIn(attrs.quote, QUOTE_MAX) : 0,
    isChecked: list === "task" && attrs.checked === true,
  }
}

/** The same place as attributes to store: what is as it is by default is null. */
export function layoutAttributes(layout: Partial<Layout>): Readonly<Record<string, string | number | boolean | null>> {
  return {
    list: layout.list ?? null,
    start: layout.start ?? null,
    indent: layout.indent || null,
    quote: layout.quote || null,
    checked: layout.isChecked || null,
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && !Number.isNaN(value)
}

function wholeIn(value: number, max: number): number {
  return Math.min(max, Math.max(0, Math.round(value)))
}
