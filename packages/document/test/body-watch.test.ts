import { expect, it, vi } from "vitest"
import { ySyncPluginKey } from "y-prosemirror"
import * as Y from "yjs"
import { BIRTH_UPDATE, BodyWatch, bodyOf } from "../src/index.js"

/** A page just born, its watch, and somebody else's copy of it whose writes arrive at once. */
function watchedPage() {
  const ydoc = new Y.Doc()
  const other = new Y.Doc()
  for (const one of [ydoc, other]) Y.applyUpdate(one, BIRTH_UPDATE)
  other.on("update", (update) => Y.applyUpdate(ydoc, update))
  return { ydoc, other, watch: new BodyWatch(ydoc), block: bodyOf(other).get(0) as Y.XmlElement }
}

it("finds what is there already", () => {
  const ydoc = new Y.Doc()
  bodyOf(ydoc).push([new Y.XmlElement("table")])
  expect(new BodyWatch(ydoc).getCheck()).toEqual({ ok: false, misfit: { kind: "unknown-node", node: "table" } })
})

it("finds what arrives, wherever it lands, before those who observe the body hear of it", () => {
  const { ydoc, watch, block } = watchedPage()
  const known: boolean[] = []
  bodyOf(ydoc).observeDeep(() => known.push(watch.getCheck().ok))
  block.setAttribute("kind", "heading")
  ;(block.get(0) as Y.XmlText).insert(0, "fits")
  block.setAttribute("colour", "red")
  expect(known).toEqual([true, true, false])
  expect(watch.getCheck()).toEqual({
    ok: false,
    misfit: { kind: "unknown-attribute", node: "textblock", attribute: "colour" },
  })
})

it("finds it in a block that arrives with everything in it, among others that fit", () => {
  const { other, watch } = watchedPage()
  other.transact(() => {
    for (let index = 0; index < 20; index++) bodyOf(other).push([new Y.XmlElement("textblock")])
    const text = new Y.XmlText()
    const block = new Y.XmlElement("textblock")
    bodyOf(other).insert(7, [block])
    block.push([text])
    text.insert(0, "odd", { highlight: {} })
  })
  expect(watch.getCheck()).toEqual({ ok: false, misfit: { kind: "unknown-mark", mark: "highlight" } })
})

it("finds it when it comes by an update of another format, or when a set-aside update is completed", () => {
  const source = new Y.Doc()
  Y.applyUpdate(source, BIRTH_UPDATE)
  const updates: Uint8Array[] = []
  source.on("update", (update) => updates.push(update))
  bodyOf(source).push([new Y.XmlElement("textblock")])
  ;(bodyOf(source).get(1) as Y.XmlElement).push([new Y.XmlElement("image")])
  const ydoc = new Y.Doc()
  Y.applyUpdate(ydoc, BIRTH_UPDATE)
  const watch = new BodyWatch(ydoc)
  const [first, second] = updates as [Uint8Array, Uint8Array] // one for each write above
  Y.applyUpdate(ydoc, second)
  expect(watch.getCheck()).toEqual({ ok: true })
  Y.applyUpdateV2(ydoc, Y.convertUpdateFormatV1ToV2(first))
  expect(watch.getCheck()).toEqual({ ok: false, misfit: { kind: "unknown-node", node: "image" } })
})

it("lets pass what is deleted again in the same Yjs transaction, and what is in another root", () => {
  const { other, watch } = watchedPage()
  other.transact(() => {
    bodyOf(other).push([new Y.XmlElement("table")])
    bodyOf(other).delete(1, 1)
  })
  other.getMap("elsewhere").set("table", new Y.XmlElement("table"))
  expect(watch.getCheck()).toEqual({ ok: true })
})

it("does not look at what this person's editor writes", () => {
  const { ydoc, watch } = watchedPage()
  ydoc.transact(() => bodyOf(ydoc).push([new Y.XmlElement("table")]), ySyncPluginKey)
  expect(watch.getCheck()).toEqual({ ok: true })
})

it("tells its listeners once, keeps the first finding, and looks no more once it is closed", () => {
  const { other, watch, block } = watchedPage()
  const told = vi.fn()
  const stop = watch.subscribe(vi.fn())
  stop()
  watch.subscribe(told)
  block.setAttribute("colour", "red")
  const found = watch.getCheck()
  bodyOf(other).push([new Y.XmlElement("table")])
  block.removeAttribute("colour")
  expect(told).toHaveBeenCalledTimes(1)
  expect(watch.getCheck()).toBe(found)
  const second = watchedPage()
  second.watch.close()
  second.watch.close()
  second.block.setAttribute("colour", "red")
  expect(second.watch.getCheck()).toEqual({ ok: true })
})
