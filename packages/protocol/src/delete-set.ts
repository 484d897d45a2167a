import * as encoding from "lib0/encoding"

/** Clocks of one client as [start, end) pairs, flat, sorted, disjoint: start₀, end₀, start₁, end₁, … */
export type Ranges = readonly number[]

/** The update that brings nothing (yjs 13.6: no clients, no deletions). */
export const EMPTY_UPDATE: Uint8Array = Uint8Array.of(0, 0)

/**
 * An update that brings no structs and deletes these: what somebody with every struct may still lack.
 *
 * @returns Yjs update bytes; of an empty set, the empty update `00 00`.
 */
export function encodeDeletions(deletions: ReadonlyMap<number, Ranges>): Uint8Array {
  const out = encoding.createEncoder()
  encoding.writeVarUint(out, 0)
  encoding.writeVarUint(out, deletions.size)
  for (const [client, ranges] of [...deletions].sort((a, b) => b[0] - a[0])) {
    encoding.writeVarUint(out, client)
    encoding.writeVarUint(out, ranges.length / 2)
    for (let i = 0; i < ranges.length; i += 2) {
      const start = ranges[i] as number // ranges come in pairs
      encoding.writeVarUint(out, start)
      encoding.writeVarUint(out, (ranges[i + 1] as number) - start)
    }
  }
  return encoding.toUint8Array(out)
}
