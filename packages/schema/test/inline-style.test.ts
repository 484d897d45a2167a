import { expect, it } from "vitest"
import { inlineStyle } from "../src/marks/inline-style.js"

/** All that the function asks of an element. */
function styled(style: string | null): HTMLElement {
  return { getAttribute: (name: string) => (name === "style" ? style : null) } as unknown as HTMLElement
}

it.each([
  ["font-weight:700", "700"],
  ["color: red; Font-Weight: BOLD !important;", "bold"],
  ["font-weight", ""],
  ["x-font-weight: 700", ""],
  ["", ""],
  [null, ""],
])("reads the font weight of %j", (style, weight) => {
  expect(inlineStyle(styled(style), "font-weight")).toBe(weight)
})
