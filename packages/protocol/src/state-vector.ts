import * as encoding from "lib0/encoding"
import { ByteReader } from "./byte-reader.js"
import { LIMITS } from "./limits.js"

/** Per client id, the next clock expected: everything below it is there. */
export type StateVector = ReadonlyMap<number, number>

/** Yjs's bytes of a state vector. Highest client id first, as Yjs writes it. */
export function encodeStateVector(vector: StateVector): Uint8Array {
  const out = encoding.createEncoder()
  encoding.writeVarUint(out, vector.size)
  for (const [client, clock] of [...vector].sort((a, b) => b[0] - a[0])) {
    encoding.writeVarUint(out, client)
    encoding.writeVarUint(out, clock)
  }
  return encoding.toUint8Array(out)
}

/**
 * Reads a state vector from outside.
 *
 * @throws ProtocolError when the bytes are not one.
 */
export function decodeStateVector(bytes: Uint8Array): Map<number, number> {
  const vector = new Map<number, number>()
  const reader = new ByteReader(bytes, "QUIRE_FRAME_MALFORMED")
  // An empty vector may come as no bytes at all.
  if (bytes.length === 0) return vector
  const clients = reader.varUint()
  if (clients * 2 > reader.left) throw reader.fault(`it declares ${clients} clients and is too short`)
  for (let i = 0; i < clients; i++) {
    const client = reader.varUint()
    const clock = reader.varUint()
    if (clock > LIMITS.clock) throw reader.fault(`clock ${clock} is over the limit ${LIMITS.clock}`)
    vector.set(client, clock)
  }
  reader.end()
  return vector
}
