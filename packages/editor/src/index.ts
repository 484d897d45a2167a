export { createBlockId } from "./block-id.js"
export { createEditor, type Editor, type EditorCommands, type EditorOptions } from "./create-editor.js"
export {
  cleanColor,
  cleanName,
  DEFAULT_COLOR,
  NAMELESS,
  PERSON_NAME_MAX,
  type Person,
  readPerson,
  textColorOn,
} from "./person.js"
export { type BodyWords, type ShownBody, showBody } from "./show-body.js"
export type { EditorStatus } from "./status.js"
