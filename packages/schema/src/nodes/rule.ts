import type { NodeSpec } from "prosemirror-model"
import { readLayout } from "./layout.js"
import { layoutMarkup, parsedLayout } from "./textblock.js"

/** The JavaScript type of each attribute of a rule. */
export const RULE_ATTRIBUTE_TYPES: Readonly<Record<string, "string" | "number" | "boolean">> = {
  indent: "number",
  quote: "number",
  id: "string",
}

/** A line across the page, between two parts of a text. */
export const rule: NodeSpec = {
  group: "block",
  attrs: {
    indent: { default: null },
    quote: { default: null },
    id: { default: null },
  },
  parseDOM: [
    {
      tag: "hr",
      getAttrs: (element) => {
        const { indent, quote } = parsedLayout(element)
        return { indent, quote }
      },
    },
  ],
  toDOM(node) {
    const { indent, quote } = readLayout(node.attrs)
    return ["hr", layoutMarkup({ list: undefined, start: undefined, isChecked: false, indent, quote })]
  },
}
