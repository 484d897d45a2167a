import type { RemoteCursor } from "./remote-cursor.js"

/**
 * How lively somebody is shown. `active`: they came, typed or moved just now, and their name stands at their caret;
 * `present`: the flag remains; `resting`: what they selected has faded; `idle`: so has their caret.
 */
export type Stage = "active" | "present" | "resting" | "idle"

/** How long a name stands at a caret after its owner did something. */
export const NAME_MS = 2_000

/** After so long without a key or a move a selection fades. */
export const REST_MS = 10_000

/** After so long without a key or a move a caret fades. */
export const IDLE_MS = 120_000

/** How lively somebody is who last did something so many ms ago. */
export function stageAfter(quietMs: number): Stage {
  if (quietMs < NAME_MS) return "active"
  if (quietMs < REST_MS) return "present"
  return quietMs < IDLE_MS ? "resting" : "idle"
}

/** When each of the others last did something: came, moved their caret, or came back to the text. */
export class Activity {
  readonly #last = new Map<number, { readonly cursor: RemoteCursor; readonly atMs: number }>()

  /**
   * Takes in where everybody is now; who is not among them is forgotten.
   *
   * @param isStill whether somebody whose place is told anew has not moved in the text: others rewrote what it hung on.
   */
  note(cursors: readonly RemoteCursor[], nowMs: number, isStill: (cursor: RemoteCursor) => boolean): void {
    const gone = new Set(this.#last.keys())
    for (const cursor of cursors) {
      gone.delete(cursor.clientId)
      const last = this.#last.get(cursor.clientId)
      const hasMoved = last === undefined || (last.cursor.place !== cursor.place && !isStill(cursor))
      const isActive = hasMoved || (last.cursor.isAway && !cursor.isAway)
      this.#last.set(cursor.clientId, { cursor, atMs: isActive ? nowMs : last.atMs })
    }
    for (const clientId of gone) this.#last.delete(clientId)
  }

  /** How lively somebody is now. Who is away is idle. */
  stageOf(cursor: RemoteCursor, nowMs: number): Stage {
    if (cursor.isAway) return "idle"
    return stageAfter(nowMs - (this.#last.get(cursor.clientId)?.atMs ?? nowMs))
  }

  /** In how many ms the next of them changes stage; `undefined` when nobody will. */
  nextChangeInMs(nowMs: number): number | undefined {
    let nextMs: number | undefined
    for (const { cursor, atMs } of this.#last.values()) {
      const quietMs = nowMs - atMs
      const until = cursor.isAway ? undefined : [NAME_MS, REST_MS, IDLE_MS].find((limitMs) => limitMs > quietMs)
      if (until !== undefined) nextMs = Math.min(nextMs ?? until, until - quietMs)
    }
    return nextMs
  }
}
