import { isTextblock, linkUrl, readLayout } from "@quire/schema"
import type { Node } from "prosemirror-model"
import { Plugin, PluginKey } from "prosemirror-state"
import { Decoration, DecorationSet, type EditorView } from "prosemirror-view"

import { readSelection } from "./dom-selection.js"

/**
 * What a click does in the text: on a task's box, on a toggle's arrow, and on a link with Mod held. Which toggles are
 * folded is this view's own affair: it is written nowhere and nobody else sees it.
 */
export function items(): Plugin {
  return new Plugin<ReadonlySet<unknown>>({
    key: itemsKey,
    state: {
      init: () => new Set(),
      apply(tr, folded) {
        const id: unknown = tr.getMeta(itemsKey)
        if (id === undefined) return folded
        const next = new Set(folded)
        if (!next.delete(id)) next.add(id)
        return next
      },
    },
    props: {
      decorations(state) {
        const folded = itemsKey.getState(state)
        return folded === undefined || folded.size === 0 ? null : foldedDecorations(state.doc, folded)
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
          // The key for links moves the focus away at once, and with it the selection that it is meant for.
          if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) readSelection(view)
          return false
        },
      },
    },
  })
}

const itemsKey = new PluginKey<ReadonlySet<unknown>>("quire-items")

function isControl(target: EventTarget | null): target is HTMLElement {
  return target instanceof HTMLElement && target.matches(".task-box, .toggle-fold")
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
  if (list === "toggle") view.dispatch(view.state.tr.setMeta(itemsKey, block.attrs.id))
  else if (list === "task" && view.editable) {
    view.dispatch(view.state.tr.setNodeAttribute(position, "checked", isChecked ? null : true))
  }
}

/** Marks the folded toggles, and hides what belongs to them: the deeper blocks below. */
function foldedDecorations(doc: Node, folded: ReadonlySet<unknown>): DecorationSet {
  const decorations: Decoration[] = []
  let hidesBelow: { readonly indent: number; readonly quote: number } | undefined
  doc.forEach((block, position) => {
    const layout = readLayout(block.attrs)
    if (hidesBelow !== undefined && layout.quote === hidesBelow.quote && layout.indent > hidesBelow.indent) {
      decorations.push(Decoration.node(position, position + block.nodeSize, { class: "is-folded-away" }))
      return
    }
    hidesBelow = undefined
    if (layout.list !== "toggle" || !folded.has(block.attrs.id)) return
    hidesBelow = layout
    decorations.push(Decoration.node(position, position + block.nodeSize, { class: "is-folded" }))
  })
  return DecorationSet.create(doc, decorations)
}
