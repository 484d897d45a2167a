import { bodyOf } from "@quire/document"
import * as Y from "yjs"
import type { HeadlessEditor } from "./headless.js"

/** The page as its ydoc has it, a line a block: what is set of its attributes, then its text. */
export function outline(page: HeadlessEditor): string {
  return page
    .body()
    .map(({ list, start, checked, indent, quote, kind, level, language, name, text }) => {
      const said = [
        name === "textblock" ? "" : name,
        kind === "heading" ? `h${level}` : "",
        language,
        list,
        start === undefined ? "" : `start ${start}`,
        checked ? "checked" : "",
        indent ? `in ${indent}` : "",
        quote ? `quote ${quote}` : "",
      ].filter((word) => word !== undefined && word !== "")
      return `${said.join(" ")}: ${text}`
    })
    .join("\n")
}

/** What a command writes into the ydoc: the attributes of each block it touched, and how much it deleted. */
export function bytesWritten(
  page: HeadlessEditor,
  run: () => void,
): { readonly attributes: readonly Record<string, unknown>[]; readonly deleted: number } {
  const attributes: Record<string, unknown>[] = []
  let deleted = 0
  const observe = (events: readonly Y.YEvent<Y.AbstractType<unknown>>[]): void => {
    for (const { target, keys } of events) {
      if (!(target instanceof Y.XmlElement)) continue
      const element = target as Y.XmlElement
      attributes.push(Object.fromEntries([...keys.keys()].map((name) => [name, element.getAttribute(name)])))
    }
  }
  const count = (transaction: Y.Transaction): void => {
    for (const ranges of transaction.deleteSet.clients.values()) for (const range of ranges) deleted += range.len
  }
  bodyOf(page.ydoc).observeDeep(observe)
  page.ydoc.on("afterTransaction", count)
  run()
  bodyOf(page.ydoc).unobserveDeep(observe)
  page.ydoc.off("afterTransaction", count)
  return { attributes, deleted }
}
