import { useId, useState } from "react"
import "./field.css"

interface FieldProps extends Omit<React.ComponentProps<"input">, "id" | "className"> {
  readonly label: string
  /** What is wrong with it. */
  readonly error: string | undefined
  /** What helps to fill it in; gives way to what is wrong. */
  readonly hint?: string
}

/** A field with its name above, and below a line that always has its place: what helps, or what is wrong. */
export function Field({ label, error, hint, type = "text", ...rest }: FieldProps): React.ReactNode {
  const id = useId()
  const [isShown, setShown] = useState(false)
  const isPassword = type === "password"
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="field-box">
        <input
          id={id}
          type={isPassword && isShown ? "text" : type}
          aria-invalid={error !== undefined}
          aria-describedby={`${id}-note`}
          {...(isPassword ? { spellCheck: false, autoCapitalize: "none" } : {})}
          {...rest}
        />
        {isPassword && (
          <button
            type="button"
            className="field-show"
            aria-pressed={isShown}
            aria-label={`Show ${label.toLowerCase()}`}
            onClick={() => setShown(!isShown)}
          >
            {isShown ? "Hide" : "Show"}
          </button>
        )}
      </div>
      <p id={`${id}-note`} className="field-note" data-wrong={error !== undefined}>
        {error ?? hint}
      </p>
    </div>
  )
}
