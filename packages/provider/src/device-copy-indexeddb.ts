import { asSequence, type Clock, QuireError } from "@quire/base"
import type { ResumeToken } from "@quire/protocol"
import type { CopyBatch, DeviceCopy, LoadedCopy, WaitingEdits } from "./device-copy.js"
import { checksumOf, isSame } from "./device-copy-checksum.js"
import { type CopyConnection, CopyDatabase, type KnownDocument } from "./device-copy-database.js"
import { DeviceLibrary } from "./device-copy-library.js"
import { forgetCopy, tidyCopies } from "./device-copy-tidy.js"
import { systemClock } from "./system.js"

/** One person's copies in this browser; made once for a page, and shared by its documents. */
export class IndexedDbCopies {
  /** What this device knows of the library. */
  readonly library: DeviceLibrary
  readonly #database: CopyDatabase
  readonly #clock: Clock

  /**
   * @param user whose copies these are, as an id that stays: others at the same browser never see them.
   * @param clock tells which copies are old: the platform's.
   */
  constructor(user: string, clock: Clock = systemClock) {
    this.#database = new CopyDatabase(user)
    this.#clock = clock
    this.library = new DeviceLibrary(this.#database)
  }

  /** The copy of a document. Nothing is opened before it is loaded or written. */
  of(document: string): DeviceCopy {
    return new IndexedDbCopy(this.#database, document, this.#clock)
  }

  /** How many edits and titles lie here that no server has confirmed: what `remove` would lose. */
  async countWaiting(): Promise<number> {
    const tx = (await this.#database.open()).transaction(["waiting", "titles"])
    const [waiting, titles] = await Promise.all([
      tx.objectStore("waiting").getAll(),
      tx.objectStore("titles").count(),
      tx.done,
    ])
    return waiting.reduce((sum, { edits }) => sum + edits, titles)
  }

  /** Takes everything of this person off the device. Documents that are open meanwhile write their copies anew. */
  remove(): Promise<void> {
    return this.#database.remove()
  }
}

/**
 * A document's copy in IndexedDB. Every tab writes what its own ydoc gets; IndexedDB runs the transactions of all tabs
 * one after the other. An update that another tab has written already is found by its bytes and not added again, and
 * one that slips through (the same keys in other portions) does no harm: it is gone after the next compaction, which
 * drops only what its own tab has loaded or written. So no tab has to be elected, and none can die in office.
 */
class IndexedDbCopy implements DeviceCopy {
  readonly #database: CopyDatabase
  readonly #document: string
  readonly #clock: Clock
  /** Keys and sizes of the updates that our ydoc holds, in one connection: a new database counts from 1 again. */
  #held: { readonly connection: CopyConnection; readonly sizes: ReadonlyMap<number, number> } | undefined

  constructor(database: CopyDatabase, document: string, clock: Clock) {
    this.#database = database
    this.#document = document
    this.#clock = clock
  }

  async load(): Promise<LoadedCopy> {
    const connection = await this.#database.open()
    const tx = connection.transaction(["documents", "updates", "waiting"])
    const document = this.#document
    const [known, keys, stored, waiting] = await Promise.all([
      tx.objectStore("documents").get(document),
      tx.objectStore("updates").index("document").getAllKeys(document),
      tx.objectStore("updates").index("document").getAll(document),
      tx.objectStore("waiting").getAll(IDBKeyRange.bound([document], [document, []])),
      tx.done,
    ])
    const sizes = new Map(keys.map((key, index) => [key, stored[index]?.update.length ?? 0]))
    this.#hold(connection, sizes)
    // Its failure is nobody's: the next document that is opened tidies up.
    tidyCopies(connection, { document, sizeBytes: sumOf(sizes) }, this.#clock.now()).catch(ignore)
    return {
      updates: stored.map(({ update }) => update),
      isKnown: known !== undefined,
      resume: readToken(known),
      waiting: waiting.map(({ writer, edits, through }) => ({ writer, edits, through })),
    }
  }

  async write(batch: CopyBatch): Promise<void> {
    const connection = await this.#database.open()
    try {
      await this.#write(connection, batch)
    } catch (cause) {
      throw readable(cause)
    }
  }

  async forget(writers: readonly number[]): Promise<void> {
    const connection = await this.#database.open()
    await forgetCopy(connection, this.#document, writers)
  }

  subscribe(lost: () => void): () => void {
    return this.#database.subscribe(lost)
  }

  async #write(connection: CopyConnection, batch: CopyBatch): Promise<void> {
    // What is only known of updates may be lost with the machine's power: the server is then asked for a little more.
    const durability = batch.updates.length > 0 ? "strict" : "relaxed"
    const stores = ["documents", "updates", "waiting", "uses"] as const
    const tx = connection.transaction(stores, "readwrite", { durability })
    const document = this.#document
    const documents = tx.objectStore("documents")
    const waiting = tx.objectStore("waiting")
    const updates = tx.objectStore("updates")
    const content = updates.index("content")
    const uses = tx.objectStore("uses")

    /** Returns its key, and by how many bytes the copy has grown. */
    const add = async (update: Uint8Array): Promise<readonly [number, number]> => {
      const checksum = checksumOf(update)
      const range = IDBKeyRange.only([document, checksum])
      const [keys, same] = await Promise.all([content.getAllKeys(range), content.getAll(range)])
      const known = keys[same.findIndex((stored) => isSame(stored.update, update))]
      if (known !== undefined) return [known, 0]
      return [await updates.add({ document, update: ownBytes(update), checksum }), update.length]
    }
    const drop = async (held: ReadonlyMap<number, number>, kept: ReadonlyMap<number, number>): Promise<number> => {
      const dropped = [...held].filter(([key]) => !kept.has(key))
      await Promise.all(dropped.map(([key]) => updates.delete(key)))
      return sumOf(new Map(dropped))
    }
    const settle = async ({ writer, through }: WaitingEdits): Promise<void> => {
      const stored = await waiting.get([document, writer])
      if (stored?.through === through) await waiting.delete([document, writer])
    }
    const note = async ({ isKnown, resume, own, settled }: CopyBatch): Promise<void> => {
      await Promise.all(settled.map(settle))
      await (own.edits > 0 ? waiting.put({ document, ...own }) : waiting.delete([document, own.writer]))
      if (!isKnown) return
      const known = (await documents.get(document)) ?? { document }
      await documents.put(resume === undefined ? known : { document, resume: { ...resume } })
    }
    const run = async (): Promise<void> => {
      const held = this.#sizesIn(connection)
      const use = await uses.get(document)
      if (use === undefined && held.size > 0) throw this.#evicted()
      const sizes = new Map<number, number>()
      let sizeBytes = use?.sizeBytes ?? 0
      for (const update of batch.updates) {
        const [key, grownBytes] = await add(update)
        sizes.set(key, update.length)
        sizeBytes += grownBytes
      }
      if (batch.isWhole) sizeBytes -= await drop(held, sizes)
      if (sizeBytes > 0) await uses.put({ document, usedMs: this.#clock.now(), sizeBytes })
      await note(batch)
      await tx.done // only now it is on the disk
      this.#hold(connection, batch.isWhole ? sizes : new Map([...held, ...sizes]))
    }
    try {
      await Promise.all([run(), tx.done]) // both, so that neither failure is left unhandled
    } catch (error) {
      throw tx.error ?? error // requests only know that they were aborted, the transaction knows why
    }
  }

  /** Another page has taken the copy away: what is added now would have nothing to build on. */
  #evicted(): QuireError {
    this.#held = undefined
    return new QuireError("QUIRE_COPY_EVICTED", "The copy on this device was taken away to make room.", {
      hint: "Write it again, whole.",
    })
  }

  #sizesIn(connection: CopyConnection): ReadonlyMap<number, number> {
    return this.#held?.connection === connection ? this.#held.sizes : new Map()
  }

  #hold(connection: CopyConnection, sizes: ReadonlyMap<number, number>): void {
    this.#held = { connection, sizes }
  }
}

function sumOf(sizes: ReadonlyMap<number, number>): number {
  return [...sizes.values()].reduce((sum, size) => sum + size, 0)
}

function ignore(): void {
  return
}

/** What IndexedDB throws, as a sentence for people. */
function readable(cause: unknown): QuireError {
  if (cause instanceof DOMException && cause.name === "QuotaExceededError") {
    return new QuireError("QUIRE_COPY_FULL", "This device has no room for its copy of the document.", {
      hint: "Free some space; the copy is then made up for by itself. Meanwhile edits are safe once the server has them.",
      cause,
    })
  }
  if (cause instanceof QuireError) return cause
  return new QuireError("QUIRE_COPY_FAILED", `The copy on this device could not be written: ${String(cause)}`, {
    hint: "It is tried again. Meanwhile edits are safe once the server has them.",
    cause,
  })
}

function readToken(known: KnownDocument | undefined): ResumeToken | undefined {
  if (known?.resume === undefined) return undefined
  const { epoch, sequence, checksum } = known.resume
  return { epoch, sequence: asSequence(sequence), checksum }
}

/** The bytes alone: cloning a part of a buffer would store all of the buffer. */
function ownBytes(update: Uint8Array): Uint8Array {
  return update.byteLength === update.buffer.byteLength ? update : update.slice()
}
