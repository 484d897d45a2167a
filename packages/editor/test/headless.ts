import { BIRTH_UPDATE, BodyWatch, bodyJson } from "@quire/document"
import { FakeClock, SeededRandom } from "@quire/testing"
import type { Command, EditorState, Plugin, PluginView, Transaction } from "prosemirror-state"
import { TextSelection } from "prosemirror-state"
import type { EditorView } from "prosemirror-view"
import { Awareness } from "y-protocols/awareness"
import * as Y from "yjs"
import { createEditorState } from "../src/editor-state.js"
import { EditHistory } from "../src/plugins/undo.js"

/** The time from one frame to the next. */
export const FRAME_MS = 16

/**
 * An editor without a screen: the real state, the real plugins, the real ydoc; only the DOM under the view is missing.
 * `run` and `type` are the person at it.
 */
export class HeadlessEditor {
  readonly ydoc: Y.Doc
  readonly awareness: Awareness
  readonly history: EditHistory
  /** Whether what is in the page still fits the schema. */
  readonly watch: BodyWatch
  readonly clock: FakeClock = new FakeClock()
  /** Updates that this ydoc emitted since it was opened, whoever made them. */
  updates = 0
  state: EditorState
  readonly #frames: (() => void)[] = []
  readonly #pluginViews: PluginView[]
  readonly #view: EditorView

  constructor(ydoc: Y.Doc, extra: readonly Plugin[] = [], history: EditHistory = new EditHistory(ydoc)) {
    this.ydoc = ydoc
    this.awareness = new Awareness(ydoc)
    this.history = history
    this.watch = new BodyWatch(ydoc)
    ydoc.on("update", () => this.updates++)
    this.state = createEditorState({
      ydoc,
      watch: this.watch,
      awareness: this.awareness,
      history: this.history,
      random: new SeededRandom(ydoc.clientID),
      clock: this.clock,
      hint: "Write",
      extra,
    })
    this.#view = this.#viewWithoutDom()
    this.#pluginViews = this.state.plugins.flatMap((plugin) => plugin.spec.view?.(this.#view) ?? [])
  }

  /** What stands in the page, a line a block, headings with as many # as their level. */
  text(): string {
    return linesOf(this.ydoc)
  }

  /** The blocks as the ydoc has them: the attributes that are stored, the node's name and the text. */
  body(): readonly Record<string, unknown>[] {
    return bodyJson(this.ydoc).content.map(({ type, attrs, content }) => ({
      ...attrs,
      name: type,
      text: (content ?? []).map((run) => run.text).join(""),
    }))
  }

  ids(): unknown[] {
    return this.state.doc.content.content.map((block) => block.attrs.id)
  }

  dispatch(tr: Transaction): void {
    const previous = this.state
    this.state = previous.apply(tr)
    for (const view of this.#pluginViews) view.update?.(this.#view, previous)
  }

  run(command: Command): boolean {
    return command(this.state, (tr) => this.dispatch(tr), this.#view)
  }

  type(text: string): void {
    this.dispatch(this.state.tr.insertText(text))
  }

  /** The position in the doc of an offset in a block's text. */
  position(block: number, offset: number): number {
    return this.#startOf(block) + offset
  }

  /** Puts the caret into a block, at an offset in its text, or extends it to a second offset. */
  select(block: number, from: number, to = from): void {
    const start = this.#startOf(block)
    this.dispatch(this.state.tr.setSelection(TextSelection.create(this.state.doc, start + from, start + to)))
  }

  /** Where the caret is: block and offset. */
  caret(): readonly [block: number, offset: number] {
    const { $head } = this.state.selection
    return [$head.index(0), $head.parentOffset]
  }

  /** Whether a frame has been asked for. */
  get wantsFrame(): boolean {
    return this.#frames.length > 0
  }

  /** Lets the browser paint. */
  paint(): void {
    for (const run of this.#frames.splice(0)) run()
  }

  /** Lets the browser paint, and then do what waits for that: the time of a frame goes by. */
  frame(): void {
    this.paint()
    this.clock.advance(FRAME_MS)
  }

  close(): void {
    for (const view of this.#pluginViews) view.destroy?.()
    this.history.close()
    this.watch.close()
    this.awareness.destroy()
  }

  #startOf(block: number): number {
    let start = 1
    for (let index = 0; index < block; index++) start += this.state.doc.child(index).nodeSize
    return start
  }

  #viewWithoutDom(): EditorView {
    const self = this
    const dom = Object.assign(new EventTarget(), {
      ownerDocument: {
        defaultView: {
          requestAnimationFrame: (run: () => void) => self.#frames.push(run),
          cancelAnimationFrame: () => self.#frames.splice(0),
        },
      },
    })
    const view = {
      get state() {
        return self.state
      },
      dom,
      editable: true,
      dispatch: (tr: Transaction) => self.dispatch(tr),
      hasFocus: () => false,
    }
    return view as unknown as EditorView // the parts that our plugins and the binding touch
  }
}

/** A page just born, for one person. */
export function newPage(clientId = 10): HeadlessEditor {
  const ydoc = new Y.Doc()
  ydoc.clientID = clientId
  Y.applyUpdate(ydoc, BIRTH_UPDATE)
  return new HeadlessEditor(ydoc)
}

/**
 * One page with the given lines, open at two people. Nothing travels until `sync`.
 *
 * @param clientIds Yjs's ids of the two editors: of two inserts at one place, the lower id's comes first.
 * @param extra further plugins of the first editor.
 */
export function sharedPage(
  lines: readonly string[],
  clientIds: readonly [number, number] = [10, 11],
  extra: readonly Plugin[] = [],
): readonly [HeadlessEditor, HeadlessEditor] {
  const update = pageOf(lines)
  const open = (clientId: number, plugins: readonly Plugin[] = []): HeadlessEditor => {
    const ydoc = new Y.Doc()
    ydoc.clientID = clientId
    Y.applyUpdate(ydoc, update)
    return new HeadlessEditor(ydoc, plugins)
  }
  return [open(clientIds[0], extra), open(clientIds[1])]
}

const pages = new Map<string, Uint8Array>()

/** The page with the given lines, as one update. Typed once: tables ask for the same page hundreds of times. */
function pageOf(lines: readonly string[]): Uint8Array {
  const key = lines.join("\n")
  const known = pages.get(key)
  if (known !== undefined) return known
  const author = newPage(9)
  lines.forEach((line, index) => {
    if (index > 0)
      author.dispatch(author.state.tr.insert(author.state.doc.content.size, author.state.schema.node("textblock")))
    author.select(index, 0)
    author.type(line)
  })
  const update = Y.encodeStateAsUpdate(author.ydoc)
  author.close()
  pages.set(key, update)
  return update
}

/** Gives one what it lacks of the other. */
export function deliver(from: HeadlessEditor, to: HeadlessEditor): void {
  Y.applyUpdate(to.ydoc, Y.encodeStateAsUpdate(from.ydoc, Y.encodeStateVector(to.ydoc)), "network")
}

/** Gives each what the other lacks. */
export function sync(a: HeadlessEditor, b: HeadlessEditor): void {
  deliver(a, b)
  deliver(b, a)
}

/** The text of a ydoc's body, a line a block, headings with as many # as their level. */
export function linesOf(ydoc: Y.Doc): string {
  return bodyJson(ydoc)
    .content.map((block) => {
      const prefix = block.attrs?.kind === "heading" ? `${"#".repeat(Number(block.attrs.level))} ` : ""
      return prefix + (block.content ?? []).map((run) => run.text).join("")
    })
    .join("\n")
}
