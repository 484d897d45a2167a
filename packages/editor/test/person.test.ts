import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  cleanColor,
  cleanName,
  DEFAULT_COLOR,
  NAMELESS,
  PERSON_NAME_MAX,
  readPerson,
  textColorOn,
} from "../src/index.js"

describe("readPerson", () => {
  it("keeps an ordinary name and colour", () => {
    expect(readPerson({ name: "Ada Lovelace", color: "#0F766E" })).toEqual({ name: "Ada Lovelace", color: "#0f766e" })
  })

  it.each([undefined, null, 7, "user", {}, { name: 3, color: {} }, { name: "  \u202e " }])(
    "gives a nameless person for %j",
    (user) => {
      expect(readPerson(user)).toEqual({ name: NAMELESS, color: DEFAULT_COLOR })
    },
  )

  it("gives, for anything, a short name on one line without direction controls, and a colour", () => {
    const bad = fc.string({
      unit: fc.constantFrom("\u202e", "\u0000", "\n", "\u2066", "\ud800", "x", "é", "👩", "\u2028"),
    })
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), bad), fc.anything(), (name, color) => {
        const person = readPerson({ name, color })
        expect(Array.from(person.name).length).toBeLessThanOrEqual(PERSON_NAME_MAX)
        expect(person.name).toMatch(/\S/)
        expect(person.name).not.toMatch(/[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u)
        expect(person.name.isWellFormed()).toBe(true)
        expect(person.color).toMatch(/^#[0-9a-f]{6}$/)
      }),
    )
  })
})

describe("cleanName", () => {
  it("cuts to 40 characters, never through one", () => {
    expect(cleanName("👩".repeat(50))).toBe("👩".repeat(40))
    expect(cleanName("a".repeat(1_000_000))).toHaveLength(40)
  })

  it("makes one line of many", () => {
    expect(cleanName(" Ada\n\tLovelace ")).toBe("Ada Lovelace")
  })
})

describe("cleanColor", () => {
  it.each(["red", "#abc", "#12345g", "#0f766e;background:url(//x)", "url(x)", "#0f766e80"])("refuses %s", (color) => {
    expect(cleanColor(color)).toBe(DEFAULT_COLOR)
  })
})

describe("textColorOn", () => {
  it("picks the more readable of black and white", () => {
    expect(textColorOn("#ffffff")).toBe("#000000")
    expect(textColorOn("#000000")).toBe("#ffffff")
    expect(textColorOn("#ffe066")).toBe("#000000")
    expect(textColorOn("#1d4ed8")).toBe("#ffffff")
  })
})
