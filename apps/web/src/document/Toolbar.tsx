import type { Editor, EditorStatus } from "@quire/editor"
import { type ReactNode, useRef, useState } from "react"
import { RedoIcon, UndoIcon } from "../ui/icons.js"
import "./toolbar.css"

interface Tool {
  readonly name: string
  /** The keys that do the same, for the tooltip; `Mod` is Command or Control. */
  readonly keys: string
  readonly face: ReactNode
  /** Whether what it does is already so; `undefined` for what is not on or off. */
  readonly isPressed?: boolean
  readonly isOff?: boolean
  readonly run: (editor: Editor) => void
}

interface ToolbarProps {
  /** The editor; `undefined` until the text is there. */
  readonly editor: Editor | undefined
  readonly status: EditorStatus | undefined
  readonly ref?: React.Ref<HTMLDivElement>
}

/**
 * What can be done to the selected text. One tab stop; arrow keys, Home and End move inside; Escape goes back to the
 * text. A click leaves the focus, and so the selection, where it is.
 */
export function Toolbar({ editor, status, ref }: ToolbarProps): React.ReactNode {
  const [current, setCurrent] = useState(0)
  const container = useRef<HTMLDivElement>(null)
  const groups = toolGroups(status)
  const count = groups.flat().length

  const handleKeyDown = (event: React.KeyboardEvent): void => {
    const next = nextIndex(event.key, current, count)
    if (next !== undefined) {
      event.preventDefault()
      setCurrent(next)
      container.current?.querySelectorAll<HTMLButtonElement>("button")[next]?.focus()
    } else if (event.key === "Escape") {
      event.preventDefault()
      editor?.focus()
    }
  }

  let index = 0
  return (
    <div
      className="toolbar"
      role="toolbar"
      aria-label="Format"
      aria-controls="page-text"
      onKeyDown={handleKeyDown}
      ref={ref}
    >
      <div className="toolbar-row" ref={container}>
        {groups.map((tools) => (
          <div className="toolbar-group" key={tools[0]?.name}>
            {tools.map((tool) => {
              const own = index++
              const isOff = editor === undefined || status?.isEditable === false || tool.isOff === true
              return (
                <button
                  key={tool.name}
                  type="button"
                  className="tool"
                  tabIndex={own === current ? 0 : -1}
                  aria-label={tool.name}
                  title={`${tool.name} (${keysHere(tool.keys)})`}
                  aria-pressed={tool.isPressed}
                  aria-disabled={isOff}
                  onFocus={() => setCurrent(own)}
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={() => {
                    if (editor !== undefined && !isOff) tool.run(editor)
                  }}
                >
                  {tool.face}
                </button>
              )
            })}
          </div>
        ))}
      </div>
    </div>
  )
}

function toolGroups(status: EditorStatus | undefined): readonly (readonly Tool[])[] {
  const heading = (level: 1 | 2 | 3): Tool => ({
    name: `Heading ${level}`,
    keys: `Mod-Alt-${level}`,
    face: <span className="tool-letter">H{level}</span>,
    isPressed: status?.block === level,
    run: (editor) => editor.commands.toHeading(level),
  })
  return [
    [
      {
        name: "Text",
        keys: "Mod-Alt-0",
        face: <span className="tool-letter">Text</span>,
        isPressed: status?.block === "paragraph",
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
  ]
}

/** Where a key goes to in the toolbar; `undefined` for keys that are not its own. Rows read right to left are mirrored. */
function nextIndex(key: string, current: number, count: number): number | undefined {
  const isMirrored = document.documentElement.dir === "rtl"
  switch (key) {
    case "ArrowRight":
      return (current + (isMirrored ? count - 1 : 1)) % count
    case "ArrowLeft":
      return (current + (isMirrored ? 1 : count - 1)) % count
    case "Home":
      return 0
    case "End":
      return count - 1
    default:
      return undefined
  }
}

function keysHere(keys: string): string {
  const isApple = /Mac|iP(?:hone|ad|od)/.test(navigator.platform)
  const names = isApple
    ? { Mod: "⌘", Alt: "⌥", Shift: "⇧", joint: "" }
    : { Mod: "Ctrl", Alt: "Alt", Shift: "Shift", joint: "+" }
  return keys
    .split("-")
    .map((key) => (key === "Mod" || key === "Alt" || key === "Shift" ? names[key] : key))
    .join(names.joint)
}
