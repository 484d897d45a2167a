import { walkUpdate, withoutClients } from "@quire/protocol"

/** Whether an update has the structs that every page is born with, as they were written. */
export function beginsWithBirth(update: Uint8Array, birth: Uint8Array): boolean {
  const born = walkUpdate(birth).structs
  const same = withoutClients(update, (client) => born.every((range) => range.client !== client))
  // Without the delete set, which is empty at birth: one byte.
  return birth.subarray(0, -1).every((byte, i) => same[i] === byte)
}
