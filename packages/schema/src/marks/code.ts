import type { MarkSpec } from "prosemirror-model"

/**
 * A piece of code inside a text. It excludes no other mark: two people who mark one text at once keep both marks. No
 * command and no shortcut formats inside of it.
 */
export const code: MarkSpec = {
  inclusive: true,
  parseDOM: [{ tag: "code" }, { tag: "kbd" }, { tag: "samp" }, { tag: "tt" }],
  toDOM: () => ["code", { spellcheck: "false" }, 0],
}
