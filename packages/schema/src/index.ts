export type { BlockJson, DocJson, TextJson } from "./json.js"
export {
  HEADING_LEVELS,
  type HeadingLevel,
  headingLevel,
  type TextblockKind,
} from "./nodes/textblock.js"
export { plainText } from "./plain-text.js"
export { attributeTypes, isKnownMark, isTextblock, type MarkName, type NodeName, schema } from "./schema.js"
export { SCHEMA_VERSION } from "./version.js"
