import type { Clock } from "@quire/base"
import { decodePresence, encodeMessage } from "@quire/protocol"
import type { RoomLimits } from "./limits.js"
import { type Parcel, parcelOf } from "./parcel.js"
import { PresenceTable } from "./presence.js"
import type { Session } from "./session.js"
import { stampState } from "./stamp.js"

/** A room's presence on its way out: what changes within a window leaves together, in one message for everybody. */
export class PresenceWindow {
  readonly #clock: Clock
  readonly #windowMs: number
  readonly #send: (parcel: Parcel) => void
  readonly #table = new PresenceTable()
  #cancel: (() => void) | undefined
  #sentAt = Number.NEGATIVE_INFINITY

  /** @param send hands a parcel to everybody in the room. */
  constructor(clock: Clock, limits: RoomLimits, send: (parcel: Parcel) => void) {
    this.#clock = clock
    this.#windowMs = limits.presenceMs
    this.#send = send
  }

  /** A native session has said whose presence it announces. */
  claim(session: Session): void {
    this.#table.claim(session.id, session.visitor.clientId)
  }

  /**
   * A session announces presence.
   *
   * @param maySpeakFor whether nobody else who is here speaks for a client id.
   * @throws ProtocolError when the bytes are no awareness update.
   */
  announce(session: Session, entries: Uint8Array, maySpeakFor: (client: number) => boolean): void {
    const announcement = { nowMs: this.#clock.elapsed(), maySpeakFor, stamp: stampOf(session) }
    if (this.#table.announce(session.id, decodePresence(entries), announcement)) this.#sendSoon()
  }

  /** A session's identity is another one: the others are told, under what it announced last. */
  restamp(session: Session): void {
    const stamp = stampOf(session)
    if (stamp !== undefined && this.#table.restamp(session.id, stamp)) this.#sendSoon()
  }

  /** A session has left. */
  leave(session: Session): void {
    if (this.#table.leave(session.id)) this.#sendSoon()
  }

  /** Everybody here, as a message, or `undefined` if nobody is. */
  everybody(): Uint8Array | undefined {
    const entries = this.#table.everybody()
    return entries === undefined ? undefined : encodeMessage({ type: "presence", entries })
  }

  /** Stops the timer. */
  close(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #sendSoon(): void {
    if (this.#cancel !== undefined) return
    const delayMs = Math.max(0, this.#sentAt + this.#windowMs - this.#clock.elapsed())
    this.#cancel = this.#clock.schedule(delayMs, () => {
      this.#cancel = undefined
      this.#sentAt = this.#clock.elapsed()
      const entries = this.#table.takeChanges()
      if (entries !== undefined) this.#send(parcelOf([encodeMessage({ type: "presence", entries })]))
    })
  }
}

/** How a session's states are changed on the way; `undefined` where people say themselves who they are. */
function stampOf({ identity }: Session): ((state: string) => string | undefined) | undefined {
  return identity === undefined ? undefined : (state) => stampState(state, identity)
}
