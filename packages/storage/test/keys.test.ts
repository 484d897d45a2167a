import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  documentKey,
  keyId,
  markKey,
  Range,
  rangeBounds,
  sequenceBounds,
  sequenceKey,
  sequenceOf,
} from "../src/keys.js"
import { name } from "./world.js"

const sequences = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
const names = fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 })

describe("keys", () => {
  it("have a fixed width, whatever the document's name", () => {
    for (const text of ["a", "\u00ff", "日本", "x".repeat(256)]) {
      const id = keyId(name(text))
      expect(documentKey(Range.Head, id)).toHaveLength(17)
      expect(sequenceKey(Range.Record, id, 1)).toHaveLength(25)
    }
  })

  it("never meet for two names", () => {
    const tricky = ["a", "aa", "a\u00ff", "\u00ff", "é", "e\u0301", "a/b", "a/", "x".repeat(256), `${"x".repeat(255)}y`]
    expect(new Set(tricky.map((text) => hex(keyId(name(text))))).size).toBe(tricky.length)
    fc.assert(
      fc.property(names, names, (one, other) => {
        expect(hex(keyId(name(one))) === hex(keyId(name(other)))).toBe(one === other)
      }),
    )
  })

  it("sort as their sequences do, and give them back", () => {
    const id = keyId(name("a"))
    fc.assert(
      fc.property(sequences, sequences, (one, other) => {
        const [a, b] = [sequenceKey(Range.Record, id, one), sequenceKey(Range.Record, id, other)]
        expect(Math.sign(Buffer.compare(a, b))).toBe(Math.sign(one - other))
        expect(sequenceOf(a)).toBe(one)
      }),
    )
  })

  it("lie within the bounds of their own document and range only", () => {
    fc.assert(
      fc.property(names, names, sequences, (one, other, sequence) => {
        const bounds = sequenceBounds(Range.Record, keyId(name(one)), 0)
        const isWithin = (key: Uint8Array): boolean =>
          Buffer.compare(bounds.gte, key) <= 0 && Buffer.compare(key, bounds.lte) <= 0
        expect(isWithin(sequenceKey(Range.Record, keyId(name(other)), sequence))).toBe(one === other)
        expect(isWithin(sequenceKey(Range.Snapshot, keyId(name(one)), sequence))).toBe(false)
      }),
    )
  })

  it("of a range of documents lie between its bounds, and others do not", () => {
    const { gte, lt } = rangeBounds(Range.Catalogue)
    const key = documentKey(Range.Catalogue, new Uint8Array(16).fill(0xff))
    expect(Buffer.compare(gte, key)).toBeLessThan(0)
    expect(Buffer.compare(key, lt)).toBeLessThan(0)
    expect(Buffer.compare(markKey(), gte)).toBeLessThan(0)
  })

  it("that are not ours have no sequence", () => {
    expect(sequenceOf(new Uint8Array(24))).toBeUndefined()
    expect(sequenceOf(new Uint8Array(25).fill(0xff))).toBeUndefined()
  })
})

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex")
}
