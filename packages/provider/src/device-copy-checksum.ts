/**
 * FNV-1a over the bytes, 32 bits: finds equal updates among many. It proves nothing; equal bytes do.
 *
 * @see http://www.isthe.com/chongo/tech/comp/fnv/ for the constants.
 */
export function checksumOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

/** True if both hold the same bytes. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
