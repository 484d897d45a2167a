import { bodyOf } from "@quire/document"
import { schema } from "@quire/schema"
import { SeededRandom } from "@quire/testing"
import { NodeSelection, type Plugin, TextSelection } from "prosemirror-state"
import { type Decoration, DecorationSet } from "prosemirror-view"
import { describe, expect, it } from "vitest"
import { applyAwarenessUpdate, encodeAwarenessUpdate } from "y-protocols/awareness"
import * as Y from "yjs"
import { insertRule, splitBlock } from "../../src/commands/blocks.js"
import { toggleCodeblock } from "../../src/commands/code.js"
import { IDLE_MS, NAME_MS, REST_MS } from "../../src/plugins/cursors/activity.js"
import { publishedCursor } from "../../src/plugins/cursors/remote-cursor.js"
import { relativeSelection } from "../../src/plugins/sync.js"
import { deliver, FRAME_MS, type HeadlessEditor, sharedPage, sync } from "../headless.js"

function pointAt(editor: HeadlessEditor, user: unknown = { name: "Grace", color: "#0f766e" }, isAway = false): void {
  editor.awareness.setLocalState({ user, cursor: publishedCursor(relativeSelection(editor.state), isAway) })
}

function tell(to: HeadlessEditor, from: HeadlessEditor): void {
  applyAwarenessUpdate(to.awareness, encodeAwarenessUpdate(from.awareness, [from.ydoc.clientID]), "network")
}

/** What is drawn of others, in the order of places. */
function decorations(editor: HeadlessEditor): readonly Decoration[] {
  return editor.state.plugins
    .flatMap((plugin) => {
      const source = plugin.props.decorations?.call(plugin, editor.state)
      return source instanceof DecorationSet ? source.find() : []
    })
    .sort((a, b) => a.from - b.from || a.to - b.to)
}

/** Where carets and selections of others are drawn in texts. */
function drawn(editor: HeadlessEditor): readonly [from: number, to: number][] {
  return decorations(editor)
    .filter(({ from }) => editor.state.doc.resolve(from).depth > 0)
    .map(({ from, to }) => [from, to])
}

function carets(editor: HeadlessEditor): readonly Decoration[] {
  return decorations(editor).filter(({ from, to }) => from === to)
}

/** The node names around which others have an outline. */
function outlined(editor: HeadlessEditor): readonly string[] {
  return decorations(editor)
    .filter((one) => attributesOf(one).class === "remote-node")
    .map(({ from }) => editor.state.doc.nodeAt(from)?.type.name ?? "")
}

/** The stages that drawn selections and outlines say. */
function stages(editor: HeadlessEditor): readonly (string | undefined)[] {
  return decorations(editor).flatMap((one) => attributesOf(one)["data-stage"] ?? [])
}

/** The stages of all carets, which are drawn by their elements: read where they are kept. */
function flags(editor: HeadlessEditor): readonly string[] {
  const plugin = editor.state.plugins.find(({ key }: Plugin & { key?: string }) => key?.startsWith("quire-cursors"))
  const state = plugin?.getState(editor.state) as { stages: ReadonlyMap<number, string> } | undefined
  return [...(state?.stages.values() ?? [])]
}

