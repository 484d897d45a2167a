/** What the model test and the browser test of intents share: no imports, so that both can load it. */

/** The page on which everything happens. */
export const PAGE: readonly string[] = ["alpha one", "bravo two", "charlie three", "delta four"]

/** What is typed, a key at a time. In the model the last key is pressed after the other's change, if that comes first. */
export const WORD = "XYZ"

/** Everything that the table tries, by name. */
export const ACTION_NAMES = [
  "type",
  "convert to heading",
  "convert back and forth",
  "toggle list",
  "indent",
  "check",
  "split",
  "join",
  "move block",
  "delete block",
  "delete + edit the next",
  "type over several blocks",
  "format",
  "link",
  "replace text",
  "replace all",
  "undo",
  "redo",
  "undo of a deleted block",
  "paste a word",
  "paste two blocks",
] as const

/** One of them. */
export type ActionName = (typeof ACTION_NAMES)[number]
