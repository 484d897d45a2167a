import { useEffect, useEffectEvent, useState } from "react"
import { sentenceOf } from "./use-form.js"

/** What a page asks the server for. */
export type Loaded<T> =
  | { readonly kind: "loading" }
  | { readonly kind: "ready"; readonly value: T }
  | { readonly kind: "failed"; readonly reason: string }

/** Asks once, and again whenever `reload` is called; what is there stays until the newer answer comes. */
export function useLoaded<T>(ask: () => Promise<T>): { readonly loaded: Loaded<T>; readonly reload: () => void } {
  const [loaded, setLoaded] = useState<Loaded<T>>({ kind: "loading" })
  const [round, setRound] = useState(0)
  const start = useEffectEvent(ask)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each round asks again
  useEffect(() => {
    let hasLeft = false
    const show = (next: Loaded<T>): void => {
      if (!hasLeft) setLoaded(next)
    }
    start().then(
      (value) => show({ kind: "ready", value }),
      (error: unknown) => show({ kind: "failed", reason: sentenceOf(error) }),
    )
    return () => {
      hasLeft = true
    }
  }, [round])
  return { loaded, reload: () => setRound((former) => former + 1) }
}
