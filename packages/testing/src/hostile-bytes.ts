import type { SeededRandom } from "./random.js"
import { varUint } from "./update-model.js"

/** Numbers at which decoders break: ends of 7, 8, 16, 31, 32 and 53 bits, and what is just beyond each. */
export const EDGE_NUMBERS: readonly number[] = [
  0,
  1,
  2,
  63,
  64,
  127,
  128,
  255,
  256,
  16_383,
  16_384,
  65_535,
  65_536,
  2 ** 25 - 2,
  2 ** 30,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 40,
  2 ** 53 - 1,
]

/** Numbers that no honest encoder writes: beyond 2^53, endless, longer than they need be, cut off. */
export const BAD_NUMBERS: readonly Uint8Array[] = [
  Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f),
  Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01),
  Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(0x80, 0x00),
  Uint8Array.of(0x81, 0x80, 0x00),
  Uint8Array.of(0xff),
  Uint8Array.of(),
]

/** Longest piece that is copied, cut or moved at once. */
const PIECE_BYTES = 64

/**
 * Changes bytes without knowing what they mean: one to four of flipped bits, odd bytes, edge numbers, cuts, doubled and
 * moved pieces, and pieces of another input. The result may be any length, also none.
 *
 * @param others other inputs of the same kind, to take pieces from; at least one.
 */
export function mutateBytes(random: SeededRandom, bytes: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  let result = bytes
  for (let left = 1 + random.below(4); left > 0; left--) result = mutateOnce(random, result, others)
  return result
}

function mutateOnce(random: SeededRandom, bytes: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  const at = random.below(bytes.length + 1)
  const end = Math.min(bytes.length, at + 1 + random.below(PIECE_BYTES))
  switch (random.below(9)) {
    case 0: // one bit
      return changed(bytes, at, (byte) => byte ^ (1 << random.below(8)))
    case 1: // one byte
      return changed(bytes, at, () => random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]))
    case 2: // a number in its place
      return replaced(bytes, at, at + 1, varUint(random.pick(EDGE_NUMBERS)))
    case 3: // a number more
      return replaced(bytes, at, at, random.below(2) === 0 ? varUint(random.below(300)) : random.pick(BAD_NUMBERS))
    case 4: // a piece less
      return replaced(bytes, at, end, [])
    case 5: // a piece twice
      return replaced(bytes, end, end, bytes.subarray(at, end))
    case 6: // cut off
      return Uint8Array.from(bytes.subarray(0, at))
    case 7: {
      // the beginning of one, the end of another
      const other = random.pick(others)
      return replaced(bytes, at, bytes.length, other.subarray(random.below(other.length + 1)))
    }
    default: {
      // a piece of another
      const other = random.pick(others)
      const from = random.below(other.length + 1)
      return replaced(bytes, at, end, other.subarray(from, from + random.below(PIECE_BYTES)))
    }
  }
}

function changed(bytes: Uint8Array, at: number, change: (byte: number) => number): Uint8Array {
  // `slice` of a Buffer is a view: the next input would begin with this one's changes.
  const result = Uint8Array.from(bytes)
  if (at < result.length) result[at] = change(result[at] ?? 0)
  return result
}

function replaced(bytes: Uint8Array, from: number, to: number, by: ArrayLike<number>): Uint8Array {
  const end = Math.min(to, bytes.length)
  const result = new Uint8Array(bytes.length - (end - from) + by.length)
  result.set(bytes.subarray(0, from))
  result.set(by, from)
  result.set(bytes.subarray(end), from + by.length)
  return result
}
