import { describe, expect, it } from "vitest"
import { grantOf, isRole, mayDo, OPERATIONS, ROLES, strongest } from "../src/index.js"

describe("rights", () => {
  it("of a stronger role include those of every weaker one", () => {
    for (const operation of OPERATIONS) {
      const allowed = ROLES.map((role) => mayDo(role, operation))
      expect([...allowed].sort((a, b) => Number(b) - Number(a))).toEqual(allowed)
    }
  })

  it("of the owner are all there are, and nobody has none", () => {
    for (const operation of OPERATIONS) {
      expect(mayDo("owner", operation)).toBe(true)
      expect(mayDo(undefined, operation)).toBe(false)
    }
  })

  it("become the grant that a socket has", () => {
    expect(ROLES.map(grantOf)).toEqual(["write", "write", "comment", "read"])
    expect(grantOf(undefined)).toBeUndefined()
  })
})

describe("roles", () => {
  it("are told from other text", () => {
    expect(ROLES.every(isRole)).toBe(true)
    for (const text of ["", "Owner", "admin", "__proto__", "constructor", undefined, 1])
      expect(isRole(text)).toBe(false)
  })

  it("of several the strongest counts", () => {
    expect(strongest("viewer", undefined, "editor")).toBe("editor")
    expect(strongest(undefined)).toBeUndefined()
  })
})
