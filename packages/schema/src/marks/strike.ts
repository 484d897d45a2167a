import type { MarkSpec } from "prosemirror-model"
import { hasTextLine } from "./inline-style.js"

/** Text that no longer holds, shown struck through. */
export const strike: MarkSpec = {
  parseDOM: [
    { tag: "s" },
    { tag: "del" },
    { tag: "strike" },
    { tag: "[style]", consuming: false, getAttrs: (element) => (hasTextLine(element, "line-through") ? null : false) },
  ],
  toDOM: () => ["s", 0],
}
