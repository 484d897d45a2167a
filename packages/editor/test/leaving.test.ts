import { expect, it } from "vitest"
import { watchForLeaving } from "../src/leaving.js"

function leaving(...keys: readonly string[]): boolean | undefined {
  const watch = watchForLeaving()
  return keys.map((key) => watch({ key, isComposing: false })).at(-1)
}

it("leaves Tab to the browser right after Escape, and only then", () => {
  expect(leaving("Escape", "Tab")).toBe(true)
  expect(leaving("Escape", "Shift", "Tab")).toBe(true)
  expect(leaving("Tab")).toBe(false)
  expect(leaving("Escape", "a", "Tab")).toBe(false)
  expect(leaving("Escape", "Tab", "Tab")).toBe(false)
})

it("does not take the Escape that ends a composition for one", () => {
  const watch = watchForLeaving()
  watch({ key: "Escape", isComposing: true })
  expect(watch({ key: "Tab", isComposing: false })).toBe(false)
})
