import type { Clock, Random } from "@quire/base"

/** The browser's clock. */
export const browserClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  schedule: (delayMs, run) => {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}

/** The browser's cryptographic randomness; unlike `crypto.randomUUID` it is there on plain http too. */
export const browserRandom: Random = {
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  fraction: () => Math.random(),
}
