import type { Clock } from "@quire/base"
import { INTAKE_LIMITS, Intake, type IntakeLimits } from "@quire/sync"

/** A socket that can be read from or not, whatever else it is paused for. */
export interface Held {
  /** Read nothing more. */
  hold(): void
  /** Read again. */
  release(): void
}

/** Counts what one socket sends. */
export interface Gauge {
  /** A frame of so many bytes was read. */
  count(sizeBytes: number): void
  /** The socket has ended. */
  closed(): void
}

/** Who is held is looked at this often. */
const LOOK_MS = 100

/** Reads from sockets no faster than they may send: see `Intake`. One timer for all of them, and only while one is held. */
export class Throttle {
  readonly #clock: Clock
  readonly #limits: IntakeLimits
  readonly #held = new Map<Intake, Held>()
  #cancel: (() => void) | undefined

  constructor(clock: Clock, limits: IntakeLimits = INTAKE_LIMITS) {
    this.#clock = clock
    this.#limits = limits
  }

  /** When somebody who was closed is asked to come back, in milliseconds. */
  get retryMs(): number {
    return this.#limits.retryMs
  }

  /** @param tooFast called once when the socket is to be closed. */
  gauge(socket: Held, tooFast: () => void): Gauge {
    const intake = new Intake(this.#limits, this.#clock.elapsed())
    let isOver = false
    const closed = (): void => {
      isOver = true
      this.#forget(intake)
    }
    const count = (sizeBytes: number): void => {
      const verdict = intake.count(sizeBytes, this.#clock.elapsed())
      if (verdict === "read" || isOver) return
      if (verdict === "pause") return this.#hold(intake, socket)
      closed()
      tooFast()
    }
    return { count, closed }
  }

  /** Looks no more. */
  close(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#held.clear()
  }

  #hold(intake: Intake, socket: Held): void {
    if (this.#held.has(intake)) return
    this.#held.set(intake, socket)
    socket.hold()
    this.#cancel ??= this.#schedule()
  }

  #forget(intake: Intake): void {
    this.#held.delete(intake)
    if (this.#held.size === 0) this.close()
  }

  #schedule(): () => void {
    return this.#clock.schedule(LOOK_MS, () => {
      const now = this.#clock.elapsed()
      for (const [intake, socket] of this.#held) {
        if (intake.waitMs(now) > 0) continue
        this.#held.delete(intake)
        socket.release()
      }
      this.#cancel = this.#held.size > 0 ? this.#schedule() : undefined
    })
  }
}
