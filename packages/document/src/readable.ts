import { type BlockJson, holdsText, type TextJson } from "@quire/schema"
import * as Y from "yjs"
import { attributeMisfit, childrenOf, markMisfit, storedAttributes } from "./preflight.js"
import { bodyOf } from "./roots.js"

/** One piece of a page that does not fit the schema, as far as it can be shown. The strings are the document's. */
export type ReadableBlock =
  /** A block with those attributes and marks that the schema knows. */
  | { readonly kind: "block"; readonly block: BlockJson }
  /** Something that the schema does not know, and the words found in it, a line for each text. */
  | { readonly kind: "unknown"; readonly text: string }
  /** Here stands more than is read. */
  | { readonly kind: "more" }

/** How much of a page is read: much more than a page that somebody has written, and little enough to be shown. */
export const READABLE_LIMITS = {
  /** Blocks of the page. */
  blocks: 20_000,
  /** UTF-16 units of text. */
  characters: 2_000_000,
  /** UTF-16 units of one attribute; a longer one is left out. */
  attribute: 5_000,
  /** Shared types looked into within one block that is unknown. */
  types: 10_000,
} as const

/**
 * Reads a page whatever it holds, for showing it where no editor may be mounted. Changes nothing, never throws, and ends
 * within `READABLE_LIMITS` however deep, long or odd the content is.
 */
export function readBody(ydoc: Y.Doc): readonly ReadableBlock[] {
  const found: ReadableBlock[] = []
  const budget = new Budget()
  const children = childrenOf(bodyOf(ydoc))
  for (const child of children.slice(0, READABLE_LIMITS.blocks)) {
    if (budget.isSpent) break
    if (!(child instanceof Y.XmlElement) || !isKnownBlock(child)) {
      found.push({ kind: "unknown", text: wordsIn(child, budget) })
      continue
    }
    found.push({ kind: "block", block: knownPart(child, budget) })
    const text = unknownParts(child).map((part) => wordsIn(part, budget))
    if (text.length > 0) found.push({ kind: "unknown", text: text.filter((words) => words !== "").join("\n") })
  }
  if (budget.isSpent || children.length > READABLE_LIMITS.blocks) found.push({ kind: "more" })
  return found
}

/** What may still be read. */
class Budget {
  #characters: number = READABLE_LIMITS.characters

  get isSpent(): boolean {
    return this.#characters <= 0
  }

  /** As much of a text as there is room for. */
  take(text: string): string {
    const taken = text.slice(0, Math.max(0, this.#characters)).toWellFormed()
    this.#characters -= text.length
    return taken
  }
}

function isKnownBlock(element: Y.XmlElement): boolean {
  return attributeMisfit(element.nodeName, "id", "") === undefined
}

function knownPart(element: Y.XmlElement, budget: Budget): BlockJson {
  const { nodeName } = element
  const attrs: Record<string, unknown> = {}
  for (const [name, value] of storedAttributes(element)) {
    // An id is for editors, which look for two blocks with one.
    if (name !== "id" && attributeMisfit(nodeName, name, value) === undefined && isShort(value)) attrs[name] = value
  }
  const texts = holdsText(nodeName) ? childrenOf(element).filter((child) => child instanceof Y.XmlText) : []
  const content = texts.flatMap((text) => runsOf(text, budget))
  return { type: nodeName, attrs, ...(content.length > 0 ? { content } : {}) }
}

function runsOf(text: Y.XmlText, budget: Budget): TextJson[] {
  const runs: TextJson[] = []
  for (const { insert, attributes = {} } of text.toDelta() as readonly {
    readonly insert: unknown
    readonly attributes?: Readonly<Record<string, unknown>>
  }[]) {
    const words = typeof insert === "string" ? budget.take(insert) : ""
    if (words === "") continue
    const marks = Object.keys(attributes)
      .filter((name) => markMisfit(name, attributes[name]) === undefined)
      .map((name) => ({ type: name, attrs: { ...(attributes[name] as object) } })) // it fits: an object, or true
      .filter(({ attrs }) => Object.values(attrs).every(isShort))
    runs.push({ type: "text", text: words, ...(marks.length > 0 ? { marks } : {}) })
  }
  return runs
}

function isShort(value: unknown): boolean {
  return typeof value !== "string" || value.length <= READABLE_LIMITS.attribute
}

/** What stands in a known block where the schema has no place for it. */
function unknownParts(element: Y.XmlElement): readonly unknown[] {
  const parts: unknown[] = []
  for (const child of childrenOf(element)) {
    if (!(child instanceof Y.XmlText)) parts.push(child)
    else if (!holdsText(element.nodeName) && child.length > 0) parts.push(child)
    else parts.push(...embeddedIn(child))
  }
  return parts
}

function embeddedIn(text: Y.Text): readonly unknown[] {
  const parts = text.toDelta() as readonly { readonly insert: unknown }[]
  return parts.map(({ insert }) => insert).filter((insert) => typeof insert !== "string")
}

/** The words in anything, in their order. Not by recursion: content may be nested as deep as its author likes. */
function wordsIn(content: unknown, budget: Budget): string {
  const lines: string[] = []
  const open: unknown[] = [content]
  for (let looked = 0; looked < READABLE_LIMITS.types && !budget.isSpent; looked++) {
    const next = open.pop()
    if (next === undefined) break
    if (typeof next === "string") lines.push(budget.take(next))
    else if (next instanceof Y.Text) {
      const inserts = (next.toDelta() as readonly { readonly insert: unknown }[]).map(({ insert }) => insert)
      lines.push(budget.take(inserts.filter((insert) => typeof insert === "string").join("")))
      open.push(...embeddedIn(next).toReversed())
    } else if (next instanceof Y.XmlFragment) open.push(...childrenOf(next).toReversed())
  }
  return lines.filter((line) => line !== "").join("\n")
}
