import { isTextblock, type Layout, linkUrl, readLayout } from "@quire/schema"
import type { Node } from "prosemirror-model"
import { Plugin, PluginKey, TextSelection } from "prosemirror-state"
import { Decoration, DecorationSet, type EditorView } from "prosemirror-view"

import { watchForLeaving } from "../leaving.js"
import { readSelection } from "./dom-selection.js"
import { type FoldedSpec, ItemView, tellEditable } from "./item-view.js"
import { listRoles, mapListRoles } from "./list-roles.js"

/**
 * Items: what assistive technology is told of them, and what a click or a key does there: on a task's box, on a toggle's
 * arrow, on a link with Mod held, and Escape before Tab. Which toggles are folded is this view's own affair: it is
 * written nowhere and nobody else sees it.
 */
export function items(): Plugin {
  const isLeaving = watchForLeaving()
  return new Plugin<ItemsState>({
    key: itemsKey,
    state: {
      init: (_config, { doc }) => {
        const roles = DecorationSet.create(doc, [...listRoles(doc)])
        return { folded: new Set(), roles, decorations: roles }
      },
      apply(tr, state, { doc: before }, { doc }) {
        const id: unknown = tr.getMeta(itemsKey)
        if (id === undefined && !tr.docChanged) return state
        const folded = id === undefined ? state.folded : toggled(state.folded, id)
        const roles = tr.docChanged
          ? mapListRoles(state.roles, { before, after: doc, mapping: tr.mapping })
          : state.roles
        return {
          folded,
          roles,
          decorations: folded.size === 0 ? roles : roles.add(doc, [...foldedBlocks(doc, folded)]),
        }
      },
    },
    view: (view) => {
      let wasEditable = view.editable
      return {
        update: () => {
          if (view.editable === wasEditable) return
          wasEditable = view.editable
          for (const control of view.dom.querySelectorAll(CONTROLS)) tellEditable(control, wasEditable)
        },
      }
    },
    props: {
      nodeViews: {
        textblock: (node, view, _getPos, decorations) => new ItemView(node, view, decorations),
      },
      decorations: (state) => itemsKey.getState(state)?.decorations,
      handleKeyDown: (view, event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return false
        return foldAtCaret(view)
      },
      handleDOMEvents: {
        mousedown: (_view, event) => {
          // The caret stays where it is.
          if (!isControl(event.target)) return false
          event.preventDefault()
          return true
        },
        click: (view, event) => handleClick(view, event),
        keydown: (view, event) => {
          // These keys move the focus away at once, and with it the selection that the person comes back to.
          if (isLinkKey(event) || event.key === "F10" || event.key === "Tab") readSelection(view)
          return isLeaving(event)
        },
      },
    },
  })
}

interface ItemsState {
  /** Ids of the folded toggles. */
  readonly folded: ReadonlySet<unknown>
  readonly roles: DecorationSet
  /** The roles and what is folded. */
  readonly decorations: DecorationSet
}

const itemsKey = new PluginKey<ItemsState>("quire-items")

const CONTROLS = ".task-box, .toggle-fold"

function isControl(target: EventTarget | null): target is HTMLElement {
  return target instanceof HTMLElement && target.matches(CONTROLS)
}

function isLinkKey({ key, ctrlKey, metaKey }: KeyboardEvent): boolean {
  return key.toLowerCase() === "k" && (ctrlKey || metaKey)
}

function toggled(folded: ReadonlySet<unknown>, id: unknown): ReadonlySet<unknown> {
  const next = new Set(folded)
  if (!next.delete(id)) next.add(id)
  return next
}

function handleClick(view: EditorView, event: MouseEvent): boolean {
  const { target } = event
  if (isControl(target)) {
    // The box shows what is stored, which a person who may only read does not change.
    event.preventDefault()
    clickControl(view, target)
    return true
  }
  const anchor = target instanceof Element ? target.closest("a[href]") : null
  const url = linkUrl(anchor?.getAttribute("href"))
  if (url === undefined || !view.editable || !(event.ctrlKey || event.metaKey)) return false
  event.preventDefault()
  view.dom.ownerDocument.defaultView?.open(url, "_blank", "noopener,noreferrer")
  return true
}

function clickControl(view: EditorView, control: HTMLElement): void {
  const text = control.nextElementSibling
  if (text === null) return
  const $start = view.state.doc.resolve(view.posAtDOM(text, 0))
  if ($start.depth === 0 || !isTextblock($start.parent)) return
  const [block, position] = [$start.parent, $start.before()]
  const { list, isChecked } = readLayout(block.attrs)
  if (list === "toggle") fold(view, block, position)
  else if (list === "task" && view.editable) {
    view.dispatch(view.state.tr.setNodeAttribute(position, "checked", isChecked ? null : true))
  }
}

/** Folds or unfolds the toggle that the caret is in. */
function foldAtCaret(view: EditorView): boolean {
  const { $head } = view.state.selection
  if ($head.depth === 0 || !isTextblock($head.parent) || readLayout($head.parent.attrs).list !== "toggle") return false
  fold(view, $head.parent, $head.before())
  return true
}

function fold(view: EditorView, toggle: Node, position: number): void {
  const { tr, doc, selection } = view.state
  tr.setMeta(itemsKey, toggle.attrs.id)
  const end = position + toggle.nodeSize
  const isFolded = itemsKey.getState(view.state)?.folded.has(toggle.attrs.id) === true
  // A caret in what is hidden could not be seen: it goes to the end of what hides it.
  if (!isFolded && selection.head > end && selection.head < endOfFold(doc, position)) {
    tr.setSelection(TextSelection.create(doc, end - 1))
  }
  view.dispatch(tr)
}

/** Where the deeper blocks below a toggle end. */
function endOfFold(doc: Node, position: number): number {
  const own = readLayout(doc.nodeAt(position)?.attrs ?? {})
  let end = position + (doc.nodeAt(position)?.nodeSize ?? 0)
  for (let index = doc.resolve(end).index(); index < doc.childCount; index++) {
    if (!isBelow(own, readLayout(doc.child(index).attrs))) break
    end += doc.child(index).nodeSize
  }
  return end
}

/** Marks the folded toggles, and hides what belongs to them: the deeper blocks below. */
function foldedBlocks(doc: Node, folded: ReadonlySet<unknown>): readonly Decoration[] {
  const decorations: Decoration[] = []
  let hidesBelow: Layout | undefined
  doc.forEach((block, position) => {
    const layout = readLayout(block.attrs)
    if (hidesBelow !== undefined && isBelow(hidesBelow, layout)) {
      decorations.push(Decoration.node(position, position + block.nodeSize, { class: "is-folded-away" }))
      return
    }
    hidesBelow = undefined
    if (layout.list !== "toggle" || !folded.has(block.attrs.id)) return
    hidesBelow = layout
    const spec: FoldedSpec = { isFolded: true }
    decorations.push(Decoration.node(position, position + block.nodeSize, { class: "is-folded" }, spec))
  })
  return decorations
}

/** Whether a block that follows a toggle belongs to it. */
function isBelow(toggle: Layout, layout: Layout): boolean {
  return layout.quote === toggle.quote && layout.indent > toggle.indent
}
