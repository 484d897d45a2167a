import type { BrowserContext, Locator, Page } from "@playwright/test"

/** The page under test: how it is opened, written in and read. For pages of one's own; Quire's is `quireApp`. */
export interface App {
  /**
   * Where a document is.
   *
   * @param document its name.
   * @param syncUrl where the server's rooms are, such as `ws://127.0.0.1:4400/sync`.
   * @returns an address, absolute or relative to the context's `baseURL`.
   */
  address(document: string, syncUrl: string): string
  /** What people write in. */
  editor(page: Page): Locator
  /** The text as this page shows it; must not depend on who looks. */
  read(page: Page): Promise<string>
  /** Tells the context's pages who sits there, before the first one is opened; without it nobody has a name. */
  introduce?(context: BrowserContext, name: string): Promise<void>
}

/** Quire's own page. */
export const quireApp: App = {
  address: (document) => `/d/${document.split("/").map(encodeURIComponent).join("/")}`,
  editor: quireEditor,
  read: (page) => quireEditor(page).evaluate(readBlocks),
  introduce: async (context, name) => {
    await context.addInitScript(
      (person) => {
        // A name that was changed in the page stays changed.
        localStorage.setItem("quire.person", localStorage.getItem("quire.person") ?? person)
      },
      JSON.stringify({ name, color: colorOf(name) }),
    )
  },
}

/** The same colour for a name in every run, so that people can be told apart in pictures. */
function colorOf(name: string): string {
  const colors = ["#2474bb", "#bb5124", "#15805d", "#8653de", "#966818"]
  const hash = [...name].reduce((sum, letter) => (sum * 33 + (letter.codePointAt(0) ?? 0)) % 1_000_003, 0)
  return colors[hash % colors.length] ?? "#2474bb"
}

function quireEditor(page: Page): Locator {
  return page.getByRole("textbox", { name: "Page text" })
}

/** One line a block, without what the editor draws into the text (others' carets, boxes, arrows). Runs in the page. */
function readBlocks(editor: Element): string {
  const drawn =
    ".ProseMirror-widget, .ProseMirror-trailingBreak, .ProseMirror-separator, .remote-caret, [contenteditable=false]"
  const isBlock = (node: Node): boolean =>
    node instanceof Element && !node.matches(drawn) && !/^(inline|none|contents)/.test(getComputedStyle(node).display)
  const textOf = (node: Node): string => {
    if (node instanceof Text) return node.data
    if (!(node instanceof Element) || node.matches(drawn)) return ""
    return [...node.childNodes].map(textOf).join("")
  }
  const linesOf = (node: Node): string[] => {
    const children = [...node.childNodes]
    if (!children.some(isBlock)) return [textOf(node)]
    return children.flatMap((child) =>
      isBlock(child) ? linesOf(child) : [textOf(child)].filter((text) => text !== ""),
    )
  }
  return linesOf(editor).join("\n")
}
