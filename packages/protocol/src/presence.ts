import * as encoding from "lib0/encoding"
import { ByteReader } from "./byte-reader.js"
import { CloseCode } from "./close.js"
import { ProtocolError } from "./errors.js"
import { LIMITS } from "./limits.js"

/** One client's presence, as y-protocols' awareness has it. */
export interface PresenceEntry {
  readonly client: number
  /** Grows with each change; an entry that is not higher than what is known is old. */
  readonly clock: number
  /** JSON text; `null` (the four letters) says that the client is gone. */
  readonly state: string
}

/** The state that says: gone. */
export const GONE = "null"

/**
 * Reads the entries of an awareness update.
 *
 * @throws ProtocolError when the bytes are not one, or a state is not JSON or over `LIMITS.presenceStateBytes`.
 */
export function decodePresence(bytes: Uint8Array): PresenceEntry[] {
  if (bytes.length > LIMITS.presenceBytes) {
    throw new ProtocolError(
      "QUIRE_PRESENCE_TOO_LARGE",
      `presence is ${bytes.length} bytes, limit ${LIMITS.presenceBytes}`,
      {
        close: CloseCode.TooLarge,
      },
    )
  }
  const reader = new ByteReader(bytes, "QUIRE_FRAME_MALFORMED")
  const count = reader.varUint()
  if (count * 3 > reader.left) throw reader.fault(`it declares ${count} entries and is too short`)
  const entries: PresenceEntry[] = []
  for (let i = 0; i < count; i++) {
    const client = reader.varUint()
    const clock = reader.varUint()
    if (clock > LIMITS.clock) throw reader.fault(`presence clock ${clock} is over the limit ${LIMITS.clock}`)
    // Relayed entries are dropped unread, so only the length of each is held against the frame.
    entries.push({ client, clock, state: reader.varString(LIMITS.presenceBytes) })
  }
  reader.end()
  return entries
}

/** The bytes of an awareness update with these entries. */
export function encodePresence(entries: readonly PresenceEntry[]): Uint8Array {
  const out = encoding.createEncoder()
  encoding.writeVarUint(out, entries.length)
  for (const entry of entries) {
    encoding.writeVarUint(out, entry.client)
    encoding.writeVarUint(out, entry.clock)
    encoding.writeVarString(out, entry.state)
  }
  return encoding.toUint8Array(out)
}
