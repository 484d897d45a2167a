import type { MarkSpec } from "prosemirror-model"
import { inlineStyle } from "./inline-style.js"

/** Stress emphasis, shown in italics. */
export const emphasis: MarkSpec = {
  parseDOM: [
    { tag: "em" },
    { tag: "i", getAttrs: (element) => (inlineStyle(element, "font-style") === "normal" ? false : null) },
    // The next rules still read the element: one element may be bold and italic.
    {
      tag: "[style]",
      consuming: false,
      getAttrs: (element) => (inlineStyle(element, "font-style") === "italic" ? null : false),
    },
  ],
  toDOM: () => ["em", 0],
}
