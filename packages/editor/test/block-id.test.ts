import { SeededRandom } from "@quire/testing"
import { expect, it } from "vitest"
import { createBlockId } from "../src/index.js"

it("makes ids of 12 legible characters that do not repeat", () => {
  const random = new SeededRandom(5)
  const ids = Array.from({ length: 500 }, () => createBlockId(random))
  for (const id of ids) expect(id).toMatch(/^[23456789abcdefghjkmnpqrstuvwxyz]{12}$/)
  expect(new Set(ids).size).toBe(500)
})
