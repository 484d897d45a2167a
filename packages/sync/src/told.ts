import { encodeMessage } from "@quire/protocol"
import { authorise, type Refusal } from "./authorise.js"
import type { LogHealth } from "./ports.js"
import type { Session } from "./session.js"

/** What a room tells people in words. */

/** The store fails, or works again. */
export function troubleMessage(health: LogHealth): Uint8Array {
  const isFailing = health.kind === "failing"
  return encodeMessage({ type: "trouble", isFailing, text: isFailing ? health.reason : "" })
}

/** Why something was not taken, as a notice. */
export function refusalNotice({ code, reason }: Refusal): Uint8Array {
  return encodeMessage({ type: "notice", code, text: reason })
}

/** That a content message was not taken, for the client's own account of what is saved. */
export function refusedMessage(number: number, { code, reason }: Refusal): Uint8Array {
  return encodeMessage({ type: "refused", number, code, reason })
}

/** Why a session has to go, as a notice. @param reason `CODE: sentence`. */
export function farewellNotice(reason: string): Uint8Array {
  const [, code = "QUIRE_FORBIDDEN", text = reason] = /^(QUIRE_[A-Z_]+): (.*)$/s.exec(reason) ?? []
  return encodeMessage({ type: "notice", code, text })
}

/** Why a session may not write, as a notice; `undefined` if it may. */
export function readOnlyNotice(session: Session): Uint8Array | undefined {
  const permission = authorise(session.grant, "write", session.why)
  return permission.ok ? undefined : refusalNotice(permission)
}

/** What a session may do has changed. */
export function rightsMessage(session: Session): Uint8Array {
  const permission = authorise(session.grant, "write", session.why)
  return encodeMessage({ type: "rights", grant: session.grant, reason: permission.ok ? "" : permission.reason })
}

/** The client has what was called durable once, and the log has not. */
export function wentBackNotice(): Uint8Array {
  const text =
    "The server has gone back to an older copy of this document, as after restoring a backup. What is on this device is being put back."
  return encodeMessage({ type: "notice", code: "QUIRE_LOG_WENT_BACK", text })
}

/** Part of what a session sent cannot be understood without something nobody has. */
export function incompleteNotice(): Uint8Array {
  const text = "Part of what this device sent builds on text that nobody has any more; it was put aside."
  return encodeMessage({ type: "notice", code: "QUIRE_UPDATE_INCOMPLETE", text })
}
