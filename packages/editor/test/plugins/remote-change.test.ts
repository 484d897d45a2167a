import { bodyOf } from "@quire/document"
import { schema } from "@quire/schema"
import { SeededRandom } from "@quire/testing"
import fc from "fast-check"
import { type EditorState, Plugin, PluginKey, type Transaction } from "prosemirror-state"
import { Decoration, DecorationSet } from "prosemirror-view"
import { describe, expect, it } from "vitest"
import { initProseMirrorDoc } from "y-prosemirror"
import { splitBlock, toHeading } from "../../src/commands/blocks.js"
import { mapThroughRemote } from "../../src/plugins/map-through-remote.js"
import { narrowChange } from "../../src/plugins/remote-change.js"
import { isRemote } from "../../src/plugins/sync.js"
import { moveBlock } from "../block-edits.js"
import { type HeadlessEditor, sharedPage, sync } from "../headless.js"
import { randomEdit } from "../random-edit.js"

const marksKey = new PluginKey<DecorationSet>("marks")

/** Decorations as most plugins keep them: set once, then mapped. */
function marks(): Plugin<DecorationSet> {
  return new Plugin<DecorationSet>({
    key: marksKey,
    state: {
      init: () => DecorationSet.empty,
      apply: (tr, set) => {
        const added = tr.getMeta(marksKey) as Decoration[] | undefined // as `mark` sets it
        const mapped = set.map(tr.mapping, tr.doc)
        return added === undefined ? mapped : mapped.add(tr.doc, added)
      },
    },
  })
}

function mark(editor: HeadlessEditor, block: number, from: number, to: number): void {
  const range = Decoration.inline(editor.position(block, from), editor.position(block, to), {})
  editor.dispatch(editor.state.tr.setMeta(marksKey, [range]))
}

function marked(state: EditorState): string[] {
  const found = marksKey.getState(state)?.find() ?? []
  return found.map(({ from, to }) => state.doc.textBetween(from, to))
}

/** The remote ProseMirror transactions that an editor gets while something happens. */
function remotesDuring(editor: HeadlessEditor, act: () => void): Transaction[] {
  const found: Transaction[] = []
  const dispatch = editor.dispatch.bind(editor)
  editor.dispatch = (tr) => {
    if (isRemote(tr)) found.push(tr)
    dispatch(tr)
  }
  act()
  editor.dispatch = dispatch
  return found
}

function pageWithMarks(lines: readonly string[]): readonly [HeadlessEditor, HeadlessEditor] {
  return sharedPage(lines, [10, 11], [marks()])
}

