import { useState } from "react"
import { sentenceOf } from "./use-form.js"

/** Does something at the server when a button is pressed, and keeps the sentence if it failed. */
export function useDeed(): {
  readonly failure: string | undefined
  readonly run: (deed: () => Promise<void>) => void
} {
  const [failure, setFailure] = useState<string>()
  const run = (deed: () => Promise<void>): void => {
    setFailure(undefined)
    deed().catch((error: unknown) => setFailure(sentenceOf(error)))
  }
  return { failure, run }
}
