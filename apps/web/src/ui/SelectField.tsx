import { useId } from "react"
import "./field.css"

interface SelectFieldProps extends Omit<React.ComponentProps<"select">, "id" | "className"> {
  readonly label: string
  /** The choices: what each is called, by its value. */
  readonly choices: Readonly<Record<string, string>>
  /** Whether only those who cannot see read the label. */
  readonly isLabelHidden?: boolean
}

/** A choice of a few. */
export function SelectField({ label, choices, isLabelHidden = false, ...rest }: SelectFieldProps): React.ReactNode {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id} className={isLabelHidden ? "visually-hidden" : ""}>
        {label}
      </label>
      <div className="field-box">
        <select id={id} {...rest}>
          {Object.entries(choices).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      </div>
    </div>
  )
}
