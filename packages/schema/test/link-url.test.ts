import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { linkUrl } from "../src/index.js"

describe("linkUrl", () => {
  it.each([
    "https://example.org/a?b#c",
    "http://127.0.0.1:3000",
    "mailto:a@b.example",
    "tel:+49-30-1234",
    "HTTPS://A.B",
  ])("allows %s", (url) => {
    expect(linkUrl(` ${url}\n`)).toBe(url)
  })

  it.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "\u0001javascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://example.org/1",
    "//example.org",
    "/d/other",
    "example.org",
    "https://",
    "https://a b",
    "https:\\\\example.org",
    `https://example.org/${"a".repeat(5_000)}`,
    "",
  ])("refuses %j", (url) => {
    expect(linkUrl(url)).toBeUndefined()
  })

  it("never throws, and gives back only the four schemes", () => {
    const value = fc.oneof(fc.string({ unit: "binary" }), fc.webUrl(), fc.object(), fc.constant(null), fc.integer())
    fc.assert(
      fc.property(value, (input) => {
        const url = linkUrl(input)
        if (url !== undefined) expect(new URL(url).protocol).toMatch(/^(?:https?|mailto|tel):$/)
      }),
    )
  })
})
