import { expect, it } from "vitest"
import { ySyncPluginKey } from "y-prosemirror"
import * as Y from "yjs"
import { type Origin, originOf } from "../src/index.js"

it("tells the editor, undo, others and the program apart", () => {
  const ydoc = new Y.Doc()
  const text = ydoc.getText("t")
  const undo = new Y.UndoManager(text, { trackedOrigins: new Set([ySyncPluginKey]) })
  const seen: Origin[] = []
  ydoc.on("afterTransaction", (transaction) => seen.push(originOf(transaction)))

  ydoc.transact(() => text.insert(0, "mine"), ySyncPluginKey)
  undo.undo()
  text.insert(0, "a program's")
  const other = new Y.Doc()
  other.getText("t").insert(0, "theirs")
  Y.applyUpdate(ydoc, Y.encodeStateAsUpdate(other), "a provider")

  expect(seen).toEqual(["editor", "undo", "program", "remote"])
})
