import { expect, it } from "vitest"
import { systemClock, systemRandom } from "../src/system.js"

it("runs what is due now after the work in hand, in order, unless it was undone", async () => {
  const ran: string[] = []
  await new Promise<void>((resolve) => {
    systemClock.schedule(0, () => ran.push("first"))
    systemClock.schedule(0, () => ran.push("undone"))()
    systemClock.schedule(0, resolve)
    ran.push("in hand")
  })
  expect(ran).toEqual(["in hand", "first"])
})

it("runs what is due later, and undoes it", async () => {
  const ran: string[] = []
  const undo = systemClock.schedule(1, () => ran.push("undone"))
  undo()
  undo()
  await new Promise<void>((resolve) => systemClock.schedule(1, resolve))
  expect(ran).toEqual([])
})

it("draws fractions below 1 and as many bytes as asked for", () => {
  expect(systemRandom.fraction()).toBeLessThan(1)
  expect(systemRandom.bytes(5)).toHaveLength(5)
})
