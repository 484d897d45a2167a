import { useEffect, useState } from "react"
import { useServices } from "../app/services.js"

/** The newest value that has lasted for a while: what comes and goes within `delayMs` is never seen. */
export function useSettled<T>(value: T, delayMs: number): T {
  const { clock } = useServices()
  const [settled, setSettled] = useState(value)
  useEffect(() => clock.schedule(delayMs, () => setSettled(value)), [clock, value, delayMs])
  return settled
}