function attributesOf(decoration: Decoration): Readonly<Record<string, string>> {
  // ProseMirror keeps what a decoration looks like to itself.
  return (decoration as unknown as { type: { attrs?: Record<string, string> } }).type.attrs ?? {}
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

  it("ask for no frame, whoever moves or writes, but for ourselves", () => {
    const [ada, grace] = sharedPage(["hello"])
    ada.frame()
    pointAt(ada)
    pointAt(grace)
    tell(ada, grace)
    ada.clock.advance(FRAME_MS)
    grace.type("a")
    deliver(grace, ada)
    pointAt(grace)
    tell(ada, grace)
    ada.clock.advance(FRAME_MS)
    expect(drawn(ada)).toEqual([[2, 2]])
    expect(ada.wantsFrame).toBe(false)
    ada.type("b")
    expect(ada.wantsFrame).toBe(true)
  })

  it("are told ours after the frame of a key is painted, once", () => {
    const [ada] = sharedPage(["hello"])
    ada.frame()
    pointAt(ada)
    const told: unknown[] = []
    ada.awareness.on("change", () => told.push(ada.awareness.getLocalState()?.cursor))
    ada.type("a")
    ada.type("b")
    ada.paint()
    expect(told).toEqual([])
    ada.clock.advance(0)
    expect(told).toEqual([publishedCursor(relativeSelection(ada.state), true)])
    expect(ada.wantsFrame).toBe(false)
    ada.type("c")
    ada.paint()
    ada.close()
    expect(ada.clock.pending).toBe(0)
  })

  it("are shown with the edit they came with, in one transaction", () => {
    const [ada, grace] = sharedPage(["hello", "world"])
    grace.select(0, 5)
    pointAt(grace)
    tell(ada, grace)
    ada.frame()
    ada.clock.advance(NAME_MS)
    ada.frame()
    grace.type("!")
    pointAt(grace)
    tell(ada, grace)
    deliver(grace, ada)
    const shown = ada.state
    expect(drawn(ada)).toEqual([[7, 7]])
    ada.frame()
    expect(ada.state).toBe(shown)
    grace.select(0, 1, 3)
    pointAt(grace)
    grace.type("i")
    pointAt(grace)
    tell(ada, grace)
    deliver(grace, ada)
    expect(drawn(ada)).toEqual([[3, 3]])
  })

  it("are lively when they moved with an edit, and not when they are only told anew with somebody else's", () => {
    const [ada, grace] = sharedPage(["hello", "world"])
    grace.select(1, 2)
    pointAt(grace)
    tell(ada, grace)
    ada.frame()
    ada.clock.advance(NAME_MS)
    ada.frame()
    expect(flags(ada)).toEqual(["present"])
    // The same place, hanging on the letter after it, and further on in the doc.
    grace.dispatch(grace.state.tr.insertText("oh, ", 1))
    const text = (bodyOf(grace.ydoc).get(1) as Y.XmlElement).firstChild as Y.XmlText
    const after = Y.createRelativePositionFromTypeIndex(text, 2)
    grace.awareness.setLocalStateField("cursor", publishedCursor({ anchor: after, head: after }, false))
    tell(ada, grace)
    deliver(grace, ada)
    ada.frame()
    expect(flags(ada)).toEqual(["present"])
    grace.select(1, 3)
    grace.dispatch(grace.state.tr.insertText("hi ", 1))
    pointAt(grace)
    tell(ada, grace)
    deliver(grace, ada)
    ada.frame()
    expect(flags(ada)).toEqual(["active"])
  })

  it("stand in their blocks wherever others write, make and take away blocks", () => {
    const lines = ["one", "two", "three", "four", "five"]
    for (let block = 0; block < lines.length; block++) {
      const [ada, grace] = sharedPage(lines)
      const bob = sharedPage(lines, [10, 12])[1]
      bob.select(block, 1, 3)
      pointAt(bob)
      tell(ada, bob)
      ada.frame()
      grace.select(2, 2)
      grace.type("X")
      grace.run(splitBlock(new SeededRandom(5)))
      deliver(grace, ada)
      moveLast(grace)
      deliver(grace, ada)
      deliver(ada, bob)
      const range = drawn(ada).find(([from, to]) => from < to) ?? [0, 0]
      expect(ada.state.doc.textBetween(...range)).toBe(
        bob.state.doc.textBetween(bob.state.selection.from, bob.state.selection.to),
      )
    }
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

  it("keep their element while others type before them, in their block or elsewhere", () => {
    const [ada, grace] = sharedPage(["one", "two"])
    grace.select(1, 1)
    pointAt(grace)
    tell(ada, grace)
    ada.frame()
    const caret = (): Decoration | undefined => carets(ada)[0]
    const before = caret()
    ada.select(1, 0)
    ada.type("oh ")
    const after = caret()
    expect(after?.from).toBe((before?.from ?? 0) + 3)
    expect(after?.spec.key).toBe(before?.spec.key)
    deliver(ada, grace)
    grace.select(1, 6)
    pointAt(grace)
    tell(ada, grace)
    ada.frame()
    expect(caret()?.spec.key).toBe(before?.spec.key)
    pointAt(grace, { name: "Grace Hopper", color: "#0f766e" })
    tell(ada, grace)
    ada.frame()
    expect(caret()?.spec.key).not.toBe(before?.spec.key)
  })

  it("stay in their block while others write, delete and move blocks above", () => {
    const [ada, grace] = sharedPage(["one", "two", "three"])
    grace.select(2, 3)
    pointAt(grace)
    tell(ada, grace)
    ada.frame()
    const { tr } = grace.state
    const first = grace.state.doc.child(0)
    grace.dispatch(tr.delete(0, first.nodeSize).insert(tr.doc.content.size, first))
    grace.dispatch(grace.state.tr.insert(0, schema.node("textblock", { id: "new" }, [schema.text("new")])))
    sync(ada, grace)
    expect(ada.text()).toBe("new\ntwo\nthree\none")
    expect(drawn(ada)).toEqual([[ada.position(2, 3), ada.position(2, 3)]])
  })

  it.each([
    ["moves its block", moveLast],
    ["splits it before the caret", splitLast],
  ])("go with their words when somebody else %s", (_what, change) => {
    const [ada, grace] = sharedPage(["one", "two words"])
    grace.select(1, 6)
    pointAt(grace)
    tell(ada, grace)
    ada.frame()

    change(grace)
    sync(ada, grace)
    const [caret] = carets(ada)
    const $caret = ada.state.doc.resolve(caret?.from ?? 0)
    expect($caret.parent.textContent.slice($caret.parentOffset)).toBe("rds")
  })

  it("show a selection over several blocks, with an outline around the rule in it", () => {
    const [ada, grace] = sharedPage(["one", "two"])
    grace.select(0, 3)
    grace.run(insertRule(new SeededRandom(1)))
    sync(ada, grace)
    const last = grace.state.doc.childCount - 1
    grace.dispatch(grace.state.tr.setSelection(selectionOver(grace, [0, 1], [last, 2])))
    pointAt(grace)
    tell(ada, grace)
    ada.frame()
    expect(drawn(ada)[0]).toEqual([ada.position(0, 1), ada.position(last, 2)])
    expect(outlined(ada)).toEqual(["rule"])
  })

  it.each([
    ["rule", insertRule(new SeededRandom(1))],
    ["codeblock", toggleCodeblock],
  ])("outline a selected %s, also after others wrote around it", (name, command) => {
    const [ada, grace] = sharedPage(["one", "two"])
    grace.select(0, 3)
    grace.run(command)
    sync(ada, grace)
    let position = -1
    grace.state.doc.forEach((block, offset) => {
      if (block.type.name === name) position = offset
    })
    grace.dispatch(grace.state.tr.setSelection(NodeSelection.create(grace.state.doc, position)))
    pointAt(grace)
    tell(ada, grace)
    ada.frame()
    expect(outlined(ada)).toEqual([name])
    expect(carets(ada)).toEqual([])
    const block = (id: string) => schema.node("textblock", { id }, [schema.text(id)])
    const before = outlineOf(ada)
    ada.dispatch(ada.state.tr.insert(before.to, block("after")).insert(before.from, block("before")))
    const after = outlineOf(ada)
    expect(after).toMatchObject({ from: before.from + 8, to: before.to + 8 })
    deliver(ada, grace)
    grace.dispatch(grace.state.tr.insert(0, block("first")))
    deliver(grace, ada)
    expect(outlined(ada)).toEqual([name])
  })

  it("fade as time goes by without a key or a move, and come back with one", () => {
    const [ada, grace] = sharedPage(["hello"])
    grace.select(0, 1, 4)
    pointAt(grace)
    tell(ada, grace)
    ada.frame()
    expect(stages(ada)).toEqual(["active"])
    const after = (ms: number): readonly (string | undefined)[] => {
      ada.clock.advance(ms)
      return stages(ada)
    }
    expect(after(NAME_MS - FRAME_MS - 1)).toEqual(["active"])
    expect(after(1)).toEqual(["present"])
    expect(after(REST_MS - NAME_MS)).toEqual(["resting"])
    ada.select(0, 5)
    ada.type("!")
    ada.frame()
    expect(stages(ada)).toEqual(["resting"])
    expect(after(IDLE_MS - REST_MS)).toEqual(["idle"])
    expect(ada.clock.pending).toBe(0)
    grace.select(0, 1, 3)
    pointAt(grace)
    tell(ada, grace)
    ada.frame()
    expect(stages(ada)).toEqual(["active"])
    ada.close()
    expect(ada.clock.pending).toBe(0)
  })

  it("stay, faded, where their owner left the text, and are lively when they are back", () => {
    const [ada, grace] = sharedPage(["hello"])
    grace.select(0, 1, 4)
    pointAt(grace)
    tell(ada, grace)
    ada.frame()
    pointAt(grace, undefined, true)
    tell(ada, grace)
    ada.frame()
    expect(stages(ada)).toEqual(["idle"])
    expect(ada.clock.pending).toBe(0)
    ada.clock.advance(IDLE_MS)
    pointAt(grace)
    tell(ada, grace)
    ada.frame()
    expect(stages(ada)).toEqual(["active"])
  })
})

function moveLast(editor: HeadlessEditor): void {
  const last = editor.state.doc.child(1)
  const { tr } = editor.state
  editor.dispatch(tr.delete(tr.doc.content.size - last.nodeSize, tr.doc.content.size).insert(0, last))
}

function splitLast(editor: HeadlessEditor): void {
  editor.select(1, 3)
  editor.run(splitBlock(new SeededRandom(2)))
}

function selectionOver(
  editor: HeadlessEditor,
  [block, offset]: readonly [number, number],
  [toBlock, toOffset]: readonly [number, number],
): TextSelection {
  return TextSelection.create(editor.state.doc, editor.position(block, offset), editor.position(toBlock, toOffset))
}

function outlineOf(editor: HeadlessEditor): Decoration {
  const [first] = decorations(editor).filter((one) => attributesOf(one).class === "remote-node")
  if (first === undefined) throw new Error("nothing has an outline")
  return first
}
