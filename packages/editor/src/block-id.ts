import type { Random } from "@quire/base"

/** Without letters and digits that are easily mistaken for each other, so that an id can be read aloud. */
const ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"

/** 12 characters of 31 are 59 bits: two of a million blocks share an id with a chance of one in a million. */
const LENGTH = 12

/** A fresh id for a block. */
export function createBlockId(random: Random): string {
  let id = ""
  while (id.length < LENGTH) {
    for (const byte of random.bytes(LENGTH)) {
      // 248 is the greatest multiple of 31 in a byte: above it the first letters would come more often.
      if (byte < 248 && id.length < LENGTH) id += ALPHABET[byte % ALPHABET.length]
    }
  }
  return id
}
