import type { MarkSpec } from "prosemirror-model"
import { inlineStyle } from "./inline-style.js"

/** Strong importance, shown bold. */
export const strong: MarkSpec = {
  parseDOM: [
    { tag: "strong" },
    // Some word processors wrap whole pastes in <b style="font-weight: normal">.
    { tag: "b", getAttrs: (element) => (isNormalWeight(inlineStyle(element, "font-weight")) ? false : null) },
    // The next rules still read the element: one element may be bold and italic.
    {
      tag: "[style]",
      consuming: false,
      getAttrs: (element) => (isBoldWeight(inlineStyle(element, "font-weight")) ? null : false),
    },
  ],
  toDOM: () => ["strong", 0],
}

function isNormalWeight(weight: string): boolean {
  return weight === "normal" || weight === "400"
}

/** CSS weights that read as bold: the words, and 500 or more. */
function isBoldWeight(weight: string): boolean {
  return /^(?:bold(?:er)?|[5-9]\d\d|1000)$/.test(weight)
}
