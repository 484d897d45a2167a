import { useEffect, useRef } from "react"
import { TITLE_MAX } from "../api/client.js"
import "./title-field.css"

interface TitleFieldProps {
  readonly title: string
  /** Whether the title is known; until then the field stays blank instead of claiming "Untitled". */
  readonly isKnown: boolean
  readonly isReadOnly: boolean
  /** Puts the caret here once, for a document just made. */
  readonly hasFirstFocus: boolean
  readonly onEdit: (title: string) => void
  readonly onBlur: () => void
  /** Enter or arrow down: on to the text. */
  readonly onLeaveDown: () => void
}

/** The page's title: its highest heading, and a field. */
export function TitleField(props: TitleFieldProps): React.ReactNode {
  const field = useRef<HTMLTextAreaElement>(null)
  const { hasFirstFocus } = props
  useEffect(() => {
    if (hasFirstFocus) field.current?.focus()
  }, [hasFirstFocus])

  const handleKeyDown = (event: React.KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.nativeEvent.isComposing) return
    const { selectionEnd, value } = event.currentTarget
    const isAtEnd = event.key === "ArrowDown" && selectionEnd === value.length
    if (event.key !== "Enter" && !isAtEnd) return
    event.preventDefault()
    props.onLeaveDown()
  }

  return (
    <h1 className="title-field">
      {/* The same text under the field makes it as high as it must be where `field-sizing` is unknown. */}
      <span className="title-field-size" aria-hidden="true">
        {`${props.title} `}
      </span>
      <textarea
        ref={field}
        rows={1}
        aria-label="Title"
        placeholder={props.isKnown ? "Untitled" : ""}
        dir="auto"
        maxLength={TITLE_MAX}
        readOnly={props.isReadOnly}
        enterKeyHint="next"
        autoComplete="off"
        value={props.title}
        onChange={(event) => props.onEdit(event.currentTarget.value)}
        onBlur={props.onBlur}
        onKeyDown={handleKeyDown}
      />
    </h1>
  )
}
