import type { Editor, EditorStatus } from "@quire/editor"
import { type ReactNode, useEffect, useEffectEvent, useId, useImperativeHandle, useRef, useState } from "react"
import { Button } from "../ui/Button.js"
import { LinkIcon } from "./tool-icons.js"
import { keysHere } from "./tools.js"
import { usePopover } from "./use-popover.js"

interface LinkToolProps {
  readonly editor: Editor | undefined
  readonly status: EditorStatus | undefined
  /** Whether it has a button; without one, `ask` and the key open it. */
  readonly hasButton: boolean
  readonly isCurrent: boolean
  readonly onFocus: () => void
  /** Set to what opens the field. */
  readonly ask: React.Ref<() => void>
}

/** The name of the button, by which the toolbar knows it. */
export const LINK_TOOL = "Link"

/** Links the selected text: a button, a key, and the field that both open. */
export function LinkTool({ editor, status, hasButton, isCurrent, onFocus, ask: askRef }: LinkToolProps): ReactNode {
  const { button, panel, open, close } = usePopover()
  const field = useRef<HTMLInputElement>(null)
  const [isRefused, setRefused] = useState(false)
  const id = useId()
  const isOff = editor === undefined || status?.isEditable === false || status?.block === "code"

  const ask = (): void => {
    if (isOff) return
    setRefused(false)
    open()
    if (field.current !== null) field.current.value = status?.link ?? ""
    field.current?.select()
  }
  const askByKey = useEffectEvent(ask)
  useImperativeHandle(askRef, () => ask)
  useEffect(() => {
    const text = editor?.view.dom
    const handleKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return
      event.preventDefault()
      askByKey()
    }
    text?.addEventListener("keydown", handleKey)
    return () => text?.removeEventListener("keydown", handleKey)
  }, [editor])

  const finish = (): void => {
    close()
    editor?.focus()
  }
  const handleSubmit = (event: React.FormEvent): void => {
    event.preventDefault()
    const target = field.current?.value ?? ""
    if (target.trim() === "") {
      editor?.commands.removeLink()
      finish()
    } else if (editor?.commands.setLink(target) === true) finish()
    else setRefused(true)
  }
  return (
    <>
      {hasButton && (
        <button
          type="button"
          className="tool"
          data-tool
          ref={button}
          tabIndex={isCurrent ? 0 : -1}
          aria-label={LINK_TOOL}
          title={`${LINK_TOOL} (${keysHere("Mod-K")})`}
          aria-haspopup="dialog"
          aria-pressed={status?.link !== undefined}
          aria-disabled={isOff}
          onFocus={onFocus}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => ask()}
        >
          <LinkIcon />
        </button>
      )}
      <div
        ref={panel}
        popover="auto"
        role="dialog"
        aria-label="Link"
        className="tool-panel link-panel"
        onKeyDown={(event) => {
          event.stopPropagation() // the arrows move in the field, not on the bar
          if (event.key !== "Escape") return
          event.preventDefault()
          finish()
        }}
      >
        <form onSubmit={handleSubmit}>
          <label htmlFor={`${id}-url`}>Address</label>
          <div className="link-row">
            <input
              id={`${id}-url`}
              ref={field}
              inputMode="url"
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              placeholder="example.org"
              aria-invalid={isRefused}
              aria-describedby={`${id}-hint`}
              onInput={() => setRefused(false)}
            />
            <Button type="submit" look="primary">
              Apply
            </Button>
          </div>
          <p id={`${id}-hint`} className="link-hint" role={isRefused ? "alert" : undefined}>
            {isRefused ? "That is no web, mail or phone address." : "Web, mail or phone. Leave it empty for no link."}
          </p>
        </form>
      </div>
    </>
  )
}
