import { describe, expect, it } from "vitest"
import { readCursors } from "../../../src/plugins/cursors/remote-cursor.js"

describe("readCursors", () => {
  const at = { type: { client: 1, clock: 1 }, tname: null, item: null, assoc: 0 }

  it("leaves out ourselves and those without a place in the text", () => {
    const states = new Map<number, unknown>([
      [1, { user: { name: "me" }, cursor: { anchor: at, head: at } }],
      [2, { user: { name: "reader" } }],
      [3, { user: { name: "writer" }, cursor: { anchor: at, head: at } }],
    ])
    expect(readCursors(states, 1).map((cursor) => cursor.person.name)).toEqual(["writer"])
  })

  it.each([
    ["a number", 7],
    ["null", null],
    ["a string", "cursor"],
    ["a position of another root", { tname: "evil" }],
    ["a fractional clock", { type: { client: 1, clock: 1.5 } }],
    ["a negative client", { item: { client: -1, clock: 1 } }],
    ["an id that is text", { item: "1:1" }],
    ["nothing at all", {}],
  ])("leaves out %s", (_what, position) => {
    const states = new Map<number, unknown>([[2, { cursor: { anchor: position, head: position } }]])
    expect(readCursors(states, 1)).toEqual([])
    expect(readCursors(new Map([[2, { cursor: { anchor: at, head: position } }]]), 1)).toEqual([])
  })

  it.each([
    ["true", true, true],
    ["absent", undefined, false],
    ["no boolean", "yes", false],
  ])("takes a flag for being elsewhere that is %s", (_what, blurred, isAway) => {
    const states = new Map<number, unknown>([[2, { cursor: { anchor: at, head: at, blurred } }]])
    expect(readCursors(states, 1).map((cursor) => cursor.isAway)).toEqual([isAway])
  })
})
