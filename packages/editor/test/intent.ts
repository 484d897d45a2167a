import { bodyJson } from "@quire/document"
import { SeededRandom } from "@quire/testing"
import { Fragment, type Node, Slice } from "prosemirror-model"
import { splitBlock, toHeading, toParagraph } from "../src/commands/blocks.js"
import { setLink } from "../src/commands/links.js"
import { indentItems, toggleChecked, toggleList } from "../src/commands/lists.js"
import { toggleStrong } from "../src/commands/marks.js"
import { replaceAll } from "../src/commands/replace.js"
import { moveBlock, removeBlocks } from "./block-edits.js"
import { deliver, type HeadlessEditor, sharedPage } from "./headless.js"
import { type ActionName, PAGE, WORD } from "./intent-names.js"

/**
 * Two people at one page, at the same moment: one does something to the second block, the other types a word, and each
 * hears of the other only then. What becomes of the word?
 */

/** A place to type at. */
export interface Place {
  /** Index of the block. */
  readonly block: number
  /** Where in its text. The halves are beside its third and before its last character. */
  readonly at: "start" | "first half" | "second half" | "end"
}

/** The places that the table tries. */
export const PLACES: readonly Place[] = [
  { block: 0, at: "end" },
  { block: 1, at: "start" },
  { block: 1, at: "first half" },
  { block: 1, at: "second half" },
  { block: 1, at: "end" },
  { block: 2, at: "start" },
  { block: 2, at: "first half" },
  { block: 2, at: "second half" },
  { block: 2, at: "end" },
  { block: 3, at: "start" },
]

/**
 * Why keys do not stay where they were typed. Yjs 13 has no moving: what is moved is a copy, made without the keys that
 * are still on their way.
 */
export const REASONS = {
  deleted: "The block was deleted, and the keys with it.",
  moved: "A moved block is a copy in Yjs, made before the keys came.",
  joined: "Joined text is a copy in Yjs, made before the keys came.",
  split: "Yjs's split tail: the second half is a copy, made before the keys came; they stay at the end of the first.",
  replaced: "The words around it were replaced; it stands where they stood.",
  tie: "Both wrote at the very same place, and the other's words may come first.",
} as const

/** One of the reasons. */
export type Reason = keyof typeof REASONS

/** Something that a person does to a page. */
export interface Action {
  /** Its name in the table. */
  readonly name: ActionName
  /** What it does, in words. */
  readonly does: string
  /** What was done before, and has reached both. */
  readonly prepare?: (actor: HeadlessEditor) => void
  /** Does it. */
  readonly act: (actor: HeadlessEditor) => void
  /** Why keys typed at a place do not stay there; `undefined` where they do. */
  readonly reason: (place: Place) => Reason | undefined
}

