/**
 * The way out of the text by keys alone. Tab moves items in, so in a list it would never leave; after Escape it does.
 *
 * @returns a function to ask of each key that goes down: true when the key must be left to the browser.
 */
export function watchForLeaving(): (event: Pick<KeyboardEvent, "key" | "isComposing">) => boolean {
  let hasEscaped = false
  return ({ key, isComposing }) => {
    if (key === "Shift") return false // on the way to Shift+Tab
    const isLeaving = hasEscaped && key === "Tab"
    hasEscaped = key === "Escape" && !isComposing
    return isLeaving
  }
}
