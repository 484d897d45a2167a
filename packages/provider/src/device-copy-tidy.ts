import type { IDBPTransaction } from "idb"
import type { CopyConnection, CopySchema } from "./device-copy-database.js"
import { COPY_LIMITS, type CopyLimits, copiesToEvict } from "./device-copy-eviction.js"

/** A copy that has just been opened. */
export interface OpenedCopy {
  readonly document: string
  /** Bytes of its updates. */
  readonly sizeBytes: number
}

/**
 * Notes that a copy was opened, and takes away the oldest ones where there are too many: never one in which edits wait
 * for a server. A page that has one of them open notices with its next write, and writes it anew.
 *
 * @param nowMs milliseconds since the epoch.
 */
export async function tidyCopies(
  connection: CopyConnection,
  opened: OpenedCopy,
  nowMs: number,
  limits: CopyLimits = COPY_LIMITS,
): Promise<void> {
  const tx = connection.transaction(STORES, "readwrite", { durability: "relaxed" })
  const run = async (): Promise<void> => {
    const { document, sizeBytes } = opened
    const uses = tx.objectStore("uses")
    const updates = tx.objectStore("updates")
    // Another page may have taken it away since it was loaded; its next write must not find it noted as there.
    const isThere = (await updates.index("document").count(document)) > 0
    if (isThere) await uses.put({ document, usedMs: nowMs, sizeBytes })
    const waiting = await tx.objectStore("waiting").getAllKeys()
    const kept = new Set([document, ...waiting.map(([name]) => name)])
    for (const evicted of copiesToEvict(await uses.getAll(), kept, limits)) {
      await takeAway(tx, evicted)
    }
  }
  await Promise.all([run(), tx.done])
}

/** Takes a copy away that nobody needs any more, unless edits of others than `writers` wait in it for a server. */
export async function forgetCopy(
  connection: CopyConnection,
  document: string,
  writers: readonly number[],
): Promise<void> {
  const tx = connection.transaction(STORES, "readwrite", { durability: "relaxed" })
  const run = async (): Promise<void> => {
    const waiting = tx.objectStore("waiting")
    const keys = await waiting.getAllKeys(IDBKeyRange.bound([document], [document, []]))
    if (keys.some(([, writer]) => !writers.includes(writer))) return
    await Promise.all(keys.map((key) => waiting.delete(key)))
    await takeAway(tx, document)
  }
  await Promise.all([run(), tx.done])
}

const STORES = ["documents", "updates", "waiting", "uses"] as const

async function takeAway(tx: IDBPTransaction<CopySchema, typeof STORES, "readwrite">, document: string): Promise<void> {
  await tx.objectStore("uses").delete(document)
  await tx.objectStore("documents").delete(document)
  const updates = tx.objectStore("updates")
  const keys = await updates.index("document").getAllKeys(document)
  await Promise.all(keys.map((key) => updates.delete(key)))
}
