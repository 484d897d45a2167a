import type { Editor, EditorStatus } from "@quire/editor"
import type { HeadingLevel, ListKind } from "@quire/schema"
import type { ReactNode } from "react"
import { PlainIcon, RedoIcon, UndoIcon } from "../ui/icons.js"
import { BulletIcon, OrderedIcon, QuoteIcon, TaskIcon } from "./tool-icons.js"

/** One thing that can be done to the text, on a button or in the menu. */
export interface Tool {
  /** What it is called. */
  readonly name: string
  /** The keys that do the same, `Mod` being Command or Control; empty when there are none. */
  readonly keys: string
  /** What its button shows. */
  readonly face?: ReactNode
  /** Whether what it does is already so; `undefined` for what is not on or off. */
  readonly isPressed?: boolean
  /** Whether it can do nothing now. */
  readonly isOff?: boolean
  /** Does it. */
  readonly run: (editor: Editor) => void
}

/** The tools by where they stand. */
export interface Tools {
  /** On the bar at every width, in groups. */
  readonly always: readonly (readonly Tool[])[]
  /** On the bar where there is room, else in the menu. */
  readonly roomy: readonly Tool[]
  /** In the menu at every width. */
  readonly rare: readonly Tool[]
}

/** What can be done, and what of it is so now. */
export function toolsFor(status: EditorStatus | undefined): Tools {
  const heading = (level: HeadingLevel): Tool => ({
    name: `Heading ${level}`,
    keys: `Mod-Alt-${level}`,
    face: <span className="tool-letter">H{level}</span>,
    isPressed: status?.block === level,
    run: (editor) => editor.commands.toHeading(level),
  })
  const list = (kind: ListKind, name: string, keys: string, face?: ReactNode): Tool => ({
    name,
    keys,
    face,
    isPressed: status?.list === kind,
    run: (editor) => editor.commands.toggleList(kind),
  })
  const isInList = status !== undefined && status.list !== "none"
  return {
    always: [
      [
        {
          name: "Text",
          keys: "Mod-Alt-0",
          face: <span className="tool-letter">Text</span>,
          isPressed: status?.block === "paragraph" && !isInList,
          run: (editor) => editor.commands.toParagraph(),
        },
        heading(1),
        heading(2),
        heading(3),
      ],
      [
        {
          name: "Bold",
          keys: "Mod-B",
          face: <span className="tool-letter tool-bold">B</span>,
          isPressed: status?.isStrong === true,
          run: (editor) => editor.commands.toggleStrong(),
        },
        {
          name: "Italic",
          keys: "Mod-I",
          face: <span className="tool-letter tool-italic">I</span>,
          isPressed: status?.isEmphasis === true,
          run: (editor) => editor.commands.toggleEmphasis(),
        },
      ],
      [
        {
          name: "Undo",
          keys: "Mod-Z",
          face: <UndoIcon />,
          isOff: status?.canUndo !== true,
          run: (editor) => editor.commands.undo(),
        },
        {
          name: "Redo",
          keys: "Mod-Shift-Z",
          face: <RedoIcon />,
          isOff: status?.canRedo !== true,
          run: (editor) => editor.commands.redo(),
        },
      ],
    ],
    roomy: [
      list("bullet", "Bulleted list", "Mod-Shift-8", <BulletIcon />),
      list("ordered", "Numbered list", "Mod-Shift-7", <OrderedIcon />),
      list("task", "Task list", "Mod-Shift-9", <TaskIcon />),
      {
        name: "Quote",
        keys: "Mod-Shift-.",
        face: <QuoteIcon />,
        isPressed: status?.isQuote === true,
        run: (editor) => editor.commands.toggleQuote(),
      },
      {
        name: "Code block",
        keys: "Mod-Alt-C",
        face: <PlainIcon />,
        isPressed: status?.block === "code",
        run: (editor) => editor.commands.toggleCodeblock(),
      },
    ],
    rare: [
      list("toggle", "Folding list", ""),
      { name: "Move in", keys: "Tab", isOff: !isInList, run: (editor) => editor.commands.indent() },
      { name: "Move out", keys: "Shift-Tab", isOff: !isInList, run: (editor) => editor.commands.outdent() },
      {
        name: "Underline",
        keys: "Mod-U",
        isPressed: status?.isUnderline === true,
        run: (editor) => editor.commands.toggleUnderline(),
      },
      {
        name: "Strikethrough",
        keys: "Mod-Shift-X",
        isPressed: status?.isStrike === true,
        run: (editor) => editor.commands.toggleStrike(),
      },
      {
        name: "Code in text",
        keys: "Mod-E",
        isPressed: status?.isCode === true,
        run: (editor) => editor.commands.toggleCode(),
      },
      { name: "Dividing line", keys: "", run: (editor) => editor.commands.insertRule() },
    ],
  }
}

/** Keys as this device's keyboard names them. */
export function keysHere(keys: string): string {
  const isApple = /Mac|iP(?:hone|ad|od)/.test(navigator.platform)
  const names = isApple
    ? { Mod: "⌘", Alt: "⌥", Shift: "⇧", joint: "" }
    : { Mod: "Ctrl", Alt: "Alt", Shift: "Shift", joint: "+" }
  return keys
    .split("-")
    .map((key) => (key === "Mod" || key === "Alt" || key === "Shift" ? names[key] : key))
    .join(names.joint)
}
