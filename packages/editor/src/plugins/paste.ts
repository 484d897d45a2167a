import { fromHtml, type HtmlNode, htmlTree, isBlock, isCodeblock, linkUrl, schema } from "@quire/schema"
import { DOMParser, DOMSerializer, type Fragment, type ParseOptions, Slice } from "prosemirror-model"
import { Plugin } from "prosemirror-state"
import { setLink } from "../commands/links.js"

/**
 * What goes over the clipboard: out as HTML with real nested lists and quotes, in from any program's HTML. A pasted
 * address over a selection links it.
 */
export function paste(): Plugin {
  return new Plugin({
    props: {
      clipboardParser: new PageParser(schema, []),
      clipboardSerializer: new PageSerializer({}, {}),
      handlePaste(view, event) {
        const url = linkUrl(event.clipboardData?.getData("text/plain"))
        const { $from, $to, empty } = view.state.selection
        if (url === undefined || empty || !$from.sameParent($to) || isCodeblock($from.parent)) return false
        return setLink(url)(view.state, view.dispatch)
      },
    },
  })
}

/** Reads pasted HTML by the schema's own reader, which knows how lists and quotes lie in one another. */
class PageParser extends DOMParser {
  override parseSlice(dom: globalThis.Node, options: ParseOptions = {}): Slice {
    return Slice.maxOpen(fromHtml(dom, { keepsSpace: options.preserveWhitespace !== false }).content)
  }
}

class PageSerializer extends DOMSerializer {
  override serializeFragment(
    fragment: Fragment,
    options: { document?: Document } = {},
    target?: HTMLElement | DocumentFragment,
  ): HTMLElement | DocumentFragment {
    const page = options.document ?? document
    const into = target ?? page.createDocumentFragment()
    const blocks = fragment.content.every(isBlock)
      ? fragment.content
      : [schema.node("textblock", null, fragment.content)]
    for (const node of htmlTree(blocks)) into.appendChild(domOf(page, node))
    return into
  }
}

function domOf(page: Document, node: HtmlNode): globalThis.Node {
  if (typeof node === "string") return page.createTextNode(node)
  const element = page.createElement(node.tag)
  for (const [name, value] of Object.entries(node.attributes)) element.setAttribute(name, value)
  for (const child of node.children) element.appendChild(domOf(page, child))
  return element
}
