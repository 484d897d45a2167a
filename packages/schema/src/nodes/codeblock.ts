import type { NodeSpec } from "prosemirror-model"
import { readLayout } from "./layout.js"
import { layoutMarkup, parsedLayout } from "./textblock.js"

/** The JavaScript type of each attribute of a code block. */
export const CODEBLOCK_ATTRIBUTE_TYPES: Readonly<Record<string, "string" | "number" | "boolean">> = {
  language: "string",
  indent: "number",
  quote: "number",
  id: "string",
}

/** Longest name of a language, in UTF-16 units. */
const LANGUAGE_MAX = 40

/**
 * Lines of code, divided by U+000A. Marks are allowed, though no command sets them: a colleague's mark that arrives on
 * text which has become code would otherwise make the binding delete the block.
 */
export const codeblock: NodeSpec = {
  content: "text*",
  group: "block",
  code: true,
  defining: true,
  attrs: {
    language: { default: null },
    indent: { default: null },
    quote: { default: null },
    id: { default: null },
  },
  parseDOM: [
    {
      tag: "pre",
      preserveWhitespace: "full",
      getAttrs: (element) => {
        const { indent, quote } = parsedLayout(element)
        return { language: cleanLanguage(element.getAttribute("data-language")) ?? null, indent, quote }
      },
    },
  ],
  toDOM(node) {
    const { indent, quote } = readLayout(node.attrs)
    const language = cleanLanguage(node.attrs.language)
    const place = layoutMarkup({ list: undefined, start: undefined, isChecked: false, indent, quote })
    const name = language === undefined ? {} : { "data-language": language }
    // Code reads left to right in every language, and no dictionary knows it.
    return ["pre", { dir: "ltr", spellcheck: "false", ...name, ...place }, ["code", 0]]
  },
}

/** The name of a language as it may be shown and put into a class, lower case; `undefined` for none or an odd one. */
export function cleanLanguage(language: unknown): string | undefined {
  if (typeof language !== "string" || language.length > LANGUAGE_MAX) return undefined
  return /^[\w+#.-]+$/.test(language) ? language.toLowerCase() : undefined
}
