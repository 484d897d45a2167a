import type { MarkSpec } from "prosemirror-model"
import { hasTextLine } from "./inline-style.js"

/** Underlined text. */
export const underline: MarkSpec = {
  parseDOM: [
    { tag: "u" },
    { tag: "[style]", consuming: false, getAttrs: (element) => (hasTextLine(element, "underline") ? null : false) },
  ],
  toDOM: () => ["u", 0],
}
