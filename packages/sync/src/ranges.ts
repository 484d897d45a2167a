import type { Ranges } from "@quire/protocol"

/** True if every clock from `start` to `end` − 1 lies in the ranges. */
export function covers(ranges: Ranges, start: number, end: number): boolean {
  const at = lastAtOrBefore(ranges, start)
  return at >= 0 && (ranges[at + 1] as number) >= end // `at` is the place of a pair
}

/** Adds the clocks from `start` to `end` − 1, in place; the list stays sorted, disjoint and without touching pairs. */
export function addRange(ranges: number[], start: number, end: number): void {
  let from = lastAtOrBefore(ranges, start)
  if (from < 0 || (ranges[from + 1] as number) < start) from += 2
  let to = from
  let low = start
  let high = end
  while (to < ranges.length && (ranges[to] as number) <= end) {
    low = Math.min(low, ranges[to] as number)
    high = Math.max(high, ranges[to + 1] as number)
    to += 2
  }
  ranges.splice(from, to - from, low, high)
}

/** Place of the last pair whose start is not after `clock`, or −2. */
function lastAtOrBefore(ranges: Ranges, clock: number): number {
  let low = 0
  let high = ranges.length / 2 - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    if ((ranges[middle * 2] as number) <= clock) low = middle + 1
    else high = middle - 1
  }
  return high * 2
}
