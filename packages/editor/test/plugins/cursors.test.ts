import { schema } from "@quire/schema"
import { DecorationSet } from "prosemirror-view"
import { describe, expect, it } from "vitest"
import { applyAwarenessUpdate, encodeAwarenessUpdate } from "y-protocols/awareness"
import * as Y from "yjs"
import { readCursors } from "../../src/plugins/cursors.js"
import { relativeSelection } from "../../src/plugins/sync.js"
import { type HeadlessEditor, sharedPage, sync } from "../headless.js"

function pointAt(editor: HeadlessEditor, user: unknown = { name: "Grace", color: "#0f766e" }): void {
  const { anchor, head } = relativeSelection(editor.state)
  const cursor = { anchor: Y.relativePositionToJSON(anchor), head: Y.relativePositionToJSON(head) }
  editor.awareness.setLocalState({ user, cursor })
}

function tell(to: HeadlessEditor, from: HeadlessEditor): void {
  applyAwarenessUpdate(to.awareness, encodeAwarenessUpdate(from.awareness, [from.ydoc.clientID]), "network")
}

/** Where carets and selections of others are drawn: block positions. */
function drawn(editor: HeadlessEditor): readonly [from: number, to: number][] {
  const found: [number, number][] = []
  for (const plugin of editor.state.plugins) {
    const source = plugin.props.decorations?.call(plugin, editor.state)
    if (source instanceof DecorationSet) for (const one of source.find()) found.push([one.from, one.to])
  }
  return found.sort(([a, b], [c, d]) => a - c || b - d)
}

describe("remote cursors", () => {
  it("show a caret, and the selection when there is one", () => {
    const [ada, grace] = sharedPage(["hello"])
    grace.select(0, 2)
    pointAt(grace)
    tell(ada, grace)
    ada.frame()
    expect(drawn(ada)).toEqual([[3, 3]])
    grace.select(0, 1, 4)
    pointAt(grace)
    tell(ada, grace)
    ada.frame()
    expect(drawn(ada)).toEqual([
      [2, 5],
      [5, 5],
    ])
  })

  it("move with local and remote edits", () => {
    const [ada, grace] = sharedPage(["hello"])
    grace.select(0, 2)
    pointAt(grace)
    tell(ada, grace)
    ada.frame()
    ada.select(0, 0)
    ada.type("oh ")
    expect(drawn(ada)).toEqual([[6, 6]])
    grace.select(0, 0)
    grace.type("> ")
    sync(ada, grace)
    expect(drawn(ada)).toEqual([[8, 8]])
  })

  it("stay before what we type in the same place", () => {
    const [ada, grace] = sharedPage(["hello"])
    grace.select(0, 5)
    pointAt(grace)
    tell(ada, grace)
    ada.frame()
    ada.select(0, 5)
    ada.type("!")
    expect(drawn(ada)).toEqual([[6, 6]])
  })

  it("cost one transaction a frame, and none when only other presence fields change", () => {
    const [ada, grace] = sharedPage(["hello"])
    pointAt(grace)
    tell(ada, grace)
    ada.frame()
    const before = ada.state
    grace.awareness.setLocalStateField("scroll", 17)
    tell(ada, grace)
    ada.frame()
    expect(ada.state).toBe(before)
    grace.select(0, 1)
    pointAt(grace)
    tell(ada, grace)
    grace.select(0, 3)
    pointAt(grace)
    tell(ada, grace)
    expect(ada.state).toBe(before)
    ada.frame()
    expect(drawn(ada)).toEqual([[4, 4]])
  })

  it("vanish when their owner leaves", () => {
    const [ada, grace] = sharedPage(["hello"])
    pointAt(grace)
    tell(ada, grace)
    ada.frame()
    grace.awareness.setLocalState(null)
    tell(ada, grace)
    ada.frame()
    expect(drawn(ada)).toEqual([])
  })

  it("are not drawn for a position in a text that is not here yet", () => {
    const [ada, grace] = sharedPage(["hello"])
    grace.dispatch(grace.state.tr.insert(0, schema.node("textblock", { id: "new" }, [schema.text("new")])))
    grace.select(0, 1)
    pointAt(grace)
    tell(ada, grace)
    ada.frame()
    expect(drawn(ada)).toEqual([])
  })
})

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
})
