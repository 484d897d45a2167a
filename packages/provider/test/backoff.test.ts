import fc from "fast-check"
import { expect, it } from "vitest"
import { BACKOFF, backoffMs } from "../src/backoff.js"

const attempts = fc.integer({ min: 1, max: 10_000 })
const fractions = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

it("waits at least the floor and at most the ceiling, which doubles up to the cap", () => {
  fc.assert(
    fc.property(attempts, fractions, (attempt, fraction) => {
      const wait = backoffMs(attempt, fraction)
      expect(wait).toBeGreaterThanOrEqual(BACKOFF.floorMs)
      expect(wait).toBeLessThanOrEqual(Math.min(30_000, 1_000 * 2 ** (attempt - 1)))
    }),
  )
})

it("spreads waits over the whole ceiling", () => {
  expect(backoffMs(4, 0)).toBe(250)
  expect(backoffMs(4, 0.5)).toBe(4_000)
  expect(backoffMs(4, 0.999)).toBeGreaterThan(7_900)
  expect(backoffMs(100, 0.5)).toBe(15_000)
})

it("never comes back before the server's hint, and not much later than the longer of both", () => {
  fc.assert(
    fc.property(attempts, fractions, fc.integer({ min: 0, max: 9_999_999 }), (attempt, fraction, hint) => {
      const wait = backoffMs(attempt, fraction, hint)
      expect(wait).toBeGreaterThanOrEqual(hint)
      expect(wait).toBeLessThanOrEqual(Math.max(backoffMs(attempt, fraction), Math.ceil(hint * 1.25)))
    }),
  )
})
