export {
  type AuthoredUpdate,
  type AuthorshipRun,
  authorshipOf,
  decodeAuthorship,
  encodeAuthorship,
  RUN_MS,
} from "./authorship.js"
export { BIRTH_BLOCK_ID, BIRTH_CLIENT_ID, BIRTH_UPDATE } from "./birth.js"
export { BodyWatch } from "./body-watch.js"
export { copyBody } from "./copy-body.js"
export { type Folded, foldUpdates } from "./fold.js"
export { bodyJson } from "./json.js"
export { type Origin, originOf } from "./origin.js"
export { pageMarkup } from "./page-markup.js"
export { type BodyCheck, type BodyMisfit, checkBody } from "./preflight.js"
export { READABLE_LIMITS, type ReadableBlock, readBody } from "./readable.js"
export { BODY_ROOT, bodyOf } from "./roots.js"
export { differenceFrom, EMPTY_UPDATE, mergeUpdates, separateUpdate } from "./updates.js"
