import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { type BlockName, blocksInPlace, type MoveHints } from "../../src/plugins/align-blocks.js"

/** A letter a block; "?" is one without an id. */
function blocks(names: string): BlockName[] {
  return [...names].map((name) => ({ node: "textblock", id: name === "?" ? null : name }))
}

/** The blocks of `after` that stay, by their letters; "·" where one is new or moved. */
function staying(before: string, after: string, hints: MoveHints = {}): string {
  const kept = blocksInPlace(blocks(before), blocks(after), hints)
  return kept.map((index) => (index === undefined ? "·" : before[index])).join("")
}

describe("the blocks that stay in place", () => {
  it.each([
    ["none differ", "abc", "abc", "abc"],
    ["one is gone", "abc", "ac", "ac"],
    ["one is new", "ac", "abc", "a·c"],
    ["all are others", "abc", "xyz", "···"],
    ["one moved up", "abcd", "dabc", "·abc"],
    ["one moved down", "abcd", "bcda", "bcd·"],
    ["one moved while another went and one came", "abcde", "dacx", "·ac·"],
    ["there were none", "", "ab", "··"],
    ["there are none", "ab", "", ""],
  ])("are those whose ids are in order on both sides, when %s", (_case, before, after, expected) => {
    expect(staying(before, after)).toBe(expected)
  })

  it("are the others than the person has hold of, when two changed places", () => {
    expect(staying("ab", "ba", { moved: { from: 0, to: 1 } })).toBe("·a")
    expect(staying("ab", "ba", { moved: { from: 1, to: 2 } })).toBe("b·")
  })

  it("are those in order with the one that is known to have stayed, also if that moves more of them", () => {
    expect(staying("ab", "ba", { stayed: 0 })).toBe("b·")
    expect(staying("ab", "ba", { stayed: 1 })).toBe("·a")
    expect(staying("abcd", "dabc", { stayed: 0 })).toBe("d···")
    expect(staying("abc", "xcab", { stayed: 0 })).toBe("··ab")
  })

  it("are as many as can be, even when the person has hold of them", () => {
    expect(staying("abc", "cab", { moved: { from: 1, to: 3 } })).toBe("·ab")
  })

  it("are told by place where ids are missing or there twice", () => {
    expect(staying("a??b", "a??b")).toBe("a??b")
    expect(staying("a??", "?a")).toBe("·a")
    expect(blocksInPlace(blocks("aa"), blocks("aaa"))).toEqual([0, 1, undefined])
  })

  it("are told by place where a block without an id of its own is given one", () => {
    expect(staying("a?b", "anb")).toBe("a?b")
    expect(blocksInPlace(blocks("xxb"), blocks("xnb"))).toEqual([0, 1, 2])
    expect(staying("a?b", "anmb")).toBe("a?·b")
    expect(staying("acb", "anb")).toBe("a·b")
    expect(staying("?a", "an")).toBe("a·")
  })

  it("are none of those whose node is another now", () => {
    expect(blocksInPlace([{ node: "textblock", id: "a" }], [{ node: "code", id: "a" }])).toEqual([undefined])
  })

  it("are ascending, have the same id on both sides if it is theirs alone, and are at least one if any is known", () => {
    const names = fc.string({ unit: fc.constantFrom(..."abcdef?"), maxLength: 8 })
    fc.assert(
      fc.property(names, names, fc.nat(8), fc.nat(8), (before, after, from, to) => {
        const kept = blocksInPlace(blocks(before), blocks(after), { moved: { from, to } })
        const indices = kept.filter((index) => index !== undefined)
        expect(indices).toEqual([...new Set(indices)].sort((a, b) => a - b))
        kept.forEach((index, place) => {
          const name = index === undefined ? undefined : before[index]
          const isItsOwn = name !== undefined && name !== "?" && before.split(name).length === 2
          if (isItsOwn) expect(after[place]).toBe(name)
        })
        if ([...after].some((name) => before.includes(name))) expect(indices).not.toEqual([])
      }),
    )
  })
})
