/** An error's message, which starts small and ends bare, as a sentence. */
export function asSentence(message: string): string {
  const [first = "", ...rest] = message.trim()
  return (first.toLocaleUpperCase() + rest.join("")).replace(/[^.!?…]$/u, "$&.")
}
