import { useSettled } from "../hooks/use-settled.js"
import type { SaveWords } from "./save-words.js"
import "./save-light.css"

/** Only what lasts this long is announced: every key makes a "Saving…" that is gone before it could be said. */
const ANNOUNCE_AFTER_MS = 1_000

/** Where the person's edits are, in words, always in sight. */
export function SaveLight({ words }: { readonly words: SaveWords }): React.ReactNode {
  const settled = useSettled(words.spoken, ANNOUNCE_AFTER_MS)
  return (
    <div className="save-light" data-state={words.state}>
      {/* The live region is the other one: this one changes with every key. */}
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
