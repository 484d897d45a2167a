/**
 * The value of a property in an element's `style` attribute, lower case; empty if it is not there. Read from the
 * attribute's text, because under a content security policy without inline styles the browser parses no `style` of
 * pasted HTML, and `element.style` stays empty.
 */
export function inlineStyle(element: HTMLElement, property: string): string {
  for (const declaration of (element.getAttribute("style") ?? "").split(";")) {
    const colon = declaration.indexOf(":")
    if (colon >= 0 && declaration.slice(0, colon).trim().toLowerCase() === property) {
      return declaration
        .slice(colon + 1)
        .replace(/!important/i, "")
        .trim()
        .toLowerCase()
    }
  }
  return ""
}

/** Whether an element's own style draws a line through or under its text. */
export function hasTextLine(element: HTMLElement, line: "underline" | "line-through"): boolean {
  const lines = `${inlineStyle(element, "text-decoration")} ${inlineStyle(element, "text-decoration-line")}`
  return lines.split(/\s+/).includes(line)
}
