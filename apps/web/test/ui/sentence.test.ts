import { expect, it } from "vitest"
import { asSentence } from "../../src/ui/sentence.js"

it.each([
  ["the server cannot be reached", "The server cannot be reached."],
  ["the title is too long.", "The title is too long."],
  ["what now?", "What now?"],
  ["“quoted”", "“quoted”."],
  ["élan", "Élan."],
  ["👩", "👩."],
  ["", ""],
])("makes a sentence of %j", (message, sentence) => {
  expect(asSentence(message)).toBe(sentence)
})