/** Everything that the table tries. */
export const ACTIONS: readonly Action[] = [
  {
    name: "type",
    does: "types `abc` in the middle of the second block",
    act: (actor) => {
      actor.select(1, 6)
      for (const key of "abc") actor.type(key)
    },
    reason: () => undefined,
  },
  {
    name: "convert to heading",
    does: "turns the second block into a heading",
    act: (actor) => {
      actor.select(1, 2)
      actor.run(toHeading(2))
    },
    reason: () => undefined,
  },
  {
    name: "convert back and forth",
    does: "turns the second block into a heading, and back into a paragraph",
    act: (actor) => {
      actor.select(1, 2)
      actor.run(toHeading(2))
      actor.run(toParagraph)
    },
    reason: () => undefined,
  },
  {
    name: "toggle list",
    does: "makes the second block a bullet",
    act: (actor) => {
      actor.select(1, 2)
      actor.run(toggleList("bullet"))
    },
    reason: () => undefined,
  },
  {
    name: "indent",
    does: "moves the second block one step in; it and the first are bullets",
    prepare: (actor) => {
      for (const block of [0, 1]) {
        actor.select(block, 0)
        actor.run(toggleList("bullet"))
      }
    },
    act: (actor) => {
      actor.select(1, 2)
      actor.run(indentItems)
    },
    reason: () => undefined,
  },
  {
    name: "check",
    does: "marks the second block, a task, as done",
    prepare: (actor) => {
      actor.select(1, 0)
      actor.run(toggleList("task"))
    },
    act: (actor) => {
      actor.select(1, 2)
      actor.run(toggleChecked)
    },
    reason: () => undefined,
  },
  {
    name: "split",
    does: "presses Enter in the middle of the second block",
    act: (actor) => {
      actor.select(1, 6)
      actor.run(splitBlock(new SeededRandom(7)))
    },
    reason: ({ block, at }) => (block === 1 && isSecondHalf(at) ? "split" : undefined),
  },
  {
    name: "join",
    does: "joins the third block to the second",
    act: (actor) => actor.dispatch(actor.state.tr.join(actor.position(2, 0) - 1)),
    reason: ({ block, at }) => {
      if (block === 1 && at === "end") return "tie"
      return block === 2 ? "joined" : undefined
    },
  },
  {
    name: "move block",
    does: "moves the second block below the third",
    act: (actor) => moveBlock(actor, 1, 2),
    reason: ({ block }) => (block === 1 ? "moved" : undefined),
  },
  {
    name: "delete block",
    does: "deletes the second block",
    act: (actor) => removeBlocks(actor, 1, 2),
    reason: ({ block }) => (block === 1 ? "deleted" : undefined),
  },
  {
    name: "delete + edit the next",
    does: "deletes the second block and writes into the third, in one step",
    act: (actor) => {
      const { tr } = actor.state
      tr.insertText("!", actor.position(2, 7)).delete(actor.position(1, 0) - 1, actor.position(2, 0) - 1)
      actor.dispatch(tr)
    },
    reason: ({ block }) => (block === 1 ? "deleted" : undefined),
  },
  {
    name: "type over several blocks",
    does: "selects from the middle of the second block to the middle of the third and types `abc`",
    act: (actor) => {
      actor.dispatch(actor.state.tr.insertText("abc", actor.position(1, 6), actor.position(2, 8)))
    },
    reason: ({ block, at }) => {
      if (block === 1) return isSecondHalf(at) ? "replaced" : undefined
      if (block === 2) return isSecondHalf(at) ? "joined" : "deleted"
      return undefined
    },
  },
  {
    name: "format",
    does: "makes the second block's text bold",
    act: (actor) => {
      actor.select(1, 0, 9)
      actor.run(toggleStrong)
    },
    reason: () => undefined,
  },
  {
    name: "link",
    does: "makes the second block's text a link",
    act: (actor) => {
      actor.select(1, 0, 9)
      actor.run(setLink("https://example.org"))
    },
    reason: () => undefined,
  },
  {
    name: "replace text",
    does: "replaces `two` in the second block by `2`",
    act: (actor) => actor.dispatch(actor.state.tr.insertText("2", actor.position(1, 6), actor.position(1, 9))),
    reason: ({ block, at }) => (block === 1 && isSecondHalf(at) ? "replaced" : undefined),
  },
  {
    name: "replace all",
    does: "replaces `o` by `0` wherever it stands, so also in the second block's `bravo` and `two`",
    act: (actor) => actor.run(replaceAll("o", "0")),
    reason: ({ block, at }) => (block === 1 && at === "end" ? "replaced" : undefined),
  },
  {
    name: "undo",
    does: "takes back `abc`, typed before in the middle of the second block",
    prepare: (actor) => {
      actor.select(1, 6)
      actor.type("abc")
    },
    act: (actor) => actor.run(actor.history.undo),
    reason: () => undefined,
  },
  {
    name: "redo",
    does: "puts back `abc`, typed before in the middle of the second block and taken back",
    prepare: (actor) => {
      actor.select(1, 6)
      actor.type("abc")
      actor.run(actor.history.undo)
    },
    act: (actor) => actor.run(actor.history.redo),
    reason: () => undefined,
  },
  {
    name: "undo of a deleted block",
    does: "takes the deletion of the first block back",
    prepare: (actor) => {
      actor.dispatch(
        actor.state.tr.insert(0, actor.state.schema.node("textblock", null, actor.state.schema.text("new"))),
      )
      actor.select(0, 0) // so that the deletion is a step of its own
      removeBlocks(actor, 0, 1)
    },
    act: (actor) => actor.run(actor.history.undo),
    reason: () => undefined,
  },
  {
    name: "paste a word",
    does: "pastes `abc` in the middle of the second block",
    act: (actor) => paste(actor, 1, 6, ["abc"]),
    reason: () => undefined,
  },
  {
    name: "paste two blocks",
    does: "pastes two blocks, `abc` and `def`, in the middle of the second block",
    act: (actor) => paste(actor, 1, 6, ["abc", "def"]),
    reason: ({ block, at }) => (block === 1 && isSecondHalf(at) ? "split" : undefined),
  },
]

