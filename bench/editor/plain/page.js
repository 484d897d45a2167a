// A page with as little around the binding as there can be: sync, carets, undo, the base keys.
//   /?room=NAME&server=ws://HOST/sync
import { baseKeymap } from "prosemirror-commands"
import { keymap } from "prosemirror-keymap"
import { EditorState } from "prosemirror-state"
import { EditorView } from "prosemirror-view"
import { initProseMirrorDoc, redo, undo, yCursorPlugin, ySyncPlugin, yUndoPlugin } from "y-prosemirror"
import { WebsocketProvider } from "y-websocket"
import * as Y from "yjs"
import { schema } from "./schema.js"

const query = new URLSearchParams(location.search)
const ydoc = new Y.Doc()
const provider = new WebsocketProvider(query.get("server"), query.get("room"), ydoc, { disableBc: true })
provider.awareness.setLocalStateField("user", { name: "Reader", color: "#2f5fd0" })
const body = ydoc.getXmlFragment("prosemirror")
const { doc, mapping } = initProseMirrorDoc(body, schema)
new EditorView(document.querySelector("#mount"), {
  state: EditorState.create({
    doc,
    schema,
    plugins: [
      ySyncPlugin(body, { mapping }),
      yCursorPlugin(provider.awareness),
      yUndoPlugin(),
      keymap({ "Mod-z": undo, "Mod-y": redo, "Mod-Shift-z": redo }),
      keymap(baseKeymap),
    ],
  }),
})
