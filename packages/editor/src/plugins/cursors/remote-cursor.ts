import { BODY_ROOT } from "@quire/document"
import * as Y from "yjs"
import { type Person, readPerson } from "../../person.js"
import type { RelativeSelection } from "../sync.js"

/** Where somebody else is in the text, or was when they went elsewhere. */
export interface RemoteCursor extends RelativeSelection {
  /** Yjs's id of their editor. */
  readonly clientId: number
  /** Who they are, safe to show. */
  readonly person: Person
  /** Whether their keys go elsewhere: to another window, or to something beside the text. */
  readonly isAway: boolean
  /** Equal for cursors that stand in the same place. */
  readonly place: string
}

/** The field `cursor` of a presence state, as JSON. Stock clients that show carets know `anchor` and `head` too. */
export interface PublishedCursor {
  /** The end of the selection that stays: a relative position as JSON. */
  readonly anchor: unknown
  /** The end that moves. */
  readonly head: unknown
  /** There, and true, while the person's keys go elsewhere: it is their last position. */
  readonly blurred?: true
}

/** The cursors among presence states, which are whatever their senders sent; what does not read as one is left out. */
export function readCursors(states: ReadonlyMap<number, unknown>, ownClientId: number): readonly RemoteCursor[] {
  const found: RemoteCursor[] = []
  for (const [clientId, state] of states) {
    if (clientId === ownClientId || !isObject(state) || !isObject(state.cursor)) continue
    const anchor = readRelativePosition(state.cursor.anchor)
    const head = readRelativePosition(state.cursor.head)
    if (anchor === undefined || head === undefined) continue
    const isAway = state.cursor.blurred === true
    found.push({
      clientId,
      person: readPerson(state.user),
      anchor,
      head,
      isAway,
      place: JSON.stringify([anchor, head]),
    })
  }
  return found
}

/** What others are told of a selection. */
export function publishedCursor({ anchor, head }: RelativeSelection, isAway: boolean): PublishedCursor {
  const place = { anchor: Y.relativePositionToJSON(anchor), head: Y.relativePositionToJSON(head) }
  return isAway ? { ...place, blurred: true } : place
}

/** Whether two cursors are one person's, in the same place and with the same look. */
export function isSameCursor(one: RemoteCursor, other: RemoteCursor): boolean {
  return (
    one.clientId === other.clientId &&
    one.place === other.place &&
    one.isAway === other.isAway &&
    one.person.name === other.person.name &&
    one.person.color === other.person.color
  )
}

/** A relative position into the body, or `undefined` for anything else. Yjs reads no other root on its account. */
function readRelativePosition(json: unknown): Y.RelativePosition | undefined {
  if (!isObject(json)) return undefined
  const { type, tname, item, assoc } = json
  if (!isIdOrNothing(type) || !isIdOrNothing(item)) return undefined
  if (tname !== undefined && tname !== null && tname !== BODY_ROOT) return undefined
  if (assoc !== undefined && typeof assoc !== "number") return undefined
  if (!isObject(type) && !isObject(item) && tname !== BODY_ROOT) return undefined
  return Y.createRelativePositionFromJSON(json)
}

function isIdOrNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true
  return isObject(value) && isCount(value.client) && isCount(value.clock)
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null
}
