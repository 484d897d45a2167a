import type { Mark, MarkType, TagParseRule } from "prosemirror-model"
import { schema } from "../schema.js"
import type { HtmlSource } from "./source.js"

/**
 * The marks inside an element: those around it and those that the element itself stands for. Follows the rules by which
 * the editor reads its own marks (`parseDOM`), whose selectors are a tag, an attribute, or both.
 */
export function marksOfElement(
  element: HtmlSource,
  around: readonly Mark[],
  options: { readonly isBlock?: boolean } = {},
): readonly Mark[] {
  const tag = element.nodeName.toLowerCase()
  let marks = around
  for (const { mark, name, attribute, getAttrs } of RULES) {
    // A block that is bold as a whole is a heading or a style sheet's choice; only what is inside of it counts.
    if (options.isBlock === true && name === "") continue
    if (name !== "" && name !== tag) continue
    if (attribute !== "" && (element.getAttribute?.(attribute) ?? null) === null) continue
    // The rules call nothing but `getAttribute`.
    const attrs = getAttrs?.(element as unknown as HTMLElement)
    if (attrs !== false) marks = mark.create(attrs ?? null).addToSet(marks)
  }
  return marks
}

interface Rule {
  readonly mark: MarkType
  readonly name: string
  readonly attribute: string
  readonly getAttrs: TagParseRule["getAttrs"]
}

const RULES: readonly Rule[] = Object.values<MarkType>(schema.marks).flatMap((type) =>
  (type.spec.parseDOM ?? []).flatMap((rule) => {
    const selector = "tag" in rule && rule.tag !== undefined ? rule.tag : ""
    const [, name = "", attribute = ""] = /^([a-z]*)(?:\[([a-z-]+)\])?$/.exec(selector) ?? []
    if (name === "" && attribute === "") return []
    return [{ mark: type, name, attribute, getAttrs: (rule as TagParseRule).getAttrs }] // as listed
  }),
)
