import { expect, it } from "vitest"
import { rightsWords } from "../../src/document/rights-words.js"

it("says what somebody may still do, and whether something would be lost", () => {
  expect(rightsWords("read", { isUnsaved: false, mayKeep: true })).toBe(
    "Your rights were changed: you may only read here now. Everything you wrote is saved.",
  )
  expect(rightsWords("comment", { isUnsaved: true, mayKeep: false })).toMatch(
    /^Your rights .* read and comment here now\. .* not saved .* copy it/,
  )
  expect(rightsWords("read", { isUnsaved: true, mayKeep: true })).toMatch(/not saved .* keep it as a new document/)
})
