import { readFileSync } from "node:fs"
import { totalmem } from "node:os"
import { getHeapStatistics, setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import type { Clock } from "@quire/base"
import type { MemoryLimits, MemoryUse } from "@quire/sync"

/** Of the memory of the machine, or of the container, this share is ours if nothing is set. */
const SHARE = 0.75
const SAVE_SHARE = 0.7
const REFUSE_SHARE = 0.85

/**
 * Reads what the process uses. Not all that is resident counts: what only mirrors files (LevelDB maps its tables) the
 * system takes back when it needs it; and what was freed, and the C library keeps in pieces, is used again before more
 * is asked for. Counting it would refuse people for ever after one bad minute.
 */
export function memoryReader(): () => MemoryUse {
  const atStart = process.memoryUsage()
  const nativeBytes = Math.max(0, residentBytes(atStart.rss) - atStart.heapTotal - atStart.external)
  return () => {
    const { rss, heapTotal, heapUsed, external } = process.memoryUsage()
    const inUseBytes = heapTotal + external + nativeBytes
    return { residentBytes: Math.min(residentBytes(rss), inUseBytes), heapBytes: heapUsed }
  }
}

/** Resident memory without files, where the system tells them apart: Linux says it in /proc. */
function residentBytes(rss: number): number {
  if (process.platform !== "linux") return rss
  const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]
  return kilobytes === undefined ? rss : Number(kilobytes) * 1_024
}

/** A collection stops everybody for a moment, on a large heap for a second. */
const COLLECT_MS = 10_000

/**
 * Collects garbage when called, but not again within ten seconds: a process that does little keeps what it no longer
 * needs for minutes, and would go on refusing people for it.
 */
export function garbageCollector(clock: Clock): () => void {
  let collectedAt = Number.NEGATIVE_INFINITY
  return () => {
    if (clock.elapsed() - collectedAt < COLLECT_MS) return
    collectedAt = clock.elapsed()
    collect()
  }
}

/** V8's own collection, which Node.js shows to a context made after the flag is set. */
function collect(): void {
  setFlagsFromString("--expose-gc")
  const gc: unknown = runInNewContext("gc")
  if (typeof gc === "function") gc()
}

/**
 * When to save.
 *
 * @param maxBytes what the operator allows; `undefined` for three quarters of what the machine or the container has.
 */
export function memoryLimits(maxBytes: number | undefined): MemoryLimits {
  return {
    residentBytes: maxBytes ?? SHARE * availableBytes(),
    heapBytes: getHeapStatistics().heap_size_limit,
    saveShare: SAVE_SHARE,
    refuseShare: REFUSE_SHARE,
  }
}

function availableBytes(): number {
  const total = totalmem()
  const constrained = process.constrainedMemory() // 0, or more than there is, without a constraint
  return constrained > 0 && constrained < total ? constrained : total
}
