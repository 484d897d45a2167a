import { readFileSync } from "node:fs"
import { totalmem } from "node:os"
import { getHeapStatistics } from "node:v8"
import type { MemoryLimits, MemoryUse } from "@quire/sync"

/** Of the memory of the machine, or of the container, this share is ours if nothing is set. */
const SHARE = 0.75
const SAVE_SHARE = 0.7
const REFUSE_SHARE = 0.85

/**
 * What the process uses. Memory that only mirrors files (LevelDB maps its tables) is left out where the system tells
 * it apart: the system takes it back when it needs it.
 */
export function readMemory(): MemoryUse {
  const { rss, heapUsed } = process.memoryUsage()
  return { residentBytes: Math.min(rss, anonymousBytes() ?? rss), heapBytes: heapUsed }
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

/** Linux says it in /proc. */
function anonymousBytes(): number | undefined {
  if (process.platform !== "linux") return undefined
  const kilobytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024
}
