import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { goingTo } from "../src/http/going.js"

describe("where somebody goes after signing in", () => {
  it.each(["/", "/d/plan", "/d/caf%C3%A9/a%20b", "/account", "/d/plan?x=1", "/apiary"])("%s is kept", (path) => {
    expect(goingTo(path)).toBe(path)
  })

  it.each([
    undefined,
    "",
    "elsewhere",
    "//elsewhere.example",
    "/\\elsewhere.example",
    "/\t/elsewhere.example",
    "/.//elsewhere.example",
    "/a/..//elsewhere.example",
    "https://elsewhere.example/",
    "javascript:alert(1)",
    "/sign-in?to=/d/plan",
    "/api/oidc/start",
    `/d/${"x".repeat(2_048)}`,
  ])("is never %j", (to) => {
    expect(goingTo(to)).toBe("/")
  })

  it("never leaves the site, whatever was asked for, and is a header's text", () => {
    const site = "https://quire.example"
    const part = fc.constantFrom("/", "\\", "\t", "\r\n", ":", "@", "http", "a.b", "?", "#", ".", "..", "%2f", " ", "é")
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const to = goingTo(parts.join(""))
        expect(new URL(to, site).origin).toBe(site)
        expect(to).toMatch(/^\/[\x21-\x7e]*$/)
      }),
    )
  })
})
