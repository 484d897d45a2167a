import { expect, it } from "vitest"
import { copiesToEvict } from "../src/device-copy-eviction.js"

const use = (document: string, usedMs: number, sizeBytes = 1) => ({ document, usedMs, sizeBytes })
const NOBODY: ReadonlySet<string> = new Set()

it("takes nothing away while everything fits", () => {
  expect(copiesToEvict([use("a", 1, 50), use("b", 2, 50)], NOBODY, { copies: 2, bytes: 100 })).toEqual([])
  expect(copiesToEvict([], NOBODY)).toEqual([])
})

it("takes away the longest unused where there are too many", () => {
  const uses = [use("b", 2), use("d", 4), use("a", 1), use("c", 3)]
  expect(copiesToEvict(uses, NOBODY, { copies: 2, bytes: 100 })).toEqual(["b", "a"])
})

it("takes away the longest unused where they are too large", () => {
  const uses = [use("a", 1, 10), use("b", 2, 80), use("c", 3, 30)]
  expect(copiesToEvict(uses, NOBODY, { copies: 9, bytes: 100 })).toEqual(["b", "a"])
})

it("never takes away one that must stay, and counts it", () => {
  const uses = [use("a", 1, 90), use("b", 2, 20), use("c", 3, 5)]
  expect(copiesToEvict(uses, new Set(["a"]), { copies: 9, bytes: 100 })).toEqual(["b"])
  expect(copiesToEvict(uses, new Set(["a", "b", "c"]), { copies: 1, bytes: 1 })).toEqual([])
})
