/** Where randomness comes from: the platform's cryptographic source, or a seed in tests. */
export interface Random {
  /** `length` random bytes. */
  bytes(length: number): Uint8Array
  /** A number from 0 (included) to 1 (left out), for jitter; no secrets. */
  fraction(): number
}

/** A whole number from 0 to 2^53 − 1: a Yjs client id that will not meet its double (Yjs's own are 32 bits wide). */
export function randomClientId(random: Random): number {
  const bytes = random.bytes(7)
  let id = (bytes[0] ?? 0) & 0x1f
  for (let i = 1; i < 7; i++) id = id * 256 + (bytes[i] ?? 0)
  return id
}
