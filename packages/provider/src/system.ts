import type { Clock, Random } from "@quire/base"

/** The platform's time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  schedule: (delayMs, run) => {
    if (delayMs <= 0) return soon(run)
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}

/** The platform's randomness. */
export const systemRandom: Random = {
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  fraction: () => Math.random(),
}

/** After the work in hand: by message, because browsers hold back the timers of pages that nobody sees. */
function soon(run: () => void): () => void {
  const { port1, port2 } = new MessageChannel()
  const stop = (): void => {
    port1.onmessage = null
    port1.close()
  }
  port1.onmessage = () => {
    stop()
    run()
  }
  port2.postMessage(undefined)
  return stop
}
