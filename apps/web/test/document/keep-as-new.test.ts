import { expect, it } from "vitest"
import { TITLE_MAX } from "../../src/api/client.js"
import { copyTitle } from "../../src/document/keep-as-new.js"

it("calls a copy one, within the longest title and never with half a character", () => {
  expect(copyTitle("Plan")).toBe("Plan (my copy)")
  expect(copyTitle("")).toBe("Untitled (my copy)")
  for (const title of ["x".repeat(TITLE_MAX), `${"x".repeat(TITLE_MAX - 11)}🧶🧶🧶🧶🧶`]) {
    const copy = copyTitle(title)
    expect(copy.length).toBeLessThanOrEqual(TITLE_MAX)
    expect(copy.isWellFormed()).toBe(true)
    expect(copy).toMatch(/ \(my copy\)$/)
  }
})
