import { assertNever } from "@quire/base"
import { decodeCloseReason, isPermanentClose } from "@quire/protocol"
import { BACKOFF, backoffMs } from "./backoff.js"

/*
 *            open                connected             synced
 *    idle ─────────▶ connecting ───────────▶ live ──────────────▶ live, isSynced
 *                     ▲      │ timer           │ lost               │ lost
 *       timer, nudge  │      │ lost            │                    │
 *                     │      ▼                 ▼                    │
 *                    waiting ◀──────────────────────────────────────┘
 *
 * From everywhere: `close` to idle; `lost` with a code of 44xx to refused, which only `close` leaves (`retry` closes and
 * opens). Whatever is not drawn changes nothing.
 */

/** Where the provider stands with its server. */
export type ConnectionState =
  /** Not opened yet, or closed. */
  | { readonly kind: "idle" }
  /** An attempt is under way. */
  | {
      readonly kind: "connecting"
      /** Its number since the last sync: 1, 2, 3 … */
      readonly attempt: number
    }
  /** The socket is open. */
  | {
      readonly kind: "live"
      /** True once the server has answered with all that we lacked. */
      readonly isSynced: boolean
      /** Attempts since the last sync; 0 once in sync. An open socket alone is no success. */
      readonly attempt: number
    }
  /** Between two attempts. */
  | {
      readonly kind: "waiting"
      /** Attempts that have failed since the last sync. */
      readonly attempt: number
      /** When the next one starts, in milliseconds since the epoch: for showing. */
      readonly retryAtMs: number
      /** The same moment on the clock's `elapsed()` scale: for deciding. */
      readonly dueMs: number
      /** When an early try may start, `elapsed()` scale: a second after the loss, or what the server asked for. */
      readonly earliestMs: number
    }
  /** The server said that trying again cannot help. */
  | {
      readonly kind: "refused"
      /** The close code, 4400 to 4499. */
      readonly code: number
      /** The server's sentence for people. */
      readonly reason: string
    }

/** A moment on both scales of the `Clock` port. */
export interface Moment {
  /** `clock.now()`. */
  readonly nowMs: number
  /** `clock.elapsed()`. */
  readonly elapsedMs: number
  /** Randomness for the wait that may follow: from 0 (included) to 1 (left out). */
  readonly fraction: number
}

/** What happens to a connection. */
export type ConnectionEvent =
  /** The page wants to be connected. */
  | { readonly type: "open" }
  /** The page has left. */
  | { readonly type: "close" }
  /** The socket is open. */
  | { readonly type: "connected" }
  /** The server has answered our step 1. */
  | { readonly type: "synced" }
  /** The socket is closed, never opened, or must be given up. Code and reason as in a close event. */
  | { readonly type: "lost"; readonly code: number; readonly reason: string; readonly at: Moment }
  /** The moment asked for by the last `wake` effect has come. */
  | { readonly type: "timer"; readonly at: Moment }
  /** The network or the page came back: a try is worth it now. */
  | { readonly type: "nudge"; readonly at: Moment }

/** What must be done about it, in this order. */
export type ConnectionEffect =
  /** Give up the socket there is, if there is one; nothing of it may be heard again. */
  | { readonly type: "disconnect"; readonly code: number; readonly reason: string }
  /** Send a `timer` event in `delayMs`, instead of any asked for before; `undefined`: send none. */
  | { readonly type: "wake"; readonly delayMs: number | undefined }
  /** Make a new socket. */
  | { readonly type: "connect" }

/** An attempt that has not opened after this long is abandoned. */
export const CONNECT_TIMEOUT_MS = 15_000

/** Close code for a connection that this side gives up: outside the server's bands, and one that browsers may send. */
export const GIVE_UP_CODE = 4000

/** The state before anything happened. */
export const IDLE: ConnectionState = { kind: "idle" }

const LEAVE: ConnectionEffect = { type: "disconnect", code: 1000, reason: "" }
const QUIET: ConnectionEffect = { type: "wake", delayMs: undefined }

/**
 * What a connection does next. Pure: `socket.ts` performs the effects and feeds events back.
 *
 * @returns the same state object when nothing changes, then without effects.
 */
export function next(
  state: ConnectionState,
  event: ConnectionEvent,
): readonly [ConnectionState, readonly ConnectionEffect[]] {
  switch (event.type) {
    case "open":
      return state.kind === "idle" ? connect(1) : [state, []]
    case "close":
      return state.kind === "idle" ? [state, []] : [IDLE, [LEAVE, QUIET]]
    case "connected":
      if (state.kind !== "connecting") return [state, []]
      return [{ kind: "live", isSynced: false, attempt: state.attempt }, [QUIET]]
    case "synced":
      if (state.kind !== "live" || state.isSynced) return [state, []]
      return [{ kind: "live", isSynced: true, attempt: 0 }, []]
    case "lost":
      return lose(state, event.code, event.reason, event.at)
    case "timer":
      if (state.kind === "waiting") return connect(state.attempt + 1)
      if (state.kind !== "connecting") return [state, []]
      return lose(state, GIVE_UP_CODE, "no answer", event.at)
    case "nudge":
      return state.kind === "waiting" ? hurry(state, event.at) : [state, []]
    default:
      return assertNever(event)
  }
}

function connect(attempt: number): readonly [ConnectionState, readonly ConnectionEffect[]] {
  return [{ kind: "connecting", attempt }, [{ type: "wake", delayMs: CONNECT_TIMEOUT_MS }, { type: "connect" }]]
}

function lose(
  state: ConnectionState,
  code: number,
  reason: string,
  at: Moment,
): readonly [ConnectionState, readonly ConnectionEffect[]] {
  if (state.kind !== "connecting" && state.kind !== "live") return [state, []]
  const disconnect: ConnectionEffect = { type: "disconnect", code: GIVE_UP_CODE, reason: "" }
  const { text, retryMs = 0 } = decodeCloseReason(reason)
  if (isPermanentClose(code)) return [{ kind: "refused", code, reason: text }, [disconnect, QUIET]]
  const attempt = Math.max(1, state.attempt)
  const delayMs = backoffMs(attempt, at.fraction, retryMs)
  const waiting: ConnectionState = {
    kind: "waiting",
    attempt,
    retryAtMs: at.nowMs + delayMs,
    dueMs: at.elapsedMs + delayMs,
    earliestMs: at.elapsedMs + Math.max(BACKOFF.baseMs, retryMs),
  }
  return [waiting, [disconnect, { type: "wake", delayMs }]]
}

/** Several signals in a row bring the next attempt forward once, and never below what the server asked for. */
function hurry(
  state: ConnectionState & { readonly kind: "waiting" },
  at: Moment,
): readonly [ConnectionState, readonly ConnectionEffect[]] {
  if (at.elapsedMs >= state.earliestMs) return connect(state.attempt + 1)
  if (state.dueMs <= state.earliestMs) return [state, []]
  const delayMs = state.earliestMs - at.elapsedMs
  return [{ ...state, dueMs: state.earliestMs, retryAtMs: at.nowMs + delayMs }, [{ type: "wake", delayMs }]]
}
