import type { Node } from "prosemirror-model"
import type { Decoration, EditorView } from "prosemirror-view"
import { SteadyBlock } from "./composition.js"
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
export class ItemView extends SteadyBlock {
  readonly #control: HTMLElement | undefined
  readonly #view: EditorView

  constructor(node: Node, view: EditorView, decorations: readonly Decoration[]) {
    super(node, view)
    this.#control = this.dom.querySelector<HTMLElement>(".task-box, .toggle-fold") ?? undefined
    this.#view = view
    const item = this.dom.querySelector('[role="listitem"]')
    if (item !== null) item.id = itemId(node)
    this.#tellControl(decorations)
  }

  override update(node: Node, decorations: readonly Decoration[]): boolean {
    // Another place or kind of list is other markup, and drawn anew.
    const stays = super.update(node, decorations)
    if (stays) this.#tellControl(decorations)
    return stays
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
