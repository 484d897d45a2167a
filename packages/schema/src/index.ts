export { fromHtml, type HtmlReadOptions } from "./html/read.js"
export type { HtmlSource } from "./html/source.js"
export { type HtmlElement, type HtmlNode, htmlText } from "./html/tree.js"
export { htmlTree, toHtml } from "./html/write.js"
export type { BlockJson, DocJson, TextJson } from "./json.js"
export { linkUrl } from "./link-url.js"
export { cleanLanguage } from "./nodes/codeblock.js"
export {
  INDENT_MAX,
  type Layout,
  LIST_KINDS,
  type ListKind,
  QUOTE_MAX,
  readLayout,
  START_MAX,
} from "./nodes/layout.js"
export {
  HEADING_LEVELS,
  type HeadingLevel,
  headingLevel,
  type TextblockKind,
} from "./nodes/textblock.js"
export { plainText } from "./plain-text.js"
export {
  attributeTypes,
  holdsText,
  isBlock,
  isCodeblock,
  isKnownMark,
  isTextblock,
  type MarkName,
  type NodeName,
  schema,
} from "./schema.js"
export { SCHEMA_VERSION } from "./version.js"
