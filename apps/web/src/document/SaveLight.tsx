import type { Provider } from "@quire/provider"
import { useMemo, useSyncExternalStore } from "react"
import { useServices } from "../app/services.js"
import { useSettled } from "../hooks/use-settled.js"
import { DrawnWords } from "./drawn-words.js"
import { saveWords } from "./save-words.js"
import type { TitleKeeper } from "./title-keeper.js"
import "./save-light.css"

/** Only what lasts this long is announced: every edit makes a "Saving…" that is gone before it could be said. */
const ANNOUNCE_AFTER_MS = 1_000

interface SaveLightProps {
  readonly provider: Provider
  readonly titles: TitleKeeper
}

/** Where the person's edits are, in words, always in sight. Hears of every key, and nothing around it does. */
export function SaveLight({ provider, titles }: SaveLightProps): React.ReactNode {
  const { clock } = useServices()
  const drawn = useMemo(() => {
    const read = () => saveWords(provider.getStatus(), titles.getState().save)
    const subscribe = (listener: () => void) => {
      const undo = [provider.subscribe(listener), titles.subscribe(listener)]
      return () => undo.forEach((stop) => void stop())
    }
    return new DrawnWords({ read, subscribe, clock })
  }, [provider, titles, clock])
  const words = useSyncExternalStore(drawn.subscribe, drawn.get)
  const settled = useSettled(words.spoken, ANNOUNCE_AFTER_MS)
  return (
    <div className="save-light" data-state={words.state}>
      {/* The live region is the other one: this one changes with every edit. */}
      <p role="status" aria-live="off" title={words.label}>
        {words.label}
      </p>
      {words.aside !== undefined && <span className="save-light-aside">{words.aside}</span>}
      <span className="visually-hidden" aria-live="polite">
        {settled}
      </span>
    </div>
  )
}