describe("a remote change", () => {
  it("leaves decorations in other blocks, and in the same block beside it", () => {
    const [ada, grace] = pageWithMarks(["one", "two words here", "three"])
    mark(ada, 0, 0, 3)
    mark(ada, 1, 4, 9)
    mark(ada, 2, 1, 4)
    grace.select(1, 0)
    grace.type("oh, ")
    sync(ada, grace)
    grace.select(1, 18)
    grace.type("!")
    sync(ada, grace)
    expect(marked(ada.state)).toEqual(["one", "words", "hre"])
    expect(ada.text()).toBe("one\noh, two words here!\nthree")
  })

  it("leaves decorations in a block that is turned into something else, and around blocks that come and go", () => {
    const [ada, grace] = pageWithMarks(["one", "two", "three", "four"])
    mark(ada, 1, 0, 3)
    mark(ada, 3, 0, 4)
    grace.select(1, 0)
    grace.run(toHeading(2))
    grace.dispatch(grace.state.tr.delete(grace.position(2, 0) - 1, grace.position(3, 0) - 1))
    grace.dispatch(grace.state.tr.insert(0, schema.node("textblock", null, schema.text("zero"))))
    sync(ada, grace)
    expect(marked(ada.state)).toEqual(["two", "four"])
    expect(ada.text()).toBe("zero\none\n## two\nfour")
  })

  it("leaves decorations when one's own edit is taken back elsewhere", () => {
    const [ada] = pageWithMarks(["one", "two"])
    ada.select(0, 3)
    ada.type("!")
    mark(ada, 1, 0, 3)
    ada.run(ada.history.undo)
    ada.run(ada.history.redo)
    expect(marked(ada.state)).toEqual(["two"])
  })

  it("is one small step for one key, and none where the doc already says so", () => {
    const [ada, grace] = sharedPage(["one", "two", "three"])
    grace.select(1, 1)
    grace.type("x")
    const [tr, ...others] = remotesDuring(ada, () => sync(ada, grace))
    const at = ada.position(1, 1)
    expect(others).toEqual([])
    expect(tr?.steps.map((step) => step.toJSON())).toEqual([
      { stepType: "replace", from: at, to: at, slice: { content: [{ type: "text", text: "x" }] } },
    ])
    expect(narrowChange(ada.state, grace.state.doc).steps).toEqual([])
  })

  it("does not touch what is around the caret when changes on both sides of it come at once", () => {
    const [ada, grace] = pageWithMarks(["some words here"])
    ada.select(0, 8)
    mark(ada, 0, 5, 10)
    grace.select(0, 0)
    grace.type("oh")
    sync(ada, grace) // it holds for the next change, too
    grace.select(0, 2)
    grace.type(", ")
    grace.select(0, 19)
    grace.type("!")
    const [tr] = remotesDuring(ada, () => sync(ada, grace))
    expect(ada.text()).toBe("oh, some words here!")
    expect(tr?.steps).toHaveLength(2)
    expect(marked(ada.state)).toEqual(["words"])
    expect(ada.caret()).toEqual([0, 12])
  })

  it("leaves the block with the caret in place when somebody moves the one beside it to its other side", () => {
    for (const caretIn of [0, 1]) {
      const [ada, grace] = pageWithMarks(["one", "two"])
      mark(ada, caretIn, 0, 3)
      ada.select(caretIn, 1)
      moveBlock(grace, 1 - caretIn, caretIn)
      sync(ada, grace)
      expect(ada.text()).toBe("two\none")
      expect(marked(ada.state)).toEqual([["one", "two"][caretIn]])
    }
  })

  it("leaves blocks that nobody touched the same objects", () => {
    const [ada, grace] = sharedPage(["one", "two", "three"])
    const [one, , three] = ada.state.doc.children
    grace.select(1, 0)
    grace.type("x")
    sync(ada, grace)
    expect(ada.state.doc.child(0)).toBe(one)
    expect(ada.state.doc.child(2)).toBe(three)
  })

  it("says where a position has gone: before it, in it, after it, and with a block that was moved", () => {
    const [ada, grace] = sharedPage(["one", "two", "three", "four"])
    const places = {
      one: ada.position(0, 1),
      two: ada.position(1, 2),
      three: ada.position(2, 3),
      four: ada.position(3, 1),
    }
    grace.select(1, 0)
    grace.type("22")
    const four = grace.state.doc.child(3)
    const end = grace.state.doc.content.size
    grace.dispatch(grace.state.tr.delete(end - four.nodeSize, end).insert(0, four))
    const third = grace.position(3, 0) - 1
    grace.dispatch(grace.state.tr.delete(third, grace.state.doc.content.size))
    const [tr] = remotesDuring(ada, () => sync(ada, grace))
    expect(ada.text()).toBe("four\none\n22two")
    if (tr === undefined) throw new Error("nothing came")
    expect(mapThroughRemote(tr, places.four)).toBe(ada.position(0, 1))
    expect(mapThroughRemote(tr, places.one)).toBe(ada.position(1, 1))
    expect(mapThroughRemote(tr, places.two)).toBe(ada.position(2, 4))
    expect(mapThroughRemote(tr, places.three)).toBeUndefined()
    expect(mapThroughRemote(tr, 0, -1)).toBe(0)
  })

  it("says where a position has gone when its block was split or joined, here or by somebody else", () => {
    const [ada, grace] = sharedPage(["one", "some words", "three"])
    const [inOne, inWords, inThree] = [ada.position(0, 1), ada.position(1, 7), ada.position(2, 2)]
    const split = remotesDuring(ada, () => {
      grace.select(1, 4)
      grace.run(splitBlock(new SeededRandom(3)))
      sync(ada, grace)
    })
    const [afterSplit] = split.map((tr) => [inOne, inWords, inThree].map((at) => mapThroughRemote(tr, at)))
    expect(afterSplit).toEqual([ada.position(0, 1), ada.position(2, 3), ada.position(3, 2)])

    const join = ada.state.tr.join(ada.position(2, 0) - 1)
    const afterJoin = afterSplit?.map((at) => mapThroughRemote(join, at ?? 0))
    ada.dispatch(join)
    expect(afterJoin).toEqual([ada.position(0, 1), ada.position(1, 7), ada.position(2, 2)])
  })

  it("leaves the person's selection with its words", () => {
    const [ada, grace] = sharedPage(["one", "two words", "three"])
    ada.select(1, 4, 9)
    grace.select(0, 0)
    grace.type("a longer first line ")
    grace.select(1, 4)
    grace.type("more ")
    grace.dispatch(grace.state.tr.delete(grace.position(2, 0) - 1, grace.state.doc.content.size))
    sync(ada, grace)
    const { from, to } = ada.state.selection
    expect(ada.state.doc.textBetween(from, to)).toBe("words")
  })

  it("takes the person's caret along with a block that is moved", () => {
    const [ada, grace] = sharedPage(["one", "two", "three"])
    ada.select(0, 2)
    const one = grace.state.doc.child(0)
    grace.dispatch(grace.state.tr.delete(0, one.nodeSize).insert(grace.state.doc.content.size - one.nodeSize, one))
    sync(ada, grace)
    expect(ada.text()).toBe("two\nthree\none")
    expect(ada.caret()).toEqual([2, 2])
  })

  it.each([
    ["in", 5, [2, 9]],
    ["at the end of", 15, [2, 19]],
  ])(
    "leaves the caret %s its words when somebody writes, splits twice and writes on, all at once",
    (_where, at, caret) => {
      const [ada, grace] = sharedPage(["some more words", "two"])
      ada.select(0, at)
      grace.select(0, 0)
      grace.type("A line")
      grace.run(splitBlock(new SeededRandom(4)))
      grace.type("another")
      grace.run(splitBlock(new SeededRandom(5)))
      grace.type("and ")
      sync(ada, grace)
      expect(ada.text()).toBe("A line\nanother\nand some more words\ntwo")
      expect(ada.caret()).toEqual(caret)
    },
  )

  it.each([
    ["before the caret", 4, [1, 5]],
    ["at the caret", 9, [0, 9]],
    ["after the caret", 12, [0, 9]],
  ])("leaves the caret with its words when somebody splits its block %s", (_where, at, caret) => {
    const [ada, grace] = sharedPage(["some more words", "two"])
    ada.select(0, 9)
    grace.select(0, at)
    grace.run(splitBlock(new SeededRandom(3)))
    sync(ada, grace)
    expect(ada.caret()).toEqual(caret)
  })

  it.each([
    ["in the middle", 2],
    ["at the end", 5],
    ["at the start", 0],
  ])(
    "takes the caret along, %s of a block that somebody joins to the one before, also with keys of one's own",
    (_where, at) => {
      for (const key of ["", "!"]) {
        const [ada, grace] = sharedPage(["one", "three", "four"])
        ada.select(1, at)
        if (key !== "") ada.type(key)
        grace.dispatch(grace.state.tr.join(grace.position(1, 0) - 1))
        sync(ada, grace)
        expect(ada.text()).toBe("onethree\nfour")
        expect(ada.caret()).toEqual([0, 3 + at])
      }
    },
  )

  it("leaves the caret near where its block was when that is deleted", () => {
    const [ada, grace] = sharedPage(["one", "two", "three"])
    ada.select(1, 2)
    grace.dispatch(grace.state.tr.delete(grace.position(1, 0) - 1, grace.position(2, 0) - 1))
    sync(ada, grace)
    expect(ada.caret()).toEqual([1, 0])
  })

  it("leaves the marks that the person has chosen for the next key, and does not scroll", () => {
    const [ada, grace] = sharedPage(["one", "two"])
    ada.select(0, 3)
    const strong = schema.mark("strong")
    ada.dispatch(ada.state.tr.addStoredMark(strong))
    grace.select(1, 0)
    grace.type("x")
    const [tr] = remotesDuring(ada, () => sync(ada, grace))
    expect(ada.state.storedMarks).toEqual([strong])
    expect(tr?.scrolledIntoView).toBe(false)
  })

  it("makes the same doc as replacing everything, whatever others did", () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 12 }), (seed, edits) => {
        const random = new SeededRandom(seed)
        const [ada, grace] = sharedPage(["aa", "ab aab", "", "b\u{1f600}a"])
        for (let index = 0; index < edits; index++) {
          randomEdit(grace, random)
          if (random.below(3) === 0) sync(ada, grace)
        }
        sync(ada, grace)
        const whole = initProseMirrorDoc(bodyOf(ada.ydoc), schema).doc
        expect(ada.state.doc.toJSON()).toEqual(whole.toJSON())
        expect(grace.state.doc.toJSON()).toEqual(whole.toJSON())
        ada.state.doc.check()
        ada.close()
        grace.close()
      }),
      { numRuns: 60 },
    )
  })
})
