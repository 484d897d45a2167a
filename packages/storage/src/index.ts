export { StorageError, type StorageErrorCode } from "./errors.js"
export type {
  Appended,
  DocumentHead,
  DocumentKind,
  DocumentOrigin,
  Fold,
  FoldInput,
  FoldResult,
  LoadedDocument,
  Log,
  LogHealth,
  NewRecord,
  RecordKind,
  Snapshot,
  StoredRecord,
} from "./log.js"
