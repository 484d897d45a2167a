import { WebsocketProvider } from "y-websocket"
import * as Y from "yjs"

/** A page of somebody else: a text area bound to a ydoc over plain y-websocket. `elsewhere.ts` bundles it. */
const query = new URLSearchParams(location.search)
const ydoc = new Y.Doc()
const text = ydoc.getText("text")
const area = document.querySelector("textarea") as HTMLTextAreaElement // it is in the page that loads this script
const provider = new WebsocketProvider(query.get("server") ?? "", query.get("room") ?? "", ydoc, { disableBc: true })

area.addEventListener("input", () => {
  const old = text.toString()
  const now = area.value
  let start = 0
  while (start < old.length && old[start] === now[start]) start++
  let end = 0
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end)) end++
  ydoc.transact(() => {
    text.delete(start, old.length - start - end)
    text.insert(start, now.slice(start, now.length - end))
  })
})
text.observe((event) => {
  if (event.transaction.local) return
  const { selectionStart } = area
  area.value = text.toString()
  area.setSelectionRange(selectionStart, selectionStart)
})
provider.once("sync", () => {
  area.readOnly = false
})
