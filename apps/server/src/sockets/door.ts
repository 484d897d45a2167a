import { isLoopback } from "../config.js"

/** How many connections there may be. */
export interface DoorLimits {
  /** Sockets of all documents together. */
  readonly maxConnections: number
  /** Sockets of one address; 0 for no limit. */
  readonly maxConnectionsPerAddress: number
}

/** Whether another socket may be opened. */
export type DoorAnswer =
  | {
      readonly ok: true
      /** Call once the socket is closed. Harmless when called twice. */
      readonly leave: () => void
    }
  | {
      readonly ok: false
      /** HTTP status to refuse with: 429 if one address has too many, 503 if all together are. */
      readonly status: 429 | 503
      readonly reason: string
    }

/**
 * Counts sockets, in all and by address, so that neither a crowd nor one address can have more than the process bears.
 * This machine's own address is not counted by itself: a proxy here speaks for everybody.
 */
export class Door {
  readonly #limits: DoorLimits
  readonly #byAddress = new Map<string, number>()
  #total = 0

  constructor(limits: DoorLimits) {
    this.#limits = limits
  }

  /** How many sockets have come in and not left. */
  get size(): number {
    return this.#total
  }

  /** One more socket wants in. @param address as `clientAddress` gives it. */
  enter(address: string): DoorAnswer {
    const { maxConnections, maxConnectionsPerAddress } = this.#limits
    if (this.#total >= maxConnections) {
      return { ok: false, status: 503, reason: `QUIRE_FULL: the server has ${maxConnections} connections, its limit` }
    }
    const own = this.#byAddress.get(address) ?? 0
    if (maxConnectionsPerAddress > 0 && own >= maxConnectionsPerAddress && !isLoopback(address)) {
      const reason = `QUIRE_ADDRESS_FULL: this address has ${own} connections, its limit`
      return { ok: false, status: 429, reason }
    }
    this.#total++
    this.#byAddress.set(address, own + 1)
    let isInside = true
    const leave = (): void => {
      if (isInside) this.#leave(address)
      isInside = false
    }
    return { ok: true, leave }
  }

  #leave(address: string): void {
    this.#total--
    const left = (this.#byAddress.get(address) ?? 1) - 1
    if (left === 0) this.#byAddress.delete(address)
    else this.#byAddress.set(address, left)
  }
}
