import type { CopyConnection } from "./device-copy-database.js"
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
  const tx = connection.transaction(["documents", "updates", "waiting", "uses"], "readwrite", { durability: "relaxed" })
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
      await uses.delete(evicted)
      await tx.objectStore("documents").delete(evicted)
      const keys = await updates.index("document").getAllKeys(evicted)
      await Promise.all(keys.map((key) => updates.delete(key)))
    }
  }
  await Promise.all([run(), tx.done])
}
