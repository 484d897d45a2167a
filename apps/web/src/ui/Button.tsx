import "./button.css"

interface ButtonProps extends React.ComponentProps<"button"> {
  /** `primary` for the one thing a page is for. */
  readonly look?: "plain" | "primary"
}

/** A button with words. */
export function Button({ look = "plain", className = "", ...rest }: ButtonProps): React.ReactNode {
  return <button type="button" className={`button ${className}`} data-look={look} {...rest} />
}
