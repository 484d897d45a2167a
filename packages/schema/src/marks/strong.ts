import type { MarkSpec } from "prosemirror-model"

/** Strong importance, shown bold. */
export const strong: MarkSpec = {
  parseDOM: [
    { tag: "strong" },
    // Some word processors wrap whole pastes in <b style="font-weight: normal">.
    { tag: "b", getAttrs: (element) => (isNormalWeight(element.style.fontWeight) ? false : null) },
    { style: "font-weight=400", clearMark: (mark) => mark.type.name === "strong" },
    { style: "font-weight=normal", clearMark: (mark) => mark.type.name === "strong" },
    { style: "font-weight", getAttrs: (value) => (isBoldWeight(value) ? null : false) },
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
