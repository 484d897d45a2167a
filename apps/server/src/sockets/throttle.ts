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
  readonly #held = new Set<SocketGauge>()
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
    return new SocketGauge(this, socket, new Intake(this.#limits, this.#clock.elapsed()), tooFast)
  }

  /** Elapsed milliseconds. */
  nowMs(): number {
    return this.#clock.elapsed()
  }

  /** Reads nothing more from a socket until its time has come. */
  hold(gauge: SocketGauge): void {
    if (this.#held.has(gauge)) return
    this.#held.add(gauge)
    gauge.socket.hold()
    this.#cancel ??= this.#schedule()
  }

  /** A socket is not looked at any more. */
  forget(gauge: SocketGauge): void {
    if (this.#held.delete(gauge) && this.#held.size === 0) this.close()
  }

  /** Looks no more. */
  close(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#held.clear()
  }

  #schedule(): () => void {
    return this.#clock.schedule(LOOK_MS, () => {
      const now = this.#clock.elapsed()
      for (const gauge of this.#held) {
        if (gauge.intake.waitMs(now) > 0) continue
        this.#held.delete(gauge)
        gauge.socket.release()
      }
      this.#cancel = this.#held.size > 0 ? this.#schedule() : undefined
    })
  }
}

/** One for each socket that is open: an object and no closures, because ten thousand are. */
class SocketGauge implements Gauge {
  readonly socket: Held
  readonly intake: Intake
  readonly #throttle: Throttle
  readonly #tooFast: () => void
  #isOver = false

  constructor(throttle: Throttle, socket: Held, intake: Intake, tooFast: () => void) {
    this.#throttle = throttle
    this.socket = socket
    this.intake = intake
    this.#tooFast = tooFast
  }

  count(sizeBytes: number): void {
    const verdict = this.intake.count(sizeBytes, this.#throttle.nowMs())
    if (verdict === "read" || this.#isOver) return
    if (verdict === "pause") return this.#throttle.hold(this)
    this.closed()
    this.#tooFast()
  }

  closed(): void {
    this.#isOver = true
    this.#throttle.forget(this)
  }
}
