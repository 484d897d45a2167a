import { schema } from "@quire/schema"
import { DOMParser } from "prosemirror-model"
import { Plugin } from "prosemirror-state"

/**
 * Reads pasted HTML. The schema has no line break inside a block yet, so a pasted one begins a new block rather than
 * melt two words into one.
 */
export function paste(): Plugin {
  const rules = [{ tag: "br", closeParent: true }, ...DOMParser.fromSchema(schema).rules]
  return new Plugin({ props: { clipboardParser: new DOMParser(schema, rules) } })
}
