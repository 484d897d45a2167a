import type { Editor, EditorStatus } from "@quire/editor"
import { type ReactNode, useEffect, useId, useRef, useState, useSyncExternalStore } from "react"
import { LINK_TOOL, LinkTool } from "./LinkTool.js"
import { MORE_TOOL, MoreTools } from "./MoreTools.js"
import { followKeyboard } from "./tool-place.js"
import { keysHere, type Tool, toolsFor } from "./tools.js"
import "./toolbar.css"

interface ToolbarProps {
  /** The editor; `undefined` until the text is there. */
  readonly editor: Editor | undefined
  readonly status: EditorStatus | undefined
  readonly ref?: React.Ref<HTMLDivElement>
}

/**
 * What can be done to the selected text. One tab stop; arrow keys, Home and End move inside; Escape goes back to where
 * the focus came from. A click leaves the focus, and so the selection, where it is. What has no room stands in the menu.
 */
export function Toolbar({ editor, status, ref }: ToolbarProps): React.ReactNode {
  const [chosen, setChosen] = useState("")
  const container = useRef<HTMLDivElement>(null)
  const cameFrom = useRef<HTMLElement>(null)
  const hintId = useId()
  useEffect(() => {
    const bar = container.current?.parentElement
    return bar == null ? undefined : followKeyboard(bar, window)
  }, [])
  useEffect(() => editor?.view.dom.setAttribute("aria-describedby", hintId), [editor, hintId])
  const isRoomy = useSyncExternalStore(subscribeToRoom, hasRoom)
  const { always, roomy, rare } = toolsFor(status)
  const [blocks = [], marks = [], steps = []] = always
  const askForLink = useRef<() => void>(null)
  const link: Tool = {
    name: LINK_TOOL,
    keys: "Mod-K",
    isPressed: status?.link !== undefined,
    isOff: status?.block === "code",
    run: () => askForLink.current?.(),
  }
  const groups = isRoomy ? [blocks, marks, roomy] : [blocks.slice(0, -1), marks]
  const inMenu = isRoomy ? rare : [...roomy, link, ...blocks.slice(-1), ...rare]
  const names = [
    ...groups.flat().map(({ name }) => name),
    ...(isRoomy ? [LINK_TOOL] : []),
    MORE_TOOL,
    ...steps.map(({ name }) => name),
  ]
  const isOff = editor === undefined || status?.isEditable === false
  // A tool that went into the menu cannot hold the bar's one tab stop.
  const current = names.includes(chosen) ? chosen : names[0]

  const handleKeyDown = (event: React.KeyboardEvent): void => {
    const buttons = [...(container.current?.querySelectorAll<HTMLButtonElement>("[data-tool]") ?? [])]
    const next = nextIndex(event.key, names.indexOf(current ?? ""), buttons.length)
    if (next !== undefined) {
      event.preventDefault()
      buttons[next]?.focus()
    } else if (event.key === "Escape") {
      event.preventDefault()
      const back = cameFrom.current
      // The editor puts its caret back by itself.
      if (back === null || !back.isConnected || editor?.view.dom.contains(back) === true) editor?.focus()
      else back.focus()
    }
  }
  const handleFocus = ({ relatedTarget, currentTarget }: React.FocusEvent): void => {
    if (currentTarget.contains(relatedTarget)) return
    cameFrom.current = relatedTarget instanceof HTMLElement ? relatedTarget : null
  }
  const button = (tool: Tool): ReactNode => (
    <ToolButton
      key={tool.name}
      tool={tool}
      isOff={isOff || tool.isOff === true}
      isCurrent={tool.name === current}
      onFocus={() => setChosen(tool.name)}
      onRun={() => {
        if (editor !== undefined) tool.run(editor)
      }}
    />
  )
  return (
    <div
      className="toolbar"
      role="toolbar"
      aria-label="Format"
      // Before the text is there, there is nothing to name.
      {...(editor !== undefined && { "aria-controls": "page-text" })}
      onKeyDown={handleKeyDown}
      onFocus={handleFocus}
      ref={ref}
    >
      <p id={hintId} hidden>
        {keysHere("Alt-F10")} goes to the format bar, Escape comes back. In a list Tab moves an item in; press Escape
        before Tab to leave the text.
      </p>
      <div className="toolbar-row" ref={container}>
        {groups.map((tools) => (
          <div className="toolbar-group" key={tools[0]?.name}>
            {tools.map(button)}
          </div>
        ))}
        <div className="toolbar-group">
          <LinkTool
            editor={editor}
            status={status}
            hasButton={isRoomy}
            isCurrent={current === LINK_TOOL}
            onFocus={() => setChosen(LINK_TOOL)}
            ask={askForLink}
          />
          <MoreTools
            editor={editor}
            isOff={isOff}
            tools={inMenu}
            isCurrent={current === MORE_TOOL}
            onFocus={() => setChosen(MORE_TOOL)}
          />
        </div>
        <div className="toolbar-group">{steps.map(button)}</div>
      </div>
    </div>
  )
}

interface ToolButtonProps {
  readonly tool: Tool
  readonly isOff: boolean
  readonly isCurrent: boolean
  readonly onFocus: () => void
  readonly onRun: () => void
}

function ToolButton({ tool, isOff, isCurrent, onFocus, onRun }: ToolButtonProps): ReactNode {
  return (
    <button
      type="button"
      className="tool"
      data-tool
      tabIndex={isCurrent ? 0 : -1}
      aria-label={tool.name}
      title={`${tool.name} (${keysHere(tool.keys)})`}
      aria-pressed={tool.isPressed}
      aria-disabled={isOff}
      onFocus={onFocus}
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => {
        if (!isOff) onRun()
      }}
    >
      {tool.face}
    </button>
  )
}

/** From this width on the lists have buttons of their own, and the words of the save light still fit beside them. */
const ROOM = "(min-width: 64rem)"

function subscribeToRoom(onChange: () => void): () => void {
  const query = window.matchMedia(ROOM)
  query.addEventListener("change", onChange)
  return () => query.removeEventListener("change", onChange)
}

function hasRoom(): boolean {
  return window.matchMedia(ROOM).matches
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
