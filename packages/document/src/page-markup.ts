import { type HtmlElement, type HtmlNode, htmlText, htmlTree, schema } from "@quire/schema"
import * as Y from "yjs"
import { type ReadableBlock, readBody } from "./readable.js"

/**
 * A page's text as markup for people who only read, from the updates that its document is made of. It has no ids, no
 * scripts and no addresses but those of links; what the schema does not know is told by its words alone. Bounded by
 * `READABLE_LIMITS`, whatever the document holds.
 *
 * @throws what Yjs throws if the updates are none.
 */
export function pageMarkup(updates: readonly Uint8Array[]): string {
  const ydoc = new Y.Doc()
  try {
    ydoc.transact(() => {
      for (const update of updates) Y.applyUpdate(ydoc, update)
    })
    return htmlText(blocksTree(readBody(ydoc)).map(forReaders))
  } finally {
    ydoc.destroy()
  }
}

/** Neighbouring blocks together, so that lists and quotes are as long as they look. */
function blocksTree(blocks: readonly ReadableBlock[]): HtmlNode[] {
  const tree: HtmlNode[] = []
  let run: Parameters<typeof htmlTree>[0][number][] = []
  const endRun = (): void => {
    tree.push(...htmlTree(run))
    run = []
  }
  for (const part of blocks) {
    if (part.kind === "block") {
      run.push(schema.nodeFromJSON(part.block))
      continue
    }
    endRun()
    const text = part.kind === "more" ? MORE : part.text
    if (text !== "") tree.push({ tag: "p", attributes: { class: "unknown" }, children: [text] })
  }
  endRun()
  return tree
}

/** The title is the page's first heading, and boxes are told to those who do not see them. */
function forReaders(node: HtmlNode): HtmlNode {
  if (typeof node === "string") return node
  const { tag, attributes } = node
  if (tag === "input") return box("checked" in attributes)
  const heading = /^h([1-5])$/.exec(tag)?.[1]
  const children = node.children.map(forReaders)
  return { tag: heading === undefined ? tag : `h${Number(heading) + 1}`, attributes, children }
}

function box(isChecked: boolean): HtmlElement {
  const [name, sign] = isChecked ? ["Done:", "☑"] : ["Open:", "☐"]
  return { tag: "span", attributes: { class: "box", role: "img", "aria-label": name }, children: [sign] }
}

const MORE = "The page goes on, but no more of it is shown here."
