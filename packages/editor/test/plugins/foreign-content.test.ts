import { BIRTH_UPDATE, BodyWatch, bodyOf, readBody } from "@quire/document"
import { SCHEMA_VERSION } from "@quire/schema"
import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { HeadlessEditor, sharedPage } from "../headless.js"
import { FOREIGN_WRITES, pageOfSchema, SCHEMA_VERSIONS, wordsOfSchema } from "../schema-pages.js"

const foreign = Object.entries(FOREIGN_WRITES)

/** Gives one what it lacks of the other. */
function give(from: Y.Doc, to: Y.Doc): void {
  Y.applyUpdate(to, Y.encodeStateAsUpdate(from, Y.encodeStateVector(to)), "network")
}

/** The state of a ydoc, as bytes that are equal for equal states. */
function stateOf(ydoc: Y.Doc): Uint8Array {
  const copy = new Y.Doc()
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(ydoc))
  return Y.encodeStateAsUpdate(copy)
}

describe("a page that an editor is opened on", () => {
  it.each(SCHEMA_VERSIONS)("of schema version %i loses nothing, and nothing is written", (version) => {
    const ydoc = new Y.Doc()
    Y.applyUpdate(ydoc, pageOfSchema(version))
    const before = stateOf(ydoc)
    let updates = 0
    ydoc.on("update", () => updates++)
    if (version <= SCHEMA_VERSION) {
      const page = new HeadlessEditor(ydoc)
      page.select(1, 0)
      page.frame()
      expect(page.state.doc.textContent).toBe(wordsOfSchema(version).join(""))
      page.close()
    } else {
      expect(() => new HeadlessEditor(ydoc)).toThrow(TypeError)
      const words = readBody(ydoc).map((part) =>
        part.kind === "block" ? textOf(part) : (part as { text: string }).text,
      )
      expect(words.join("")).toBe(wordsOfSchema(version).join(""))
    }
    expect(updates).toBe(0)
    expect(stateOf(ydoc)).toEqual(before)
  })

  it.each(foreign)("is not rendered when it holds %s", (_what, write) => {
    const ydoc = new Y.Doc()
    Y.applyUpdate(ydoc, BIRTH_UPDATE)
    write(ydoc)
    const before = stateOf(ydoc)
    expect(() => new HeadlessEditor(ydoc)).toThrow(/does not fit/)
    readBody(ydoc)
    expect(stateOf(ydoc)).toEqual(before)
  })
})

describe("an editor that something foreign arrives at", () => {
  it.each(foreign)("freezes before rendering %s: nothing is deleted, nothing written", (_what, write) => {
    const [ada, grace] = sharedPage(["hello world", "second"])
    ada.select(1, 6)
    ada.type(" mine")
    const other = new Y.Doc()
    give(grace.ydoc, other)
    write(other)
    const before = ada.updates
    give(other, ada.ydoc)
    expect(ada.updates).toBe(before + 1) // what came, and no answer
    expect(ada.watch.getCheck().ok).toBe(false)
    ada.type(" lost")
    ada.frame()
    ada.select(0, 0)
    expect(ada.updates).toBe(before + 1)
    expect(ada.state.doc.textContent).toBe("hello worldsecond mine")
    give(ada.ydoc, other)
    const union = new Y.Doc()
    give(other, union)
    give(ada.ydoc, union)
    expect(stateOf(ada.ydoc)).toEqual(stateOf(union))
    expect(textIn(ada.ydoc)).toContain("second mine")
    ada.close()
    expect(ada.updates).toBe(before + 1)
  })

  it.each(foreign)("was harmed without the watch: the binding writes when it renders %s", (what, write) => {
    const ydoc = new Y.Doc()
    Y.applyUpdate(ydoc, BIRTH_UPDATE)
    const page = new HeadlessEditor(ydoc)
    page.watch.close()
    const other = new Y.Doc()
    give(ydoc, other)
    write(other)
    const before = page.updates
    let failed = false
    try {
      give(other, ydoc)
    } catch {
      failed = true // a hook, or a stack that overflowed
    }
    page.select(0, 0)
    const isHarmless = /attribute|embedded/.test(what) // until the next edit of that block
    expect(failed || page.updates > before + 1).toBe(!isHarmless)
  })

  it("takes nothing back any more, and stays frozen when the foreign content goes again", () => {
    const [ada, grace] = sharedPage(["hello"])
    ada.select(0, 5)
    ada.type(" there")
    const other = new Y.Doc()
    give(grace.ydoc, other)
    bodyOf(other).push([new Y.XmlElement("table")])
    give(other, ada.ydoc)
    bodyOf(other).delete(1, 1)
    give(other, ada.ydoc)
    const updates = ada.updates
    ada.type("x")
    expect(ada.watch.getCheck()).toEqual({ ok: false, misfit: { kind: "unknown-node", node: "table" } })
    expect(ada.history.canUndo).toBe(true)
    expect(ada.run(ada.history.undo)).toBe(false)
    expect(ada.updates).toBe(updates)
    const opened = new BodyWatch(ada.ydoc)
    expect(opened.getCheck()).toEqual({ ok: true })
    opened.close()
  })

  it("shows no caret of others any more, and tells nobody a wrong place of its own", () => {
    const [ada, grace] = sharedPage(["hello"])
    const other = new Y.Doc()
    give(grace.ydoc, other)
    bodyOf(other).insert(0, [new Y.XmlElement("table")])
    ada.select(0, 3)
    give(other, ada.ydoc)
    const cursor = { anchor: { tname: "body", assoc: 0 }, head: { tname: "body", assoc: -1 } }
    ada.awareness.states.set(77, { user: { name: "Eve" }, cursor })
    ada.awareness.emit("change", [{ added: [77], updated: [], removed: [] }, "remote"])
    ada.frame()
    expect(ada.state.doc.textContent).toBe("hello")
  })

  it("goes on rendering what fits, of every version up to its own", () => {
    const [ada] = sharedPage(["hello"])
    const newer = new Y.Doc()
    Y.applyUpdate(newer, pageOfSchema(SCHEMA_VERSION))
    const before = ada.updates
    give(newer, ada.ydoc)
    expect(ada.watch.getCheck()).toEqual({ ok: true })
    expect(ada.updates).toBe(before + 1)
    for (const word of wordsOfSchema(SCHEMA_VERSION)) expect(ada.state.doc.textContent).toContain(word)
  })
})

function textOf(part: Extract<ReturnType<typeof readBody>[number], { kind: "block" }>): string {
  return (part.block.content ?? []).map((run) => run.text).join("")
}

function textIn(ydoc: Y.Doc): string {
  return readBody(ydoc)
    .map((part) => (part.kind === "block" ? textOf(part) : part.kind === "unknown" ? part.text : ""))
    .join("\n")
}
