import { type DocumentId, QuireError } from "@quire/base"
import type { CommitQueue } from "./commit-queue.js"
import {
  auditBounds,
  auditKey,
  auditNumber,
  DIRECTORY_BOUNDS,
  decodeAuditEntry,
  decodeDirectoryRecord,
  directoryKey,
  encodeAuditEntry,
  encodeDirectoryRecord,
} from "./directory-format.js"
import { DirectoryMemory } from "./directory-memory.js"
import {
  type Account,
  type AuditEntry,
  DIRECTORY_LIMITS,
  type DirectoryId,
  type DirectoryPlace,
  type DirectoryRecord,
  type DocumentAccess,
  type Invitation,
  mostOf,
  nameOf,
  type PasswordReset,
  type Publication,
  placeOf,
  type ShareLink,
  type SignIn,
} from "./directory-record.js"
import { StorageError } from "./errors.js"
import type { Level } from "./level.js"
import { Listeners } from "./listeners.js"
import type { StorageReport } from "./report.js"
import type { Store } from "./store.js"

/** What becomes durable together: all of it or nothing. */
export interface DirectoryChange {
  /** Records as they are from now on, new or replaced. */
  readonly put?: readonly DirectoryRecord[]
  /** Records that are no more. */
  readonly remove?: readonly DirectoryPlace[]
  /** What to remember of it. */
  readonly audit?: readonly (AuditEntry & {
    /** In whose audit log; `undefined`: the server's own. */
    readonly document: DocumentId | undefined
  })[]
}

/** What a directory works with. */
export interface DirectoryOptions {
  readonly store: Store
  readonly queue: CommitQueue
}

/**
 * Who there is, who may do what, and what was done about it. All of it but the audit log is in memory: questions are
 * answered at once.
 *
 * A change is seen by every question from the call on, and is durable when its promise resolves: so of two callers who
 * decide by what they read, and change in the same turn, the second sees what the first did; and what was taken from
 * somebody is gone at once, also while the disk refuses. A change that could not be written rejects, which only happens
 * when the log ends: nobody asks this memory any more.
 */
export class Directory {
  readonly #options: DirectoryOptions
  readonly #memory: DirectoryMemory
  readonly #listeners = new Listeners<[DirectoryChange]>()
  /** Number of the newest audit entry of each subject that was written to since the start. */
  readonly #audited = new Map<DocumentId | undefined, Promise<{ newest: number }>>()

  constructor(options: DirectoryOptions, records: readonly DirectoryRecord[]) {
    this.#options = options
    this.#memory = new DirectoryMemory(records)
  }

  /** An account by its id. */
  account(id: DirectoryId): Account | undefined {
    return this.#memory.accounts.get(id)
  }

  /** An account by its normalised e-mail address. */
  accountByEmail(email: string): Account | undefined {
    return this.#memory.byEmail.get(email)
  }

  /** An account by who it is at an identity provider. */
  accountByExternal(external: string): Account | undefined {
    return external === "" ? undefined : this.#memory.byExternal.get(external)
  }

