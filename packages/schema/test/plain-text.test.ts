import { expect, it } from "vitest"
import { plainText } from "../src/index.js"

it("gives one line a block, without marks", () => {
  const text = plainText({
    type: "doc",
    content: [
      { type: "textblock", attrs: { kind: "heading" }, content: [{ type: "text", text: "Plan" }] },
      { type: "textblock" },
      {
        type: "textblock",
        content: [
          { type: "text", text: "Do " },
          { type: "text", text: "this", marks: [{ type: "strong" }] },
        ],
      },
    ],
  })
  expect(text).toBe("Plan\n\nDo this")
})
