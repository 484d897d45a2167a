import { attributeTypes, holdsText, isKnownMark, schema } from "@quire/schema"
import * as Y from "yjs"
import { bodyOf } from "./roots.js"

/** Why a body cannot be edited with this version of the schema. The strings come from the document: show, never run. */
export type BodyMisfit =
  /** An element of a kind that the schema lacks. */
  | { readonly kind: "unknown-node"; readonly node: string }
  /** Text with a mark that the schema lacks. */
  | { readonly kind: "unknown-mark"; readonly mark: string }
  /** A known element or mark with an attribute that the schema lacks. `node` is the name of either. */
  | { readonly kind: "unknown-attribute"; readonly node: string; readonly attribute: string }
  /** A known attribute whose value is of another JavaScript type than the schema's. `node` is an element's or a mark's. */
  | { readonly kind: "attribute-type"; readonly node: string; readonly attribute: string }
  /** A known node where the schema has no place for it: text outside a block, a block inside a block. */
  | { readonly kind: "misplaced"; readonly node: string }
  /** Something that is neither an element nor text: an embedded object, a map, plain values. */
  | { readonly kind: "foreign-content" }

/** What `checkBody` found. */
export type BodyCheck = { readonly ok: true } | { readonly ok: false; readonly misfit: BodyMisfit }

/**
 * Whether an editor of this schema may be mounted on a page. It must not where this finds a misfit: the binding deletes,
 * for everybody, elements, attributes and marked text that its schema lacks. Reads only; stops at the first misfit, and
 * never goes deeper than the schema does, so a tree nested to overflow stacks is refused at its second level.
 */
export function checkBody(ydoc: Y.Doc): BodyCheck {
  for (const block of childrenOf(bodyOf(ydoc))) {
    const found = blockMisfit(block)
    if (found !== undefined) return { ok: false, misfit: found }
  }
  return { ok: true }
}

/** Why one child of the body does not fit, if so. Looks at it and what it holds, and no deeper than the schema goes. */
export function blockMisfit(block: unknown): BodyMisfit | undefined {
  if (block instanceof Y.XmlText) return { kind: "misplaced", node: "text" }
  if (!(block instanceof Y.XmlElement)) return FOREIGN
  const found = elementMisfit(block)
  if (found !== undefined) return found
  for (const child of childrenOf(block)) {
    if (child instanceof Y.XmlElement) return elementMisfit(child) ?? { kind: "misplaced", node: child.nodeName }
    const inText = child instanceof Y.XmlText ? textMisfit(child, block.nodeName) : FOREIGN
    if (inText !== undefined) return inText
  }
  return undefined
}

function elementMisfit(element: Y.XmlElement): BodyMisfit | undefined {
  const node = element.nodeName
  if (attributeTypes(node) === undefined) return { kind: "unknown-node", node }
  for (const [attribute, value] of storedAttributes(element)) {
    const found = attributeMisfit(node, attribute, value)
    if (found !== undefined) return found
  }
  return undefined
}

/** Why an attribute of a known element does not fit, if so. */
export function attributeMisfit(node: string, attribute: string, value: unknown): BodyMisfit | undefined {
  const types = attributeTypes(node) ?? {}
  const type = Object.hasOwn(types, attribute) ? types[attribute] : undefined
  if (type === undefined) return { kind: "unknown-attribute", node, attribute }
  const isEmptyId = attribute === "id" && value === null
  return typeof value === type || isEmptyId ? undefined : { kind: "attribute-type", node, attribute }
}

/** The attributes of an element or text. Not Yjs's own reading, in whose object the name `__proto__` would get lost. */
export function storedAttributes(type: Y.XmlElement | Y.XmlText): readonly (readonly [string, unknown])[] {
  const found: [string, unknown][] = []
  for (const [name, item] of type._map) {
    if (!item.deleted) found.push([name, item.content.getContent()[item.length - 1]])
  }
  return found
}

function textMisfit(text: Y.XmlText, node: string): BodyMisfit | undefined {
  // An empty text shows nowhere, so it may stand in a rule too.
  if (!holdsText(node) && text.length > 0) return { kind: "misplaced", node: "text" }
  const [attribute] = storedAttributes(text)
  if (attribute !== undefined) return { kind: "unknown-attribute", node: "text", attribute: attribute[0] }
  for (const { insert, attributes } of text.toDelta() as readonly TextPart[]) {
    if (typeof insert !== "string") return FOREIGN
    const found = marksMisfit(attributes)
    if (found !== undefined) return found
  }
  return undefined
}

/** A run of a text, as Yjs tells it. */
interface TextPart {
  readonly insert: unknown
  readonly attributes?: Readonly<Record<string, unknown>>
}

function marksMisfit(marks: TextPart["attributes"]): BodyMisfit | undefined {
  if (marks === undefined) return undefined
  // A mark stored under this name becomes the object's prototype, whose names the binding takes for marks.
  if (Object.getPrototypeOf(marks) !== Object.prototype) return { kind: "unknown-mark", mark: "__proto__" }
  for (const mark of Object.keys(marks)) {
    const found = markMisfit(mark, marks[mark])
    if (found !== undefined) return found
  }
  return undefined
}

/** Why a mark with its stored attributes does not fit, if so. */
export function markMisfit(mark: string, attributes: unknown): BodyMisfit | undefined {
  if (!isKnownMark(mark)) return { kind: "unknown-mark", mark }
  const known = schema.marks[mark].spec.attrs ?? {}
  // `true` is how other editors on Yjs write a mark without attributes.
  if (attributes === true) return undefined
  if (typeof attributes !== "object" || attributes === null)
    return { kind: "attribute-type", node: mark, attribute: "" }
  for (const [attribute, value] of Object.entries(attributes)) {
    if (!Object.hasOwn(known, attribute)) return { kind: "unknown-attribute", node: mark, attribute }
    if (typeof value !== typeof known[attribute]?.default) return { kind: "attribute-type", node: mark, attribute }
  }
  return undefined
}

const FOREIGN: BodyMisfit = { kind: "foreign-content" }

/** The children of a shared type, of whatever kind: hostile content holds more than Yjs's types say. */
export function childrenOf(type: Y.XmlFragment): readonly unknown[] {
  return type.toArray()
}
