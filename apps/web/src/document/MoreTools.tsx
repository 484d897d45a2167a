import type { Editor } from "@quire/editor"
import { type ReactNode, useId, useState } from "react"
import { MoreIcon } from "./tool-icons.js"
import { keysHere, type Tool } from "./tools.js"
import { usePopover } from "./use-popover.js"

interface MoreToolsProps {
  readonly editor: Editor | undefined
  readonly isOff: boolean
  readonly tools: readonly Tool[]
  readonly isCurrent: boolean
  readonly onFocus: () => void
}

/** The name of the button, by which the toolbar knows it. */
export const MORE_TOOL = "More"

/** The menu of what has no button. Opened by keys it takes the focus, opened by a click it leaves it in the text. */
export function MoreTools({ editor, isOff, tools, isCurrent, onFocus }: MoreToolsProps): ReactNode {
  const { button, panel, open, close, isOpen } = usePopover()
  const [isShown, setShown] = useState(false)
  const id = useId()

  const choices = (): HTMLButtonElement[] => [...(panel.current?.querySelectorAll("button") ?? [])]
  const handleClick = (event: React.MouseEvent): void => {
    if (isOff) return
    if (isOpen()) close()
    else {
      open()
      if (event.detail === 0) choices()[0]?.focus()
    }
  }
  const handleKeyDown = (event: React.KeyboardEvent): void => {
    event.stopPropagation() // these keys move in the menu, not on the bar
    const all = choices()
    const current = all.indexOf(document.activeElement as HTMLButtonElement) // -1 when the focus is elsewhere
    const next = nextChoice(event.key, current, all.length)
    if (next !== undefined) all[next]?.focus()
    else if (event.key === "Escape") {
      close()
      button.current?.focus()
    } else if (event.key === "Tab") close()
    else return
    if (event.key !== "Tab") event.preventDefault()
  }
  return (
    <>
      <button
        type="button"
        className="tool"
        data-tool
        ref={button}
        tabIndex={isCurrent ? 0 : -1}
        aria-label={MORE_TOOL}
        title={MORE_TOOL}
        aria-haspopup="menu"
        aria-expanded={isShown}
        aria-controls={id}
        aria-disabled={isOff}
        onFocus={onFocus}
        onMouseDown={(event) => event.preventDefault()}
        onClick={handleClick}
      >
        <MoreIcon />
      </button>
      <div
        id={id}
        ref={panel}
        popover="auto"
        role="menu"
        aria-label={MORE_TOOL}
        className="tool-panel tool-menu"
        onKeyDown={handleKeyDown}
        onToggle={(event) => setShown(event.newState === "open")}
      >
        {tools.map((tool) => (
          <button
            key={tool.name}
            type="button"
            {...roleOf(tool)}
            aria-disabled={tool.isOff === true}
            tabIndex={-1}
            className="tool-choice"
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => {
              if (editor === undefined || tool.isOff === true) return
              close()
              editor.focus()
              tool.run(editor)
            }}
          >
            <span>{tool.name}</span>
            {tool.keys !== "" && <span className="tool-keys">{keysHere(tool.keys)}</span>}
          </button>
        ))}
      </div>
    </>
  )
}

function roleOf({ isPressed }: Tool): React.HTMLAttributes<HTMLButtonElement> {
  return isPressed === undefined ? { role: "menuitem" } : { role: "menuitemcheckbox", "aria-checked": isPressed }
}

function nextChoice(key: string, current: number, count: number): number | undefined {
  switch (key) {
    case "ArrowDown":
      return (current + 1) % count
    case "ArrowUp":
      return (Math.max(0, current) + count - 1) % count
    case "Home":
      return 0
    case "End":
      return count - 1
    default:
      return undefined
  }
}
