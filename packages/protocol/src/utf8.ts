/**
 * Checks UTF-8 as strictly as a fatal `TextDecoder` does (no overlong forms, no surrogates, nothing above U+10FFFF;
 * Unicode standard, table 3-7): Yjs decodes strings that way, so anything looser would break every reader.
 *
 * @returns the length in UTF-16 units, or −1 if it is not valid.
 */
export function utf8Units(bytes: Uint8Array, start: number, end: number): number {
  let units = 0
  let i = start
  while (i < end) {
    const lead = bytes[i++] as number // i < end ≤ bytes.length
    units++
    if (lead < 0x80) continue
    if (lead < 0xc2 || lead > 0xf4) return -1
    const more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3
    if (i + more > end) return -1
    const second = bytes[i] as number // as above
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
    if (second < low || second > high) return -1
    for (let k = 1; k < more; k++) if (((bytes[i + k] as number) & 0xc0) !== 0x80) return -1
    i += more
    if (more === 3) units++
  }
  return units
}
