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

/** The worst news of text and title, in words. A title that waits counts as one edit. */
export function saveWords(status: Status, title: TitleState["save"]): SaveWords {
  const { save } = status
  const aside = connectionAside(status)
  if (save.kind === "not-saved") return notSaved(save.reason)
  if (title.kind === "not-saved") return notSaved(title.reason)
  const titles = title.kind === "on-device" ? 1 : 0
  switch (save.kind) {
    case "on-device":
      return onDevice(save.edits + titles)
    case "saving":
      return saving(aside)
    case "saved":
      if (title.kind === "saving") return saving(aside)
      if (titles > 0) return onDevice(titles)
      if (!status.hasSynced) return beforeSync(status, aside)
      return { state: "saved", label: "Saved", aside, spoken: "All changes are saved" }
    default:
      return assertNever(save)
  }
}

function onDevice(edits: number): SaveWords {
  // That edits wait says that there is no connection.
  const label = `Saved on this device, ${edits} ${edits === 1 ? "edit" : "edits"} waiting`
  return { state: "on-device", label, aside: undefined, spoken: `${label} for the connection` }
}

/** Nothing of ours waits, and no server has been heard yet. */
function beforeSync({ connection, isReadable }: Status, aside: string | undefined): SaveWords {
  if (aside === undefined || !isReadable || connection.kind === "refused") {
    return { state: "unknown", label: aside ?? "", aside: undefined, spoken: aside ?? "" }
  }
  // The copy is shown, and attempts go on without the person having to hear of each.
  const label = "Offline, on this device"
  return { state: "on-device", label, aside: undefined, spoken: `${label}: no server can be reached` }
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
