import { QuireError } from "@quire/base"
import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from "idb"
import type { WaitingEdits } from "./device-copy.js"

/** Layout of the database. A newer one only ever adds to it. */
const VERSION = 2

const BLOCKED = "another tab keeps an older layout of the database open"

/** What the database holds; a document is named as on the wire, one database is one person's. */
export interface CopySchema extends DBSchema {
  /** A document that has been in sync on this device. */
  readonly documents: { readonly key: string; readonly value: KnownDocument }
  /** Updates in the order in which they were written. */
  readonly updates: {
    readonly key: number
    readonly value: StoredUpdate
    readonly indexes: { readonly document: string; readonly content: [string, number] }
  }
  /** Edits without acknowledgement, by document and page. */
  readonly waiting: { readonly key: [string, number]; readonly value: WaitingEdits & { readonly document: string } }
  /** How large each copy is and when it was last of use; since layout 2. A copy without one was taken away. */
  readonly uses: { readonly key: string; readonly value: CopyUse }
  /** What the library said of documents, those without a copy too; since layout 2. */
  readonly listed: { readonly key: string; readonly value: ListedDocument }
  /** Titles given here that no server has confirmed; since layout 2. */
  readonly titles: { readonly key: string; readonly value: WaitingTitle }
}

/** What is known of a document. */
export interface KnownDocument {
  readonly document: string
  /** The point to resume from, if there is one. */
  readonly resume?: { readonly epoch: string; readonly sequence: number; readonly checksum: number }
}

/** A copy's size and age. */
export interface CopyUse {
  readonly document: string
  /** When it was last opened or written, in milliseconds since the epoch. */
  readonly usedMs: number
  /** Bytes of its updates. */
  readonly sizeBytes: number
}

/** A document as the library lists it. */
export interface ListedDocument {
  /** Its name. */
  readonly id: string
  /** `page`: text for Quire's editor; `plain`: content of another kind of client. */
  readonly kind: "page" | "plain"
  /** What its people call it; may be empty. */
  readonly title: string
  /** When it was made, in milliseconds since the epoch. */
  readonly createdMs: number
  /** When it was last written to, in milliseconds since the epoch. */
  readonly changedMs: number
}

/** A title that waits for a server. */
export interface WaitingTitle {
  /** The document's name. */
  readonly id: string
  readonly title: string
}

/** One update of a document. */
export interface StoredUpdate {
  readonly document: string
  readonly update: Uint8Array
  /** Short checksum of the update, by which one that is there already is found. */
  readonly checksum: number
}

/** An open database. */
export type CopyConnection = IDBPDatabase<CopySchema>

/** One person's copies on this device: an IndexedDB database, opened when it is first needed and again when it was lost. */
export class CopyDatabase {
  readonly #name: string
  readonly #listeners = new Set<() => void>()
  #opening: Promise<CopyConnection> | undefined
  /** The browser's own request waits for another tab. Asking again would only stand behind it, without an answer. */
  #isBlocked = false

  /** @param user whose copies: another person at the same browser has another database. */
  constructor(user: string) {
    this.#name = `quire-copy:${user}`
  }

  /**
   * The connection; the same one while it lasts.
   *
   * @throws QuireError `QUIRE_COPY_UNAVAILABLE`: the browser has no IndexedDB, refuses it, or another tab is in the way.
   */
  open(): Promise<CopyConnection> {
    this.#opening ??= this.#open().catch((cause: unknown) => {
      this.#opening = undefined
      throw cause
    })
    return this.#opening
  }

  /** Calls `listener` when an open database was deleted or closed by the browser. @returns the undo. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Deletes the database. Open connections, other tabs' too, are closed for it. */
  async remove(): Promise<void> {
    await deleteDB(this.#name)
  }

  async #open(): Promise<CopyConnection> {
    try {
      if (this.#isBlocked) throw new Error(BLOCKED)
      return await this.#connect()
    } catch (cause) {
      throw new QuireError(
        "QUIRE_COPY_UNAVAILABLE",
        "This browser cannot keep a copy of the document on this device.",
        {
          hint: "Edits are safe once they are saved on the server. Private windows and full disks are the usual causes.",
          cause,
        },
      )
    }
  }

  #connect(): Promise<CopyConnection> {
    return new Promise((resolve, reject) => {
      const connecting = openDB<CopySchema>(this.#name, VERSION, {
        upgrade: (database, oldVersion) => {
          if (oldVersion < 1) createCopies(database)
          createLibrary(database)
        },
        blocked: () => {
          this.#isBlocked = true
          reject(new Error(BLOCKED))
        },
        // Somebody wants to delete or upgrade it: staying would block them.
        blocking: () => {
          void connecting.then((connection) => connection.close()) // it was opened, so this cannot fail
          this.#lost()
        },
        terminated: () => this.#lost(),
      })
      connecting.then(resolve, reject)
      void connecting
        .catch(() => undefined)
        .then((connection) => {
          if (!this.#isBlocked) return
          this.#isBlocked = false
          // Whoever was refused meanwhile asks again after a while, and gets this one.
          if (connection !== undefined) this.#opening = connecting
        })
    })
  }

  #lost(): void {
    this.#opening = undefined
    for (const listener of [...this.#listeners]) listener()
  }
}

function createCopies(database: CopyConnection): void {
  database.createObjectStore("documents", { keyPath: "document" })
  const updates = database.createObjectStore("updates", { autoIncrement: true })
  updates.createIndex("document", "document")
  updates.createIndex("content", ["document", "checksum"])
  database.createObjectStore("waiting", { keyPath: ["document", "writer"] })
}

/** Copies of layout 1 get their `uses` when they are opened. */
function createLibrary(database: CopyConnection): void {
  database.createObjectStore("uses", { keyPath: "document" })
  database.createObjectStore("listed", { keyPath: "id" })
  database.createObjectStore("titles", { keyPath: "id" })
}