  /** All accounts, the oldest first. */
  accounts(): readonly Account[] {
    return [...this.#memory.accounts.values()].sort((a, b) => a.createdMs - b.createdMs)
  }

  /** A sign-in by its id. */
  signIn(id: DirectoryId): SignIn | undefined {
    return this.#memory.signIns.get(id)
  }

  /** A sign-in by the hash of its secret. */
  signInBySecret(hash: Uint8Array): SignIn | undefined {
    return this.#memory.signInsBySecret.get(hash)
  }

  /** All sign-ins, in the order in which they were made or last changed. */
  signIns(): IterableIterator<SignIn> {
    return this.#memory.signIns.values()
  }

  /** All sign-ins of an account, the oldest first. */
  signInsOf(account: DirectoryId): readonly SignIn[] {
    return [...(this.#memory.signInsByAccount.get(account) ?? [])]
      .flatMap((id) => this.#memory.signIns.get(id) ?? [])
      .sort((a, b) => a.createdMs - b.createdMs)
  }

  /** All invitations, the oldest first. */
  invitations(): readonly Invitation[] {
    return [...this.#memory.invitations.values()].sort((a, b) => a.createdMs - b.createdMs)
  }

  /** An invitation by the hash of its secret. */
  invitationBySecret(hash: Uint8Array): Invitation | undefined {
    return this.#memory.invitationsBySecret.get(hash)
  }

  /** The reset of an account's password that was made last, whether or not it is still good. */
  resetOf(account: DirectoryId): PasswordReset | undefined {
    return this.#memory.resets.get(account)
  }

  /** A reset by the hash of its secret. */
  resetBySecret(hash: Uint8Array): PasswordReset | undefined {
    return this.#memory.resetsBySecret.get(hash)
  }

  /** Who is what to a document; `undefined` if nobody was ever made anything. */
  access(document: DocumentId): DocumentAccess | undefined {
    return this.#memory.accesses.get(document)
  }

  /** The public page of a document. */
  publication(document: DocumentId): Publication | undefined {
    return this.#memory.publications.get(document)
  }

  /** A public page by its address. */
  publicationAt(address: string): Publication | undefined {
    return this.#memory.publicationsByAddress.get(address)
  }

  /** A share link by its id. */
  link(id: DirectoryId): ShareLink | undefined {
    return this.#memory.links.get(id)
  }

  /** A share link by the hash of its secret. */
  linkBySecret(hash: Uint8Array): ShareLink | undefined {
    return this.#memory.linksBySecret.get(hash)
  }

  /** All share links to a document, the oldest first. */
  linksOf(document: DocumentId): readonly ShareLink[] {
    return [...(this.#memory.linksByDocument.get(document) ?? [])]
      .flatMap((id) => this.#memory.links.get(id) ?? [])
      .sort((a, b) => a.createdMs - b.createdMs)
  }

  /** Whether another record of the kind fits. */
  hasRoom(kind: DirectoryRecord["kind"]): boolean {
    return this.#memory.count(kind) < mostOf(kind)
  }

  /**
   * Change something. Seen at once, durable when it resolves; see above.
   *
   * @throws TypeError if a record is beyond its bounds; QuireError `QUIRE_DIRECTORY_FULL` if there are too many of its
   *   kind. Nothing is changed then. Both are thrown before the call returns.
   */
  change(change: DirectoryChange): Promise<void> {
    const puts = (change.put ?? []).map((record) => ({
      record,
      key: directoryKey(placeOf(record)),
      value: encodeDirectoryRecord(record),
    }))
    const removed = (change.remove ?? []).map(directoryKey)
    this.#checkRoom(change)
    for (const place of change.remove ?? []) this.#memory.remove(place)
    for (const { record } of puts) this.#memory.put(record)
    const audit = change.audit ?? []
    // The numbers are known already, or the entries follow in a batch of their own.
    const written = this.#write((put, remove) => {
      for (const key of removed) remove(key)
      for (const { key, value } of puts) put(key, value)
    })
    const told = audit.map((entry) => this.#append(entry.document, entry))
    this.#listeners.notify(change)
    return Promise.all([written, ...told]).then(() => undefined)
  }

  /** Called with each change, after it is seen and before it is durable. @returns the undo. */
  subscribe(listener: (change: DirectoryChange) => void): () => void {
    return this.#listeners.add(listener)
  }

  /**
   * What was done, the newest first.
   *
   * @param document about which; `undefined`: about the server.
   * @param most at most so many entries.
   */
  async audit(document: DocumentId | undefined, most: number): Promise<readonly AuditEntry[]> {
    const entries = await this.#options.store.read((level) =>
      level.iterator({ ...auditBounds(document), reverse: true, limit: most }).all(),
    )
    return entries.map(([key, value]) => decodeAuditEntry(key, value))
  }

  async #append(document: DocumentId | undefined, entry: AuditEntry): Promise<void> {
    let counter = this.#audited.get(document)
    if (counter === undefined) {
      counter = this.#newestEntry(document)
      this.#audited.set(document, counter)
      // A subject whose log cannot be read is asked again the next time.
      counter.catch(() => this.#audited.delete(document))
    }
    const known = await counter
    const number = ++known.newest
    const value = encodeAuditEntry(entry, number)
    await this.#write((put, remove) => {
      put(auditKey(document, number), value)
      if (number > DIRECTORY_LIMITS.auditEntries) remove(auditKey(document, number - DIRECTORY_LIMITS.auditEntries))
    })
  }

  async #newestEntry(document: DocumentId | undefined): Promise<{ newest: number }> {
    const range = { ...auditBounds(document), reverse: true, limit: 1 }
    const [last] = await this.#options.store.read((level) => level.iterator(range).all())
    return { newest: last === undefined ? 0 : auditNumber(last[0]) }
  }

  #write(
    prepare: (put: (key: Uint8Array, value: Uint8Array) => void, remove: (key: Uint8Array) => void) => void,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#options.queue.add({
        state: undefined,
        prepare: (draft) =>
          prepare(
            (key, value) => draft.put(key, value),
            (key) => draft.delete(key),
          ),
        done: resolve,
        failed: reject,
      })
    })
  }

  #checkRoom({ put = [], remove = [] }: DirectoryChange): void {
    for (const kind of new Set(put.map((record) => record.kind))) {
      // By key, because one may stand there twice; what is removed makes room, and may be put again.
      const isThere = new Map<string, boolean>()
      for (const place of remove) if (place.kind === kind) isThere.set(nameOf(place), false)
      for (const record of put) if (record.kind === kind) isThere.set(nameOf(record), true)
      let count = this.#memory.count(kind)
      for (const [name, isAfter] of isThere) count += Number(isAfter) - Number(this.#memory.has(kind, name))
      const most = mostOf(kind)
      if (count <= most) continue
      throw new QuireError("QUIRE_DIRECTORY_FULL", `there are ${most} records of the kind "${kind}" already`, {
        hint: "Remove some that nobody needs.",
      })
    }
  }
}

/** Reads the directory of a level. A damaged record is left out, which gives nobody anything, and told. */
export async function readDirectory(level: Level): Promise<{
  readonly records: readonly DirectoryRecord[]
  readonly reports: readonly StorageReport[]
}> {
  const records: DirectoryRecord[] = []
  const reports: StorageReport[] = []
  for (const bounds of DIRECTORY_BOUNDS) {
    for (const [key, value] of await level.iterator(bounds).all()) {
      try {
        records.push(decodeDirectoryRecord(key, value))
      } catch (error) {
        if (!(error instanceof StorageError)) throw error
        reports.push({ kind: "directory-damaged", reason: error.message })
      }
    }
  }
  return { records, reports }
}
