import { type DOMOutputSpec, DOMSerializer, type Node } from "prosemirror-model"
import type { Decoration, EditorView, NodeView } from "prosemirror-view"
import { itemId } from "./list-roles.js"

/** What a decoration says of a toggle whose deeper blocks are hidden. */
export interface FoldedSpec {
  /** Tells it from other decorations. */
  readonly isFolded: true
}

/**
 * A textblock drawn as the schema says, with what the schema cannot know: the element id of an item, and told to the
 * control before its text whether a toggle is folded in this view, and whether the person may write.
 */
export class ItemView implements NodeView {
  readonly dom: HTMLElement
  readonly contentDOM: HTMLElement
  #control: HTMLElement | undefined
  readonly #view: EditorView
  #node: Node

  constructor(node: Node, view: EditorView, decorations: readonly Decoration[]) {
    const spec = node.type.spec.toDOM?.(node) as DOMOutputSpec // textblocks have one
    const { dom, contentDOM } = DOMSerializer.renderSpec(view.dom.ownerDocument, spec)
    this.dom = dom as HTMLElement // the schema draws textblocks as elements
    this.contentDOM = contentDOM as HTMLElement // and they hold text
    this.#view = view
    this.#node = node
    const item = this.dom.firstElementChild
    if (item === null) return // most blocks are none
    item.id = itemId(node)
    this.#control = this.dom.querySelector<HTMLElement>(".task-box, .toggle-fold") ?? undefined
    this.#tellControl(decorations)
  }

  update(node: Node, decorations: readonly Decoration[]): boolean {
    // Another place or kind of list is other markup.
    if (!node.sameMarkup(this.#node)) return false
    this.#node = node
    this.#tellControl(decorations)
    return true
  }

  ignoreMutation(mutation: MutationRecord | { readonly type: "selection" }): boolean {
    return mutation.type === "attributes" && mutation.target === this.#control
  }

  #tellControl(decorations: readonly Decoration[]): void {
    const control = this.#control
    if (control === undefined) return
    if (control.matches(".toggle-fold")) {
      const isFolded = decorations.some(({ spec }) => (spec as Partial<FoldedSpec>).isFolded === true)
      control.setAttribute("aria-expanded", String(!isFolded))
    }
    tellEditable(control, this.#view.editable)
  }
}

/**
 * What a control is to somebody who may only read: a toggle, which no key of the text folds then, is reached by Tab; a
 * task's box cannot be changed.
 */
export function tellEditable(control: Element, isEditable: boolean): void {
  if (control.matches(".toggle-fold")) control.setAttribute("tabindex", isEditable ? "-1" : "0")
  else control.setAttribute("aria-readonly", String(!isEditable))
}
