import { type Node, Schema } from "prosemirror-model"
import { code } from "./marks/code.js"
import { emphasis } from "./marks/emphasis.js"
import { link } from "./marks/link.js"
import { strike } from "./marks/strike.js"
import { strong } from "./marks/strong.js"
import { underline } from "./marks/underline.js"
import { CODEBLOCK_ATTRIBUTE_TYPES, codeblock } from "./nodes/codeblock.js"
import { RULE_ATTRIBUTE_TYPES, rule } from "./nodes/rule.js"
import { TEXTBLOCK_ATTRIBUTE_TYPES, textblock } from "./nodes/textblock.js"

/** The names of the schema's nodes. */
export type NodeName = "doc" | "textblock" | "codeblock" | "rule" | "text"

/** The names of the schema's marks. */
export type MarkName = "link" | "strong" | "em" | "underline" | "strike" | "code"

/**
 * What a page may hold. `*` rather than `+` throughout: two valid deletions by two people may empty a parent, and
 * content that breaks a `+` is deleted by the binding. The order of the marks is the order in which they nest, a link
 * around all others, so that a link with a bold word in it stays one link.
 */
export const schema: Schema<NodeName, MarkName> = new Schema({
  nodes: {
    doc: { content: "block*" },
    // The first of its group is what the editor makes where any block would do.
    textblock,
    codeblock,
    rule,
    text: { group: "inline" },
  },
  marks: { link, strong, em: emphasis, underline, strike, code },
})

/**
 * The JavaScript type of each attribute that a node may carry in the stored document, by node name; `undefined` for a
 * node that does not stand in stored content, or that this version of the schema does not know.
 */
export function attributeTypes(
  nodeName: string,
): Readonly<Record<string, "string" | "number" | "boolean">> | undefined {
  switch (nodeName) {
    case "textblock":
      return TEXTBLOCK_ATTRIBUTE_TYPES
    case "codeblock":
      return CODEBLOCK_ATTRIBUTE_TYPES
    case "rule":
      return RULE_ATTRIBUTE_TYPES
    default:
      return undefined
  }
}

/** Whether a node of this name holds text; false for one that this version of the schema does not know. */
export function holdsText(nodeName: string): boolean {
  return nodeName === "textblock" || nodeName === "codeblock"
}

/** Whether this version of the schema knows a mark of that name. */
export function isKnownMark(name: string): name is MarkName {
  return Object.hasOwn(schema.marks, name)
}

/** Whether a node is a textblock. */
export function isTextblock(node: Node): boolean {
  return node.type === schema.nodes.textblock
}

/** Whether a node is a code block. */
export function isCodeblock(node: Node): boolean {
  return node.type === schema.nodes.codeblock
}

/** Whether a node is a block of a page, of whatever kind: it stands at the top and carries an id. */
export function isBlock(node: Node): boolean {
  return node.type.isBlock && node.type !== schema.nodes.doc
}
