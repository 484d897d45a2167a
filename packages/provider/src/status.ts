import type { Grant } from "@quire/protocol"
import type { ConnectionState } from "./connection.js"

/** Where the person's own edits are. */
export type SaveStatus =
  /** Nothing of ours is unacknowledged: all that was typed here is on the server's disk. */
  | { readonly kind: "saved" }
  /**
   * On the way: to a server whose store works or, without a connection, to this device's copy; and what is waited for
   * has been on the way for less than `SAVING_MS`.
   */
  | {
      readonly kind: "saving"
      /** Local transactions not acknowledged yet. */
      readonly edits: number
    }
  /** Not connected, but this device keeps the edits durably and will send them. */
  | {
      readonly kind: "on-device"
      /** Local transactions not acknowledged yet. */
      readonly edits: number
    }
  /** Closing the page now may lose the edits. */
  | {
      readonly kind: "not-saved"
      /** Local transactions not acknowledged yet. */
      readonly edits: number
      /** Why, as a sentence for people. */
      readonly reason: string
    }

/** Something the person should know. */
export interface Notice {
  /** Stable name: the server's, or one of this package's (README.md lists them). */
  readonly code: string
  /** A sentence for people. */
  readonly text: string
}

/** Everything an interface shows of a provider: one value, never changed, the same object until something changes. */
export interface Status {
  /** Where the provider stands with its server. */
  readonly connection: ConnectionState
  /** True once the document has been in sync since `open`. */
  readonly hasSynced: boolean
  /**
   * True once what the ydoc holds may be shown as the document: it has been in sync since `open`, or came from a copy on
   * this device that once was.
   */
  readonly isReadable: boolean
  /** Where the person's own edits are. */
  readonly save: SaveStatus
  /** What this person may do here, as far as the server has said; a stock server never does. */
  readonly grant: Grant | undefined
  /**
   * True if the document is of a newer schema than this page's editor: it may only be read here, and a newer build of
   * the page is needed to write.
   */
  readonly isSchemaBehind: boolean
  /** Newest last, at most `MAX_NOTICES`. */
  readonly notices: readonly Notice[]
}

/** Edits that have waited longer than this for an acknowledgement are called not saved. */
export const SAVING_MS = 5_000

/** Notices kept. */
export const MAX_NOTICES = 20

/** What the save status is made of. */
export interface SaveFacts {
  /** Local transactions not acknowledged yet. */
  readonly edits: number
  /** How long the oldest of them has waited, in milliseconds. */
  readonly ageMs: number
  /** Where the provider stands with its server. */
  readonly connection: ConnectionState
  /** False if this device knows that it has no network. */
  readonly isOnline: boolean
  /** What this person may do, if the server has said it. */
  readonly grant: Grant | undefined
  /** True if the person could write here before, and may not any more. */
  readonly hasLostWrite: boolean
  /** Why the server has not taken some of the edits, if so. */
  readonly refusal: string | undefined
  /** Why the edits cannot be sent at all, if so. */
  readonly blocked: string | undefined
  /** What the server says of its failing store, while it fails. */
  readonly trouble: string | undefined
  /** True if the device's copy holds every edit durably. */
  readonly isOnDevice: boolean
  /** How long edits have been on their way to the device's copy, in milliseconds; `undefined` if none are. */
  readonly devicePendingMs: number | undefined
}

/** The one truthful answer to "are my edits safe?": the first line that applies. */
export function saveStatus(facts: SaveFacts): SaveStatus {
  const { edits, connection } = facts
  if (edits === 0) return { kind: "saved" }
  const notSaved = (reason: string): SaveStatus => ({ kind: "not-saved", edits, reason })
  if (connection.kind === "refused") return notSaved(connection.reason || `refused with code ${connection.code}`)
  if (facts.hasLostWrite) return notSaved("your rights changed: these edits are not sent")
  if (facts.grant !== undefined && facts.grant !== "write") return notSaved("read-only: these edits are not sent")
  if (facts.blocked !== undefined) return notSaved(facts.blocked)
  if (connection.kind !== "live") {
    if (facts.isOnDevice) return { kind: "on-device", edits }
    if (facts.devicePendingMs !== undefined && facts.devicePendingMs < SAVING_MS) return { kind: "saving", edits }
    return notSaved(facts.isOnline ? "not connected to the server" : "this device is offline")
  }
  if (facts.refusal !== undefined) return notSaved(facts.refusal)
  if (facts.trouble !== undefined) return notSaved(facts.trouble || "the server cannot write to its store")
  if (facts.ageMs >= SAVING_MS) return notSaved("the server has not confirmed the edits yet")
  return { kind: "saving", edits }
}

/** The new value, or the old object if it says the same. */
export function keepStatus(old: Status, made: Status): Status {
  const save = isSameSave(old.save, made.save) ? old.save : made.save
  const isSame =
    save === old.save &&
    made.connection === old.connection &&
    made.hasSynced === old.hasSynced &&
    made.isReadable === old.isReadable &&
    made.grant === old.grant &&
    made.isSchemaBehind === old.isSchemaBehind &&
    made.notices === old.notices
  return isSame ? old : { ...made, save }
}

/** The notices with one more, without the oldest where there are too many, or the same list if it was the newest. */
export function addNotice(notices: readonly Notice[], notice: Notice): readonly Notice[] {
  const last = notices.at(-1)
  if (last?.code === notice.code && last.text === notice.text) return notices
  return [...notices, notice].slice(-MAX_NOTICES)
}

function isSameSave(a: SaveStatus, b: SaveStatus): boolean {
  if (a.kind === "saved" || b.kind === "saved") return a.kind === b.kind
  if (a.kind !== b.kind || a.edits !== b.edits) return false
  return a.kind !== "not-saved" || b.kind !== "not-saved" || a.reason === b.reason
}
