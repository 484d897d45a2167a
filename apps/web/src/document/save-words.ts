import { assertNever } from "@quire/base"
import type { Status } from "@quire/provider"
import { withoutCode } from "./refusal-words.js"
import type { TitleState } from "./title-keeper.js"

/** What the save light shows: one state, in words. */
export interface SaveWords {
  /** Which state; `unknown` until the document is there, because before it nothing can be said of it. */
  readonly state: "unknown" | "saved" | "saving" | "on-device" | "not-saved"
  /** What stands beside the light. */
  readonly label: string
  /** What is said about the connection, if anything has to be. */
  readonly aside: string | undefined
  /** What is announced to assistive technology when the state lasts. */
  readonly spoken: string
}

/** The worst news of text and title, in words. */
export function saveWords(status: Status, title: TitleState["save"]): SaveWords {
  const { save } = status
  const aside = connectionAside(status)
  if (save.kind === "not-saved") return notSaved(save.reason)
  if (title.kind === "not-saved") return notSaved(title.reason)
  switch (save.kind) {
    case "on-device": {
      const waiting = `${save.edits} ${save.edits === 1 ? "edit" : "edits"} waiting`
      const label = `Saved on this device, ${waiting}`
      return { state: "on-device", label, aside, spoken: `${label} for the connection` }
    }
    case "saving":
      return saving(aside)
    case "saved":
      if (title.kind === "saving") return saving(aside)
      if (!status.hasSynced) return { state: "unknown", label: aside ?? "", aside: undefined, spoken: aside ?? "" }
      return { state: "saved", label: "Saved", aside, spoken: "All changes are saved" }
    default:
      return assertNever(save)
  }
}

function saving(aside: string | undefined): SaveWords {
  return { state: "saving", label: "Saving…", aside, spoken: "Saving changes" }
}

function notSaved(raw: string): SaveWords {
  const reason = withoutCode(raw) || "the server does not say why"
  // The reason names the connection where that is the cause.
  return { state: "not-saved", label: `Not saved — ${reason}`, aside: undefined, spoken: `Not saved: ${reason}` }
}

function connectionAside({ connection, hasSynced }: Status): string | undefined {
  if (connection.kind === "refused") return "Disconnected"
  if (connection.kind === "waiting") return hasSynced ? "Reconnecting…" : "Connecting…"
  if (connection.kind === "connecting" && connection.attempt > 1) return hasSynced ? "Reconnecting…" : "Connecting…"
  return undefined
}
