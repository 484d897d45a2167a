import { navigate } from "wouter/use-browser-location"

interface LinkProps extends Omit<React.ComponentProps<"a">, "onClick"> {
  /** A path of this app, encoded. */
  readonly href: string
}

/** A link to another page of the app: goes there without loading everything anew. */
export function Link({ href, ...rest }: LinkProps): React.ReactNode {
  const handleClick = (event: React.MouseEvent): void => {
    // With one of these keys, or another button, the browser opens it elsewhere.
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
    event.preventDefault()
    navigate(href)
  }
  return <a {...rest} href={href} onClick={handleClick} />
}
