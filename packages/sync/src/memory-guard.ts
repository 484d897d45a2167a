import type { Clock } from "@quire/base"

/** How much memory the process uses, in bytes. */
export interface MemoryUse {
  /** What the process has of the machine's memory and could not give back by dropping cached files. */
  readonly residentBytes: number
  /** What the program's objects take on its heap, garbage included. */
  readonly heapBytes: number
}

/** How much it may use, and when it begins to save. */
export interface MemoryLimits {
  /** The machine's part that is ours: beyond it the system may end the process. */
  readonly residentBytes: number
  /** The heap's end: the process dies there. */
  readonly heapBytes: number
  /** From this share of either on, what nobody uses goes and no more documents are opened. 0 to 1. */
  readonly saveShare: number
  /** From this share on, nobody comes in. 0 to 1, at least `saveShare`. */
  readonly refuseShare: number
}

/** How short memory is. */
export type MemoryPressure = "none" | "saving" | "refusing"

/** What the guard reads, does and tells. */
export interface MemoryGuardPorts {
  readonly clock: Clock
  readonly read: () => MemoryUse
  /** Lets go of what nobody uses. Called again and again while memory is short. */
  readonly relieve: () => void
  /** The pressure is another than before. */
  readonly changed: (pressure: MemoryPressure, share: number) => void
}

const LOOK_MS = 1_000

/**
 * Looks once a second how much memory is left, and saves before the process is in danger: first what nobody uses goes,
 * then nobody new comes in. Who is inside keeps working, because what they wrote is worth most. Rule O5 of SPEC.md.
 */
export class MemoryGuard {
  readonly #ports: MemoryGuardPorts
  readonly #limits: MemoryLimits
  #pressure: MemoryPressure = "none"
  #cancel: () => void

  constructor(ports: MemoryGuardPorts, limits: MemoryLimits) {
    this.#ports = ports
    this.#limits = limits
    this.#cancel = this.#schedule()
  }

  /** How short memory was when it was last looked at. */
  get pressure(): MemoryPressure {
    return this.#pressure
  }

  /** Looks no more. */
  close(): void {
    this.#cancel()
  }

  #schedule(): () => void {
    return this.#ports.clock.schedule(LOOK_MS, () => {
      this.#cancel = this.#schedule()
      this.#look()
    })
  }

  #look(): void {
    const share = sharesOf(this.#ports.read(), this.#limits)
    const pressure = pressureOf(share, this.#limits)
    if (pressure !== "none") this.#ports.relieve()
    if (pressure === this.#pressure) return
    this.#pressure = pressure
    this.#ports.changed(pressure, share)
  }
}

/** The larger of the shares that are used, 0 or more. */
function sharesOf(use: MemoryUse, limits: MemoryLimits): number {
  return Math.max(use.residentBytes / limits.residentBytes, use.heapBytes / limits.heapBytes)
}

function pressureOf(share: number, limits: MemoryLimits): MemoryPressure {
  if (share >= limits.refuseShare) return "refusing"
  return share >= limits.saveShare ? "saving" : "none"
}
