import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { documentPath, readRoute } from "../../src/app/routes.js"

/** What a browser makes of a path when somebody follows a link to it. */
function visited(path: string): string {
  return new URL(path, "http://quire.test").pathname
}

describe("readRoute", () => {
  it.each([
    ["/", { kind: "library" }],
    ["/d/notes", { kind: "document", id: "notes" }],
    ["/d/team/2026/plan", { kind: "document", id: "team/2026/plan" }],
    ["/d/a%20b", { kind: "document", id: "a b" }],
    ["/d/100%25", { kind: "document", id: "100%" }],
    ["/d/%2525", { kind: "document", id: "%25" }],
    ["/d/caf%C3%A9", { kind: "document", id: "café" }],
    ["/d/a%2Fb", { kind: "document", id: "a/b" }],
    ["/embed/app/plan", { kind: "embedded", id: "app/plan" }],
    ["/setup/Abc-_9", { kind: "setup", secret: "Abc-_9" }],
    ["/join/Abc-_9", { kind: "join", secret: "Abc-_9" }],
    ["/reset/Abc-_9", { kind: "reset", secret: "Abc-_9" }],
    ["/s/Abc-_9", { kind: "link", secret: "Abc-_9" }],
    ["/sign-in", { kind: "sign-in" }],
    ["/account", { kind: "account" }],
    ["/people", { kind: "people" }],
    ["/d/...", { kind: "document", id: "..." }],
  ])("reads %s", (path, route) => {
    expect(readRoute(path)).toEqual(route)
  })

  it.each([
    ["/elsewhere", /no page at this address/],
    ["/embed", /no page at this address/],
    ["/s/", /no page at this address/],
    ["/s/a%20b", /no page at this address/],
    ["/join/a/b", /no page at this address/],
    [`/setup/${"x".repeat(201)}`, /no page at this address/],
    ["/d", /no page at this address/],
    ["/d/", /empty/],
    ["/d/100%", /not encoded/],
    ["/d/%FF", /not encoded/],
    ["/d/a%00b", /control character/],
    [`/d/${"x".repeat(257)}`, /257 bytes, limit 256/],
    ["/d/.", /leave such parts out/],
    ["/d/a%2F..%2Fb", /leave such parts out/],
    ["/d/%2e%2e%2Fb", /leave such parts out/],
  ])("says why %s shows nothing", (path, reason) => {
    const route = readRoute(path)
    expect(route).toEqual({ kind: "lost", reason: expect.stringMatching(reason) })
  })
})

describe("documentPath", () => {
  it.each([
    ["notes", "/d/notes"],
    ["team/plan", "/d/team/plan"],
    ["50% off?#", "/d/50%25%20off%3F%23"],
    ["日本/été", "/d/%E6%97%A5%E6%9C%AC/%C3%A9t%C3%A9"],
  ])("of %s is %s", (id, path) => {
    expect(documentPath(id)).toBe(path)
  })

  it("leads back to every name that a browser can visit", () => {
    const part = fc.string({
      unit: fc.constantFrom("a", ".", "%", " ", "?", "#", "&", "\\", "é", "本", "👩", "2F"),
      maxLength: 8,
    })
    const names = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"))
    fc.assert(
      fc.property(
        names.filter((name) => name !== ""),
        (name) => {
          const isDotted = name.split("/").some((one) => one === "." || one === "..")
          fc.pre(!isDotted)
          expect(readRoute(visited(documentPath(name)))).toEqual({ kind: "document", id: name })
        },
      ),
    )
  })

  it.each(["a/../b", "./a", "a/.", "../../d/other"])("of %s leads to the page that says why, not elsewhere", (name) => {
    expect(readRoute(visited(documentPath(name)))).toMatchObject({ kind: "lost" })
  })
})
