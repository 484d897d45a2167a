import { attributeTypes, holdsText, isKnownMark } from "@quire/schema"
import * as Y from "yjs"
import { bodyOf } from "./roots.js"

/** Why a body cannot be edited with this version of the schema. The strings come from the document: show, never run. */
export type BodyMisfit =
  /** An element of a kind that the schema lacks. */
  | { readonly kind: "unknown-node"; readonly node: string }
  /** Text with a mark that the schema lacks. */
  | { readonly kind: "unknown-mark"; readonly mark: string }
  /** A known element with an attribute that the schema lacks. */
  | { readonly kind: "unknown-attribute"; readonly node: string; readonly attribute: string }
  /** A known attribute whose value is of another JavaScript type than the schema's. */
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

function blockMisfit(block: unknown): BodyMisfit | undefined {
  if (block instanceof Y.XmlText) return { kind: "misplaced", node: "text" }
  if (!(block instanceof Y.XmlElement)) return { kind: "foreign-content" }
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
  const types = attributeTypes(node)
  if (types === undefined) return { kind: "unknown-node", node }
  const attributes: Readonly<Record<string, unknown>> = element.getAttributes()
  for (const attribute of Object.keys(attributes)) {
    const type = Object.hasOwn(types, attribute) ? types[attribute] : undefined
    if (type === undefined) return { kind: "unknown-attribute", node, attribute }
    const isEmptyId = attribute === "id" && attributes[attribute] === null
    if (typeof attributes[attribute] !== type && !isEmptyId) return { kind: "attribute-type", node, attribute }
  }
  return undefined
}

function textMisfit(text: Y.XmlText, node: string): BodyMisfit | undefined {
  // An empty text shows nowhere, so it may stand in a rule too.
  if (!holdsText(node) && text.length > 0) return { kind: "misplaced", node: "text" }
  for (const part of text.toDelta() as readonly { insert: unknown; attributes?: Record<string, unknown> }[]) {
    if (typeof part.insert !== "string") return FOREIGN
    for (const mark of Object.keys(part.attributes ?? {})) {
      if (!isKnownMark(mark)) return { kind: "unknown-mark", mark }
    }
  }
  return undefined
}

const FOREIGN: BodyMisfit = { kind: "foreign-content" }

/** The children of a shared type, of whatever kind: hostile content holds more than Yjs's types say. */
function childrenOf(type: Y.XmlFragment): readonly unknown[] {
  return type.toArray()
}
