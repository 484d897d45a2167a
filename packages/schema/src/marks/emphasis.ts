import type { MarkSpec } from "prosemirror-model"

/** Stress emphasis, shown in italics. */
export const emphasis: MarkSpec = {
  parseDOM: [
    { tag: "em" },
    { tag: "i", getAttrs: (element) => (element.style.fontStyle === "normal" ? false : null) },
    { style: "font-style=italic" },
    { style: "font-style=normal", clearMark: (mark) => mark.type.name === "em" },
  ],
  toDOM: () => ["em", 0],
}
