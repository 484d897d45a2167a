import { describe, expect, it } from "vitest"
import { linkAt, removeLink, setLink, typedUrl } from "../../src/commands/links.js"
import { sharedPage } from "../headless.js"

describe("links", () => {
  it("links what is selected, changes it from a caret within, and takes it away", () => {
    const [page] = sharedPage(["see the plan here"])
    page.select(0, 4, 12)
    expect(page.run(setLink("example.org/plan"))).toBe(true)
    page.select(0, 6)
    expect(linkAt(page.state)).toEqual({ from: 5, to: 13, href: "https://example.org/plan" })
    page.run(setLink("mailto:ada@example.org"))
    page.select(0, 12)
    expect(linkAt(page.state)?.href).toBe("mailto:ada@example.org")
    expect(page.run(removeLink)).toBe(true)
    expect(linkAt(page.state)).toBeUndefined()
    expect(page.run(removeLink)).toBe(false)
    expect(page.text()).toBe("see the plan here")
  })

  it("writes the target when nothing is selected", () => {
    const [page] = sharedPage(["see "])
    page.select(0, 4)
    page.run(setLink(" example.org "))
    expect(page.text()).toBe("see example.org")
    page.type("!")
    expect(page.state.doc.child(0).lastChild?.marks).toEqual([])
  })

  it("does not apply to what is no address", () => {
    const [page] = sharedPage(["text"])
    page.select(0, 0, 4)
    for (const target of ["javascript:alert(1)", "nonsense", "", "data:text/html,x"]) {
      expect(page.run(setLink(target))).toBe(false)
    }
    expect(page.updates).toBe(0)
  })
})

it.each([
  ["example.org", "https://example.org"],
  ["example.org:8080/a?b", "https://example.org:8080/a?b"],
  ["ada@example.org", "mailto:ada@example.org"],
  ["http://intranet/", "http://intranet/"],
  ["hello", undefined],
  ["3.14", undefined],
  ["javascript:alert(1).com", undefined],
])("understands %s as %s", (typed, url) => {
  expect(typedUrl(typed)).toBe(url)
})
