import type { Socket } from "node:net"
import type { Clock } from "@quire/base"

/** How bytes travel at the moment. */
export interface Conditions {
  /** How long each byte is on its way, one way, in milliseconds. */
  readonly latencyMs: number
  /** How many bytes leave in a second; `Infinity` for as many as come. */
  readonly bytesPerSecond: number
  /** True if nothing travels: bytes and ends wait until it does again. */
  readonly isStalled: boolean
}

/** A direct line. */
export const CLEAR: Conditions = { latencyMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY, isStalled: false }

/** Bytes on their way beyond which the source is not read from: then TCP tells it to wait, as on a real slow line. */
const HELD_BYTES = 65_536

/** A limited line takes its bytes in this many pieces a second. */
const PIECES_PER_SECOND = 50

interface Item {
  /** `undefined` is the end of what comes. */
  readonly chunk: Buffer | undefined
  readonly cameMs: number
}

/** Carries one direction of a connection, as slowly as the conditions say. */
export class Pipe {
  readonly #from: Socket
  readonly #to: Socket
  readonly #clock: Clock
  readonly #conditions: () => Conditions
  #items: Item[] = []
  #heldBytes = 0
  #cancel: (() => void) | undefined
  #isDraining = false

  /**
   * Starts carrying. Both sockets must allow half-open connections.
   *
   * @param conditions asked for each piece; call `poke` when the answer changes.
   */
  constructor(from: Socket, to: Socket, clock: Clock, conditions: () => Conditions) {
    this.#from = from
    this.#to = to
    this.#clock = clock
    this.#conditions = conditions
    from.on("data", (chunk: Buffer) => this.push(chunk))
    from.once("end", () => this.#add(undefined))
    from.once("close", (hadError) => {
      if (hadError && !this.#conditions().isStalled) this.stop()
      else if (hadError) this.#add(undefined)
    })
    to.on("drain", () => {
      this.#isDraining = false
      this.#carry()
    })
    to.once("close", () => this.#forget())
  }

  /** Puts bytes on the way as if the source had sent them. */
  push(chunk: Buffer): void {
    if (this.#to.destroyed) return
    this.#heldBytes += chunk.length
    this.#add(chunk)
    if (this.#heldBytes > HELD_BYTES) this.#from.pause()
  }

  /** Looks at the conditions again. */
  poke(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#carry()
  }

  /** Ends the receiver without the rest. */
  stop(): void {
    this.#forget()
    this.#to.resetAndDestroy()
  }

  #add(chunk: Buffer | undefined): void {
    this.#items.push({ chunk, cameMs: this.#clock.elapsed() })
    this.#carry()
  }

  #carry(): void {
    while (this.#cancel === undefined && !this.#isDraining) {
      const [item] = this.#items
      const { latencyMs, bytesPerSecond, isStalled } = this.#conditions()
      if (item === undefined || isStalled || this.#to.destroyed) return
      const earlyMs = item.cameMs + latencyMs - this.#clock.elapsed()
      if (earlyMs > 0) return this.#wait(earlyMs)
      if (item.chunk === undefined) {
        this.#items.shift()
        this.#to.end()
      } else if (bytesPerSecond === Number.POSITIVE_INFINITY) this.#send(item, item.chunk, item.chunk.length)
      else {
        const length = Math.min(item.chunk.length, Math.max(1, Math.floor(bytesPerSecond / PIECES_PER_SECOND)))
        this.#send(item, item.chunk, length)
        this.#wait((length / bytesPerSecond) * 1000)
      }
    }
  }

  #send(item: Item, chunk: Buffer, length: number): void {
    if (length === chunk.length) this.#items.shift()
    else this.#items[0] = { ...item, chunk: chunk.subarray(length) }
    this.#isDraining = !this.#to.write(chunk.subarray(0, length))
    this.#heldBytes -= length
    if (this.#heldBytes <= HELD_BYTES && this.#from.isPaused()) this.#from.resume()
  }

  #wait(delayMs: number): void {
    this.#cancel = this.#clock.schedule(delayMs, () => {
      this.#cancel = undefined
      this.#carry()
    })
  }

  #forget(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#items = []
    this.#heldBytes = 0
    this.#from.resume()
  }
}
