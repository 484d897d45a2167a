import { Cursor } from "./cursor.mjs"

/** Calls `take(client, clock)` for each entry of an awareness update (y-protocols), whatever its state. */
export function readPresence(entries, take) {
  const cursor = new Cursor(entries, 0)
  const count = cursor.varUint()
  for (let i = 0; i < count; i++) {
    take(cursor.varUint(), cursor.varUint())
    cursor.skip(cursor.varUint())
  }
}
