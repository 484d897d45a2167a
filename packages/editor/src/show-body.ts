import type { ReadableBlock } from "@quire/document"
import { schema } from "@quire/schema"
import { DOMSerializer } from "prosemirror-model"

/** What stands in place of what cannot be shown. */
export interface BodyWords {
  /** For something that the schema does not know. */
  readonly unknown: string
  /** Where more follows than is read. */
  readonly more: string
}

/** A page's text without an editor: nothing of it can be changed, and nothing is bound to the ydoc. */
export interface ShownBody {
  /** Shows these blocks instead. What did not change stays in the page, and so does a selection in it. */
  update(blocks: readonly ReadableBlock[]): void
  /** Takes the text out of the page. May be called twice. */
  close(): void
}

/** Shows what `readBody` has read, as the editor would show it, in an empty element. */
export function showBody(mount: HTMLElement, words: BodyWords): ShownBody {
  const serializer = DOMSerializer.fromSchema(schema)
  let shown: readonly string[] = []
  return {
    update(blocks) {
      const next = blocks.map((block) => JSON.stringify(block))
      let from = 0
      while (from < next.length && next[from] === shown[from]) from++
      let end = 0
      const shorter = Math.min(next.length, shown.length) - from
      while (end < shorter && next.at(-1 - end) === shown.at(-1 - end)) end++
      for (let gone = shown.length - end - from; gone > 0; gone--) mount.children.item(from)?.remove()
      const fresh = mount.ownerDocument.createDocumentFragment()
      for (const block of blocks.slice(from, blocks.length - end)) fresh.append(elementOf(block))
      mount.insertBefore(fresh, mount.children.item(from))
      shown = next
    },
    close() {
      mount.replaceChildren()
      shown = []
    },
  }

  function elementOf(block: ReadableBlock): Node {
    if (block.kind === "block") return knownElement(block)
    const box = mount.ownerDocument.createElement("div")
    box.className = "unknown-part"
    const label = box.appendChild(mount.ownerDocument.createElement("p"))
    label.className = "unknown-label"
    label.textContent = block.kind === "more" ? words.more : words.unknown
    if (block.kind === "unknown" && block.text !== "") {
      box.appendChild(mount.ownerDocument.createElement("p")).textContent = block.text
    }
    return box
  }

  function knownElement({ block }: Extract<ReadableBlock, { kind: "block" }>): Node {
    const texts = (block.content ?? []).map(({ text, marks = [] }) =>
      schema.text(
        text,
        marks.map((mark) => schema.mark(mark.type, mark.attrs)),
      ),
    )
    const element = serializer.serializeNode(schema.node(block.type, block.attrs, texts), {
      document: mount.ownerDocument,
    })
    if (!(element instanceof Element)) return element
    // A task's box and a toggle's arrow show how things are, and do nothing here.
    for (const control of element.querySelectorAll("input, button")) control.setAttribute("disabled", "")
    // An item is one only within a list, which an editor adds around it.
    for (const item of [element, ...element.querySelectorAll("[role=listitem]")]) {
      if (item.getAttribute("role") !== "listitem") continue
      item.removeAttribute("role")
      item.removeAttribute("aria-level")
    }
    return element
  }
}
