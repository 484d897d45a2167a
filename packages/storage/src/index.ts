export type { Catalogue, Created, NewCatalogueEntry } from "./catalogue.js"
export { type CatalogueEntry, TITLE_MAX_BYTES } from "./catalogue-entry.js"
export { COMPACTION, type CompactionThresholds } from "./compaction.js"
export { Directory, type DirectoryChange } from "./directory.js"
export {
  type Account,
  type AuditEntry,
  DIRECTORY_LIMITS,
  type DirectoryId,
  type DirectoryPlace,
  type DirectoryRecord,
  type DocumentAccess,
  type Invitation,
  type PasswordReset,
  type Publication,
  type ShareLink,
  type SignIn,
  type StoredRole,
} from "./directory-record.js"
export { DocumentLog, type DocumentLogOptions } from "./document-log.js"
export { StorageError, type StorageErrorCode } from "./errors.js"
export { checkFolder, type Folder } from "./folder.js"
export { HEADS_CAPACITY } from "./heads.js"
export type { Entry, EntryRange, Level, OpenLevel, Operation, ReadOptions, WriteOptions } from "./level.js"
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
export { type Repair, type RepairOptions, repairFolder } from "./repair.js"
export type { Salvage, Salvaged } from "./repair-document.js"
export { describeReport, type StorageReport } from "./report.js"
export { type Finding, type Verification, type VerifyOptions, verifyFolder } from "./verify.js"
