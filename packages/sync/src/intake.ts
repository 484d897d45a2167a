/** How much one connection may send. */
export interface IntakeLimits {
  /** Frames a second that are read without end. */
  readonly framesPerSecond: number
  /** So many at once after a pause. */
  readonly framesBurst: number
  /** Bytes a second that are read without end. */
  readonly bytesPerSecond: number
  /** So many at once after a pause. */
  readonly bytesBurst: number
  /** Whoever has kept its connection at the limit for this long is closed. */
  readonly strainedMs: number
  /** And asked to come back after this. */
  readonly retryMs: number
}

/** The defaults. ADR 0029 says where they come from; docs/limits.md explains them to operators. */
export const INTAKE_LIMITS: IntakeLimits = {
  framesPerSecond: 1_000,
  framesBurst: 300_000,
  bytesPerSecond: 1_048_576,
  bytesBurst: 67_108_864,
  strainedMs: 30_000,
  retryMs: 10_000,
}

/** What to do after a frame. It has been read, so it is taken in any case. */
export type IntakeVerdict =
  /** Go on reading. */
  | "read"
  /** Read nothing more until `waitMs` is 0. */
  | "pause"
  /** It does not become less: end the connection (4529). */
  | "close"

/**
 * What one connection sends, counted in two buckets of tokens: frames and bytes. Rule C6 of SPEC.md. Whoever sends more
 * than runs in is read from more slowly, so that the sender's own system holds it back; only who goes on like that is
 * closed. No timer and no object for a frame: whoever reads looks again.
 */
export class Intake {
  readonly #limits: IntakeLimits
  #frames: number
  #bytes: number
  #filledAt: number
  /** Since when it has been at its limit, in elapsed milliseconds. */
  #strainedAt: number | undefined

  constructor(limits: IntakeLimits, nowMs: number) {
    this.#limits = limits
    this.#frames = limits.framesBurst
    this.#bytes = limits.bytesBurst
    this.#filledAt = nowMs
  }

  /** A frame was read. @param nowMs elapsed milliseconds. */
  count(sizeBytes: number, nowMs: number): IntakeVerdict {
    this.#fill(nowMs)
    this.#frames--
    this.#bytes -= sizeBytes
    if (this.#frames >= 0 && this.#bytes >= 0) return "read"
    this.#strainedAt ??= nowMs
    return nowMs - this.#strainedAt >= this.#limits.strainedMs ? "close" : "pause"
  }

  /** How long until it may be read from again, in milliseconds. */
  waitMs(nowMs: number): number {
    this.#fill(nowMs)
    const { framesPerSecond, bytesPerSecond } = this.#limits
    return Math.max(0, (-this.#frames / framesPerSecond) * 1_000, (-this.#bytes / bytesPerSecond) * 1_000)
  }

  #fill(nowMs: number): void {
    const seconds = (nowMs - this.#filledAt) / 1_000
    const { framesPerSecond, framesBurst, bytesPerSecond, bytesBurst } = this.#limits
    this.#filledAt = nowMs
    this.#frames = Math.min(framesBurst, this.#frames + seconds * framesPerSecond)
    this.#bytes = Math.min(bytesBurst, this.#bytes + seconds * bytesPerSecond)
    // A second's worth left over: the sender has not used all that it may.
    if (this.#strainedAt === undefined) return
    if (this.#frames >= framesPerSecond && this.#bytes >= bytesPerSecond) this.#strainedAt = undefined
  }
}