/** What became of the word. */
export type Outcome =
  /** It is whole, in the block in which it was typed, and beside a character beside which it was typed. */
  | "kept"
  /** All its keys are there, but not so. */
  | "elsewhere"
  /** Keys are missing. */
  | "lost"

/** How a run ended. */
export interface Result {
  /** What became of the word. */
  readonly outcome: Outcome
  /** The page at both, a line a block. */
  readonly page: string
}

/** In which order the two hear of each other, and whose insert comes first where both are at one place. */
export interface Order {
  /** Whether the typist hears of the other's doing before the last key, or the other of the first keys before it. */
  readonly typistHearsFirst: boolean
  /** Whether the typist's words come first at one place. */
  readonly typistIsFirst: boolean
}

/** All orders. */
export const ORDERS: readonly Order[] = [true, false].flatMap((typistHearsFirst) =>
  [true, false].map((typistIsFirst) => ({ typistHearsFirst, typistIsFirst })),
)

/** Lets one person act and the other type, and says what became of the word. Throws if the two do not end equal. */
export function run(action: Action, place: Place, order: Order): Result {
  const [typist, actor] = sharedPage(PAGE, order.typistIsFirst ? [10, 11] : [11, 10])
  action.prepare?.(actor)
  deliver(actor, typist)
  const block = typist.state.doc.child(place.block)
  const offset = offsetOf(place, block.textContent)

  const before = actor.state.doc
  action.act(actor)
  if (actor.state.doc === before) throw new Error(`"${action.name}" does nothing`)
  typist.select(place.block, offset)
  typist.type("X")
  typist.type("Y")
  if (order.typistHearsFirst) deliver(actor, typist)
  else deliver(typist, actor)
  typist.type("Z")
  deliver(actor, typist)
  deliver(typist, actor)

  for (const editor of [typist, actor]) {
    if (JSON.stringify(editor.state.doc) !== JSON.stringify(typist.state.doc))
      throw new Error("the two do not converge")
    if (editor.text() !== typist.text()) throw new Error("doc and ydoc do not say the same")
  }
  const result = { outcome: outcomeIn(typist, block, offset), page: typist.text() }
  typist.close()
  actor.close()
  return result
}

function isSecondHalf(at: Place["at"]): boolean {
  return at === "second half" || at === "end"
}

function offsetOf({ at }: Place, text: string): number {
  return { start: 0, "first half": 3, "second half": text.length - 1, end: text.length }[at]
}

function outcomeIn(editor: HeadlessEditor, typedIn: Node, offset: number): Outcome {
  const block = bodyJson(editor.ydoc).content.find(({ attrs }) => attrs?.id === typedIn.attrs.id)
  const text = (block?.content ?? []).map((piece) => piece.text).join("")
  const at = text.indexOf(WORD)
  const isAfterSame = text[at - 1] === typedIn.textContent[offset - 1]
  const follower = typedIn.textContent[offset]
  const isBeforeSame = follower !== undefined && text[at + WORD.length] === follower
  if (at >= 0 && (isAfterSame || isBeforeSame)) return "kept"
  return [...WORD].every((key) => editor.text().includes(key)) ? "elsewhere" : "lost"
}

function paste(actor: HeadlessEditor, block: number, offset: number, texts: readonly string[]): void {
  const { schema, tr } = actor.state
  const nodes = texts.map((text) => schema.node("textblock", null, schema.text(text)))
  const at = actor.position(block, offset)
  actor.dispatch(tr.replace(at, at, new Slice(Fragment.from(nodes), 1, 1)).setMeta("uiEvent", "paste"))
}
