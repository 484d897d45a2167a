import { writeUpdate } from "@quire/testing"
import { expect, it } from "vitest"
import { LIMITS, walkUpdate } from "../src/index.js"

const NO_BYTES = new Uint8Array(0)

/** A collected struct of client 5. */
function collected(clock: number, length: number): Uint8Array {
  const structs = [{ header: 0, fields: [{ kind: "number" as const, role: "length" as const, value: length }] }]
  return writeUpdate({ blocks: [{ client: 5, clock, structs }], deletions: [], rest: NO_BYTES })
}

/** A deletion of client 5. */
function deletion(clock: number, length: number): Uint8Array {
  return writeUpdate({ blocks: [], deletions: [{ client: 5, ranges: [{ clock, length }] }], rest: NO_BYTES })
}

const over = [LIMITS.clock, LIMITS.clock + 1, LIMITS.clock * 10, 2 ** 40, 2 ** 53 - 1]

it("reads structs that leave the next clock below 2^31, however they come to it", () => {
  for (const update of [collected(0, LIMITS.clock - 1), collected(LIMITS.clock - 2, 1)]) {
    expect(walkUpdate(update).structs[0]?.end).toBe(LIMITS.clock - 1)
  }
})

it("refuses structs that reach clock 2^31, and beyond", () => {
  for (const end of over) {
    expect(() => walkUpdate(collected(0, end))).toThrow(/over the limit/)
    expect(() => walkUpdate(collected(end - 1, 1))).toThrow(/over the limit/)
  }
})

it("refuses deletions beyond what a clock can be", () => {
  expect(walkUpdate(deletion(LIMITS.clock - 1, 1)).deletions[0]?.end).toBe(LIMITS.clock)
  for (const end of over.slice(1)) expect(() => walkUpdate(deletion(end - 1, 1))).toThrow(/over the limit/)
})
