import type { IDBPObjectStore } from "idb"
import type { CopyConnection, CopyDatabase, CopySchema, ListedDocument, WaitingTitle } from "./device-copy-database.js"

/** Documents of which more is remembered than their copies: the newest so many. */
const MAX_LISTED = 1_000

/** A document that this device knows of. */
export interface KnownListing {
  /** What the library last said of it; of one that is only known by its copy, as much as that tells. */
  readonly entry: ListedDocument
  /** True if there is a copy here, so that it opens without a server. */
  readonly isOnDevice: boolean
  /** A title given here that no server has confirmed. */
  readonly waitingTitle: string | undefined
}

/**
 * What this device knows of the library: documents by their titles, and titles that wait for a server. It lies in the
 * database of the copies. Every call rejects with a `QuireError` where there is no database to be had.
 */
export class DeviceLibrary {
  readonly #database: CopyDatabase

  /** @param database the person's; it stays its owner's. */
  constructor(database: CopyDatabase) {
    this.#database = database
  }

  /** Every document that is known here, in no order. */
  async list(): Promise<readonly KnownListing[]> {
    const tx = (await this.#database.open()).transaction(["listed", "documents", "uses", "titles"])
    const [listed, copies, uses, titles] = await Promise.all([
      tx.objectStore("listed").getAll(),
      tx.objectStore("documents").getAllKeys(),
      tx.objectStore("uses").getAll(),
      tx.objectStore("titles").getAll(),
      tx.done,
    ])
    const entries = new Map(listed.map((entry) => [entry.id, entry]))
    const onDevice = new Set(copies)
    const usedMs = new Map(uses.map((use) => [use.document, use.usedMs]))
    const waiting = new Map(titles.map(({ id, title }) => [id, title]))
    return [...new Set([...entries.keys(), ...copies])].map((id) => ({
      entry: entries.get(id) ?? unlisted(id, usedMs.get(id) ?? 0),
      isOnDevice: onDevice.has(id),
      waitingTitle: waiting.get(id),
    }))
  }

  /** What is known of one document; `undefined` if nothing is. */
  async find(id: string): Promise<KnownListing | undefined> {
    const tx = (await this.#database.open()).transaction(["listed", "documents", "uses", "titles"])
    const [entry, copy, use, waiting] = await Promise.all([
      tx.objectStore("listed").get(id),
      tx.objectStore("documents").getKey(id),
      tx.objectStore("uses").get(id),
      tx.objectStore("titles").get(id),
      tx.done,
    ])
    if (entry === undefined && copy === undefined && waiting === undefined) return undefined
    return {
      entry: entry ?? unlisted(id, use?.usedMs ?? 0),
      isOnDevice: copy !== undefined,
      waitingTitle: waiting?.title,
    }
  }

  /** Remembers the library's whole list, in place of what was remembered; what has a copy here stays known. */
  async keepList(entries: readonly ListedDocument[]): Promise<void> {
    const newest = [...entries].sort((a, b) => b.changedMs - a.changedMs).slice(0, MAX_LISTED)
    const names = new Set(newest.map(({ id }) => id))
    const tx = (await this.#database.open()).transaction(["listed", "documents"], "readwrite", { durability: "strict" })
    const run = async (): Promise<void> => {
      const listed = tx.objectStore("listed")
      const known = new Map((await listed.getAll()).map((entry) => [entry.id, entry]))
      const copies = new Set(await tx.objectStore("documents").getAllKeys())
      const gone = [...known.keys()].filter((id) => !names.has(id) && !copies.has(id))
      const news = newest.filter((entry) => !isSame(entry, known.get(entry.id)))
      await Promise.all([...gone.map((id) => listed.delete(id)), ...news.map((entry) => listed.put(entry))])
    }
    await Promise.all([run(), tx.done])
  }

  /** Remembers what the library says of one document. */
  async keep(entry: ListedDocument): Promise<void> {
    await write(await this.#database.open(), "listed", async (store) => {
      if (!isSame(entry, await store.get(entry.id))) await store.put(entry)
    })
  }

  /** Titles that wait for a server. */
  async waitingTitles(): Promise<readonly WaitingTitle[]> {
    return (await this.#database.open()).getAll("titles")
  }

  /** Keeps a title until a server has it. Resolves once it would survive the end of the browser. */
  async keepTitle(id: string, title: string): Promise<void> {
    await write(await this.#database.open(), "titles", (store) => store.put({ id, title }))
  }

  /** A server has this title: it waits no longer, unless it has been changed here since. */
  async settleTitle(id: string, title: string): Promise<void> {
    await write(await this.#database.open(), "titles", async (store) => {
      if ((await store.get(id))?.title === title) await store.delete(id)
    })
  }
}

async function write<Name extends "listed" | "titles">(
  connection: CopyConnection,
  name: Name,
  run: (store: IDBPObjectStore<CopySchema, [Name], Name, "readwrite">) => Promise<unknown>,
): Promise<void> {
  const tx = connection.transaction(name, "readwrite", { durability: "strict" })
  await Promise.all([run(tx.store), tx.done])
}

function unlisted(id: string, usedMs: number): ListedDocument {
  return { id, kind: "page", title: "", createdMs: usedMs, changedMs: usedMs }
}

function isSame(a: ListedDocument, b: ListedDocument | undefined): boolean {
  return a.title === b?.title && a.changedMs === b.changedMs && a.kind === b.kind && a.createdMs === b.createdMs
}
