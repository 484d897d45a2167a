import { type Node, Schema } from "prosemirror-model"
import { emphasis } from "./marks/emphasis.js"
import { strong } from "./marks/strong.js"
import { TEXTBLOCK_ATTRIBUTE_TYPES, textblock } from "./nodes/textblock.js"

/** The names of the schema's nodes. */
export type NodeName = "doc" | "textblock" | "text"

/** The names of the schema's marks. */
export type MarkName = "strong" | "em"

/**
 * What a page may hold. `*` rather than `+` throughout: two valid deletions by two people may empty a parent, and
 * content that breaks a `+` is deleted by the binding.
 */
export const schema: Schema<NodeName, MarkName> = new Schema({
  nodes: {
    doc: { content: "textblock*" },
    textblock,
    text: { group: "inline" },
  },
  marks: { strong, em: emphasis },
})

/**
 * The JavaScript type of each attribute that a node may carry in the stored document, by node name; `undefined` for a
 * node that does not stand in stored content, or that this version of the schema does not know.
 */
export function attributeTypes(
  nodeName: string,
): Readonly<Record<string, "string" | "number" | "boolean">> | undefined {
  return nodeName === "textblock" ? TEXTBLOCK_ATTRIBUTE_TYPES : undefined
}

/** Whether this version of the schema knows a mark of that name. */
export function isKnownMark(name: string): name is MarkName {
  return Object.hasOwn(schema.marks, name)
}

/** Whether a node is a textblock. */
export function isTextblock(node: Node): boolean {
  return node.type === schema.nodes.textblock
}
