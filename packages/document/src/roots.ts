import type * as Y from "yjs"

/** Name of the shared root that holds a page's text. It is written into every page and never changes. */
export const BODY_ROOT = "body"

/**
 * The root of a page's text: a `Y.XmlFragment` whose children are the blocks.
 *
 * @throws Error when this ydoc was already told that the root is of another type, so only in a program that did so.
 */
export function bodyOf(ydoc: Y.Doc): Y.XmlFragment {
  return ydoc.getXmlFragment(BODY_ROOT)
}
