import type { Clock, Random } from "@quire/base"
import { BodyWatch } from "@quire/document"
import type { HeadingLevel, ListKind } from "@quire/schema"
import { type Command, Plugin } from "prosemirror-state"
import { EditorView } from "prosemirror-view"
import type { Awareness } from "y-protocols/awareness"
import type * as Y from "yjs"
import { insertRule, toHeading, toParagraph } from "./commands/blocks.js"
import { toggleCodeblock } from "./commands/code.js"
import { removeLink, setLink } from "./commands/links.js"
import { indentItems, outdentItems, toggleChecked, toggleList } from "./commands/lists.js"
import { toggleCode, toggleEmphasis, toggleStrike, toggleStrong, toggleUnderline } from "./commands/marks.js"
import { toggleQuote } from "./commands/quotes.js"
import { createEditorState } from "./editor-state.js"
import { codeEdges } from "./plugins/code-edges.js"
import { isFrozen } from "./plugins/foreign-content.js"
import { items } from "./plugins/items.js"
import { LONG_PAGE_BLOCKS, longPage } from "./plugins/long-page.js"
import { paste } from "./plugins/paste.js"
import { EditHistory } from "./plugins/undo.js"
import { viewAnchor } from "./plugins/view-anchor.js"
import { type EditorStatus, readStatus } from "./status.js"

/** What an editor needs. It owns none of it: ydoc and awareness stay open after `close`. */
export interface EditorOptions {
  /** The element to put the editor into, empty and in the page. */
  readonly mount: HTMLElement
  /** The page's ydoc, synced at least once. */
  readonly ydoc: Y.Doc
  /**
   * Watches the body of this ydoc and has found nothing that does not fit; it stays open after `close`. When it finds
   * something later, the editor freezes: it renders nothing, and nobody can write in it any more. Left out, the editor
   * has a watch of its own.
   */
  readonly watch?: BodyWatch | undefined
  /** Who is present. The editor keeps the field `cursor` of the own state. */
  readonly awareness: Awareness
  /** Where the ids of new blocks come from. */
  readonly random: Random
  /** Time, for what shows for a moment. */
  readonly clock: Clock
  /** Whether the person may write; `setEditable` changes it. */
  readonly isEditable: boolean
  /** The editor's name for assistive technology. */
  readonly label: string
  /** What an empty page says to the eye. */
  readonly hint: string
}

/** What buttons and menus can do. Each tells whether it applied; none does while the person may not write. */
export interface EditorCommands {
  /** Turn the selected blocks into paragraphs. */
  toParagraph(): boolean
  /** Turn the selected blocks into headings. */
  toHeading(level: HeadingLevel): boolean
  /** Make the selection strong, or plain again. */
  toggleStrong(): boolean
  /** Make the selection emphasised, or plain again. */
  toggleEmphasis(): boolean
  /** Underline the selection, or take that back. */
  toggleUnderline(): boolean
  /** Strike the selection through, or take that back. */
  toggleStrike(): boolean
  /** Make the selection code within the text, or text again. */
  toggleCode(): boolean
  /** Make the selected blocks items of a list, or plain again where all of them are. */
  toggleList(kind: ListKind): boolean
  /** Move the selected items one step in. */
  indent(): boolean
  /** Move the selected items one step out. */
  outdent(): boolean
  /** Mark the selected tasks as done, or as not done where all of them are. */
  toggleChecked(): boolean
  /** Put the selected blocks into a quote, or take them out of it. */
  toggleQuote(): boolean
  /** Turn the selected blocks into one block of code, or back into text. */
  toggleCodeblock(): boolean
  /** Draw a line across the page at the caret. */
  insertRule(): boolean
  /** Link the selection, or change the link at the caret. Does not apply when the target is no address. */
  setLink(target: string): boolean
  /** Take the link at the caret or in the selection away; its text stays. */
  removeLink(): boolean
  /** Take the person's newest step back. */
  undo(): boolean
  /** Put the step back that was taken back last. */
  redo(): boolean
}

