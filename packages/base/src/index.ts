export { assertNever } from "./assert-never.js"
export type { Clock } from "./clock.js"
export { QuireError, type QuireErrorOptions } from "./errors.js"
export {
  asClientId,
  asSequence,
  asUserId,
  type Branded,
  type ClientId,
  DOCUMENT_ID_MAX_BYTES,
  type DocumentId,
  parseDocumentId,
  type Sequence,
  type SessionId,
  type UserId,
} from "./ids.js"
export { type Random, randomClientId } from "./random.js"
