import { describe, expect, it } from "vitest"
import { describeViews, isConverged, type View } from "../src/views.js"

const view = (name: string, text: string | undefined, remark?: string): View => ({ name, text, remark })

describe("isConverged", () => {
  it("is true for one text everywhere", () => {
    expect(isConverged([view("Anna", "a"), view("Ben", "a")])).toBe(true)
    expect(isConverged([view("Anna", "a"), view("Ben", "b")])).toBe(false)
  })

  it("is false while a page shows no text, even if none does", () => {
    expect(isConverged([view("Anna", "a"), view("Ben", undefined)])).toBe(false)
    expect(isConverged([view("Anna", undefined), view("Ben", undefined)])).toBe(false)
  })
})

describe("describeViews", () => {
  it("names people with the same text together, what may explain it, and the first difference", () => {
    const views = [
      view("Anna", "one\ntwo three"),
      view("Ben", "one\ntwo", "network cut"),
      view("Carla", "one\ntwo three"),
    ]
    expect(describeViews(views)).toBe(
      [
        '  Anna, Carla: "one\\ntwo three" (13 characters)',
        '  Ben (network cut): "one\\ntwo" (7 characters)',
        "First difference: line 2, column 4, at ▸",
        "  Anna: one\\ntwo▸ three",
        "  Ben:  one\\ntwo▸(ends here)",
      ].join("\n"),
    )
  })

  it("quotes a long text only around the difference", () => {
    const same = "x".repeat(500)
    const lines = describeViews([view("A", `${same}1${same}`), view("B", `${same}2${same}`)]).split("\n")
    expect(lines[2]).toBe("First difference: line 1, column 501, at ▸")
    expect(lines[3]).toBe(`  A: …${"x".repeat(24)}▸1${"x".repeat(23)}…`)
    expect(lines[0]?.length).toBeLessThan(260)
  })

  it("says who showed no text", () => {
    expect(describeViews([view("Anna", "a"), view("Ben", undefined)])).toContain("Ben: no text in time")
  })
})
