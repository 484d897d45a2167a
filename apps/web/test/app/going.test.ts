import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { goingTo, signInPath } from "../../src/app/going.js"

const SITE = "https://quire.example"

function searchOf(path: string): string {
  return new URL(path, SITE).search
}

describe("where one was going", () => {
  it.each(["/d/plan", "/d/caf%C3%A9/a%20b", "/account", "/people", "/d/100%25"])("%s is kept", (path) => {
    expect(goingTo(searchOf(signInPath(path)))).toBe(path)
  })

  it("is all documents where nothing else was asked for", () => {
    expect(signInPath("/")).toBe("/sign-in")
    expect(goingTo("")).toBe("/")
  })

  it.each([
    "//elsewhere.example",
    "/\\elsewhere.example",
    "/\t/elsewhere.example",
    "\\\\elsewhere.example",
    "https://elsewhere.example/",
    "javascript:alert(1)",
    " //elsewhere.example",
    "elsewhere",
    "//",
    "/.//elsewhere.example",
    "/a/..//elsewhere.example",
    "/sign-in?to=/sign-in",
  ])("is never %j", (to) => {
    expect(goingTo(`?to=${encodeURIComponent(to)}`)).toBe("/")
  })

  it("never leaves the site, whatever the address says", () => {
    const part = fc.constantFrom(
      "/",
      "\\",
      "\t",
      "\n",
      ":",
      "@",
      "http",
      "javascript",
      "a.b",
      "?",
      "#",
      ".",
      "..",
      "%2f",
      " ",
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const to = goingTo(`?to=${encodeURIComponent(parts.join(""))}`)
        expect(new URL(to, SITE).origin).toBe(SITE)
      }),
    )
  })
})
