import type { Node } from "prosemirror-model"
import { Decoration, DecorationSet } from "prosemirror-view"
import { type Person, textColorOn } from "../../person.js"
import type { Stage } from "./activity.js"
import type { RemoteCursor } from "./remote-cursor.js"

/** A cursor and where it is in the doc now. */
export interface Placed {
  /** Whose it is, and where it is for everybody. */
  readonly cursor: RemoteCursor
  /** Where the end of the selection that stays is in the doc. */
  readonly anchor: number
  /** Where the end that moves is. */
  readonly head: number
}

/** Makes somebody's caret for the page. */
export type CreateCaret = (page: Document, clientId: number, person: Person) => HTMLElement

/** Carets, selections and selected nodes of others, as ProseMirror shows them. */
export function draw(
  doc: Node,
  placed: readonly Placed[],
  stages: ReadonlyMap<number, Stage>,
  createCaret: CreateCaret,
): DecorationSet {
  const decorations: Decoration[] = []
  for (const one of placed) {
    const { cursor, anchor, head } = one
    const $head = doc.resolve(head)
    // Between blocks there is no line for a caret to stand in; what is selected there has an outline.
    if ($head.parent.inlineContent) {
      const { clientId, person } = cursor
      // After our own caret where both stand in one place: keys typed beside what is no text go astray in some browsers.
      const spec = { key: `${clientId} ${person.color} ${person.name}`, side: 10, ignoreSelection: true }
      decorations.push(Decoration.widget(head, (view) => createCaret(view.dom.ownerDocument, clientId, person), spec))
      const [from, to] = [$head.before(1), $head.after(1)]
      decorations.push(Decoration.node(from, to, { class: "has-remote-caret" }))
    }
    if (anchor !== head) decorations.push(...drawSelection(doc, one, stages.get(cursor.clientId) ?? "active"))
  }
  return DecorationSet.create(doc, decorations)
}

/** The selected text, and an outline around each node in it that has none. */
function drawSelection(doc: Node, { cursor, anchor, head }: Placed, stage: Stage): readonly Decoration[] {
  const [from, to] = anchor < head ? [anchor, head] : [head, anchor]
  const { name, color } = cursor.person
  // ProseMirror sets styles through CSSOM, which a strict content security policy allows; the colour is #rrggbb.
  const style = `--person: ${color}; --person-text: ${textColorOn(color)}`
  const outline = { class: "remote-node", style, "data-name": name, "data-stage": stage }
  const selected = doc.nodeAt(from)
  if (selected !== null && !selected.isText && from + selected.nodeSize === to) {
    return [Decoration.node(from, to, outline)]
  }
  const decorations = [Decoration.inline(from, to, { class: "remote-selection", style, "data-stage": stage })]
  doc.nodesBetween(from, to, (node, position) => {
    if (node.isAtom && !node.isText && position >= from && position + node.nodeSize <= to) {
      decorations.push(Decoration.node(position, position + node.nodeSize, outline))
    }
  })
  return decorations
}
