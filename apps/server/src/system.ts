import { randomBytes } from "node:crypto"
import { performance } from "node:perf_hooks"
import type { Clock, Random } from "@quire/base"

/** The process's own time. A delay of 0 runs after the input in hand, before new input is read. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  schedule(delayMs, run) {
    if (delayMs <= 0) {
      const immediate = setImmediate(run)
      return () => clearImmediate(immediate)
    }
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}

/** The platform's cryptographic source. */
export const systemRandom: Random = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
  fraction: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
}