/** One mounted editor. */
export interface Editor {
  /** ProseMirror's view, for those who need its DOM or state. */
  readonly view: EditorView
  /** What buttons and menus can do. */
  readonly commands: EditorCommands
  /** What a toolbar shows now: the same object until something in it changes. */
  readonly getStatus: () => EditorStatus
  /** Calls `listener` after the status changed. Returns the undo. */
  readonly subscribe: (listener: () => void) => () => void
  /** Let the person write, or only read. */
  setEditable(isEditable: boolean): void
  /** Put the caret where it was, or at the start. */
  focus(): void
  /** Takes the editor out of the page and forgets the steps. May be called twice. */
  close(): void
}

/**
 * Mounts an editor on a page. Renders once, and writes nothing until the person does.
 *
 * @throws TypeError if the body does not fit the schema: rendering it would delete what does not fit, for everybody.
 */
export function createEditor(options: EditorOptions): Editor {
  const { ydoc, awareness, random, clock, hint } = options
  const watch = options.watch ?? new BodyWatch(ydoc)
  const history = new EditHistory(ydoc)
  const listeners = new Set<() => void>()
  let isEditable = options.isEditable
  let status: EditorStatus | undefined

  const refresh = (): void => {
    const facts = { isEditable: isEditable && !isFrozen(view.state) }
    const next = readStatus(view.state, history, status === undefined ? facts : { ...facts, previous: status })
    if (next === status) return
    status = next
    for (const listener of listeners) listener()
  }
  const refreshing = new Plugin({ view: () => ({ update: () => refresh() }) })

  const view: EditorView = new EditorView(options.mount, {
    state: createEditorState({
      ydoc,
      watch,
      awareness,
      history,
      random,
      clock,
      hint,
      extra: [paste(), items(), codeEdges(), longPage(), viewAnchor(ydoc), refreshing],
    }),
    editable: () => isEditable,
    attributes: (state) => ({
      role: "textbox",
      "aria-multiline": "true",
      "aria-label": options.label,
      "aria-readonly": String(!isEditable || isFrozen(state)),
      // What cannot be written in is no stop for the keyboard by itself, and its text could not be scrolled with keys.
      ...(isEditable ? {} : { tabindex: "0" }),
      class: state.doc.childCount < LONG_PAGE_BLOCKS ? "page-text" : "page-text is-long",
      // A browser's translator rewrites the page's DOM, which the editor would take for typing.
      translate: "no",
    }),
  })
  const stopWatching = history.subscribe(refresh)

  const run = (command: Command): boolean => view.editable && command(view.state, view.dispatch, view)
  return {
    view,
    commands: {
      toParagraph: () => run(toParagraph),
      toHeading: (level) => run(toHeading(level)),
      toggleStrong: () => run(toggleStrong),
      toggleEmphasis: () => run(toggleEmphasis),
      toggleUnderline: () => run(toggleUnderline),
      toggleStrike: () => run(toggleStrike),
      toggleCode: () => run(toggleCode),
      toggleList: (kind) => run(toggleList(kind)),
      indent: () => run(indentItems),
      outdent: () => run(outdentItems),
      toggleChecked: () => run(toggleChecked),
      toggleQuote: () => run(toggleQuote),
      toggleCodeblock: () => run(toggleCodeblock),
      insertRule: () => run(insertRule(random)),
      setLink: (target) => run(setLink(target)),
      removeLink: () => run(removeLink),
      undo: () => run(history.undo),
      redo: () => run(history.redo),
    },
    getStatus: () => {
      status ??= readStatus(view.state, history, { isEditable: isEditable && !isFrozen(view.state) })
      return status
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    setEditable: (next) => {
      if (next === isEditable || view.isDestroyed) return
      isEditable = next
      const hadFocus = view.dom.ownerDocument.activeElement === view.dom
      view.setProps({}) // makes the view ask `editable` and `attributes` again
      // Browsers take the focus from what stops being written in; whoever reads on reads on from here.
      if (hadFocus) view.dom.focus({ preventScroll: true })
      refresh()
    },
    focus: () => view.focus(),
    close: () => {
      stopWatching()
      listeners.clear()
      if (!view.isDestroyed) view.destroy()
      history.close()
      if (watch !== options.watch) watch.close()
    },
  }
}
