import { dirname } from "node:path"
import { QuireError, type QuireErrorOptions } from "@quire/base"

/** Names of what storage refuses or finds broken. They never change between releases. */
export type StorageErrorCode =
  /** Another process has the data folder open. */
  | "QUIRE_STORAGE_LOCKED"
  /** The data folder was written by a newer release. */
  | "QUIRE_STORAGE_FORMAT_NEWER"
  /** The data folder cannot be created or written. */
  | "QUIRE_STORAGE_NOT_WRITABLE"
  /** The log was closed. */
  | "QUIRE_STORAGE_CLOSED"
  /** Stored bytes are missing or not what was written. */
  | "QUIRE_STORAGE_CORRUPT"
  /** An append does not continue its document. */
  | "QUIRE_STORAGE_SEQUENCE"
  /** The disk is full: the log cannot be opened, or was closed before it could write. */
  | "QUIRE_STORAGE_FULL"
  /** The disk refuses: a read, the opening, or writes until the log was closed. */
  | "QUIRE_STORAGE_FAILED"

/** A promise of the log that could not be kept, told so that an operator can act on it. */
export class StorageError extends QuireError {
  /** Which promise. */
  declare readonly code: StorageErrorCode

  constructor(code: StorageErrorCode, message: string, options: QuireErrorOptions & { readonly hint: string }) {
    super(code, message, options)
  }
}

/** The log was used after `close`. */
export function closedError(): StorageError {
  return new StorageError("QUIRE_STORAGE_CLOSED", "the document log is closed", {
    hint: "The server is stopping; send the edit again once it is back.",
  })
}

/** Stored bytes are not what was written. @param place what is damaged, such as `record 7 of "notes"`. */
export function corruptError(place: string, reason: string, cause?: unknown): StorageError {
  return new StorageError("QUIRE_STORAGE_CORRUPT", `${place}: ${reason}`, {
    hint: "The disk returned other bytes than were written. Copy the data folder, then restore this document from a backup.",
    cause,
  })
}

/** LevelDB's own files are damaged. @param path the level's folder. */
export function damagedLevelError(path: string, reason: string, cause?: unknown): StorageError {
  return new StorageError("QUIRE_STORAGE_CORRUPT", `the database in ${path} is damaged (${reason})`, {
    hint: `Nothing was changed. quire doctor --data ${dirname(path)} says what is left, and repairs it with --repair.`,
    cause,
  })
}

/** What a failed write or open means to the operator. */
export interface WriteFailure {
  /** `QUIRE_STORAGE_FULL` when space is what lacks. */
  readonly code: "QUIRE_STORAGE_FULL" | "QUIRE_STORAGE_FAILED"
  /** One clause in plain words. */
  readonly reason: string
}

/** Read out of an error of the store, and of its causes, why writing fails. */
export function explainWriteFailure(error: unknown): WriteFailure {
  const text = errorTexts(error).join("; ")
  if (/ENOSPC|EDQUOT|no space left|quota exceeded/i.test(text)) {
    return { code: "QUIRE_STORAGE_FULL", reason: "the disk is full" }
  }
  if (/EROFS|read-only file system/i.test(text)) {
    return { code: "QUIRE_STORAGE_FAILED", reason: "the disk is mounted read-only" }
  }
  if (/EACCES|EPERM|permission denied/i.test(text)) {
    return { code: "QUIRE_STORAGE_FAILED", reason: "the data folder may not be written" }
  }
  return { code: "QUIRE_STORAGE_FAILED", reason: `the disk refused a write (${text})` }
}

/** An append or change that `close` had to give up. */
export function notWrittenError(failure: WriteFailure, cause: unknown): StorageError {
  return new StorageError(failure.code, `not written before the stop: ${failure.reason}`, {
    hint:
      failure.code === "QUIRE_STORAGE_FULL"
        ? "Free space on the disk, then start the server; clients send what was not acknowledged again."
        : "Check the disk, then start the server; clients send what was not acknowledged again.",
    cause,
  })
}

/** Code and message of an error and of what caused it, outermost first. */
export function errorTexts(error: unknown): string[] {
  const texts: string[] = []
  let current = error
  for (let depth = 0; depth < 8 && current !== undefined && current !== null; depth++) {
    if (!(current instanceof Error)) {
      texts.push(String(current))
      break
    }
    const code = "code" in current && typeof current.code === "string" ? `${current.code}: ` : ""
    texts.push(`${code}${current.message}`)
    current = current.cause
  }
  return texts
}

/** Whether an error, or one of its causes, carries this code of Node or of the level. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  let current = error
  for (let depth = 0; depth < 8 && current instanceof Error; depth++) {
    if ("code" in current && typeof current.code === "string" && codes.includes(current.code)) return true
    current = current.cause
  }
  return false
}
