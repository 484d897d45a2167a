import { schema } from "@quire/schema"
import { SeededRandom } from "@quire/testing"
import { NodeSelection } from "prosemirror-state"
import { describe, expect, it } from "vitest"
import { insertRule } from "../../src/commands/blocks.js"
import { type HeadlessEditor, sharedPage, sync } from "../headless.js"

function selectedText(editor: HeadlessEditor): string {
  const { from, to } = editor.state.selection
  return editor.state.doc.textBetween(from, to, "\n")
}

function withRule(): readonly [HeadlessEditor, HeadlessEditor] {
  const [ada, grace] = sharedPage(["one", "two"])
  ada.select(0, 3)
  ada.run(insertRule(new SeededRandom(1)))
  sync(ada, grace)
  return [ada, grace]
}

function selectRule(editor: HeadlessEditor): void {
  let position = -1
  editor.state.doc.forEach((block, start) => {
    if (block.type.name === "rule") position = start
  })
  editor.dispatch(editor.state.tr.setSelection(NodeSelection.create(editor.state.doc, position)))
}

describe("the selection after undo and redo", () => {
  it("is what was selected before the step, after others wrote before, in and after it", () => {
    const [ada, grace] = sharedPage(["keep this word", "end"])
    ada.select(0, 5, 9)
    ada.type("that")
    ada.select(1, 3)
    sync(ada, grace)
    grace.select(0, 0)
    grace.type("please ")
    grace.dispatch(grace.state.tr.insert(0, schema.node("textblock", { id: "top" }, [schema.text("top")])))
    grace.select(2, 3)
    grace.type("!")
    sync(ada, grace)
    ada.run(ada.history.undo)
    expect(ada.text()).toBe("top\nplease keep this word\nend!")
    expect(selectedText(ada)).toBe("this")
    ada.run(ada.history.redo)
    expect(ada.text()).toBe("top\nplease keep that word\nend!")
    expect(ada.caret()).toEqual([2, 3])
  })

  it("is the other direction's when undone and redone again after others wrote", () => {
    const [ada, grace] = sharedPage(["one two"])
    ada.select(0, 3)
    ada.type("!")
    for (const word of ["a ", "b "]) {
      sync(ada, grace)
      grace.select(0, 0)
      grace.type(word)
      sync(ada, grace)
      ada.run(ada.history.undo)
      expect(ada.caret()[1]).toBe(ada.text().indexOf("one") + 3)
      ada.run(ada.history.redo)
      expect(ada.caret()[1]).toBe(ada.text().indexOf("!") + 1)
    }
  })

  it("is the rule that was deleted", () => {
    const [ada, grace] = withRule()
    selectRule(ada)
    ada.dispatch(ada.state.tr.deleteSelection())
    sync(ada, grace)
    grace.dispatch(grace.state.tr.insert(0, schema.node("textblock", { id: "top" }, [schema.text("top")])))
    sync(ada, grace)
    ada.run(ada.history.undo)
    const { selection } = ada.state
    expect(selection instanceof NodeSelection && selection.node.type.name).toBe("rule")
  })

  it("stays on a selected rule while others write around it", () => {
    const [ada, grace] = withRule()
    selectRule(ada)
    grace.dispatch(grace.state.tr.insert(0, schema.node("textblock", { id: "top" }, [schema.text("top")])))
    sync(ada, grace)
    const { selection } = ada.state
    expect(selection instanceof NodeSelection && selection.node.type.name).toBe("rule")
  })
})
