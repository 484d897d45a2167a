import type * as Y from "yjs"
import { isTidying } from "./tidying.js"

/** Whom `takeIn` keeps from being told. */
export interface TakeInOptions {
  /** The page's ydoc. */
  readonly ydoc: Y.Doc
  /** The origin of what is taken in. */
  readonly origin: object
  /** Listens to `update`. */
  readonly grown: (update: Uint8Array, origin: unknown, ydoc: Y.Doc, transaction: Y.Transaction) => void
  /** True if this person may not write: then Yjs's own tidying up is no answer. */
  readonly isReader: boolean
}

/**
 * Runs `take`, which applies updates to a ydoc, without its listener to `update`. Yjs writes whatever it takes in anew, as
 * one update for those who watch it grow: for a whole document that takes as long as the taking in.
 *
 * @returns true if somebody who watches the ydoc has answered with an edit: what it was is not known, the ydoc holds it.
 * @throws what `take` throws.
 */
export function takeIn({ ydoc, origin, grown, isReader }: TakeInOptions, take: () => void): boolean {
  let isAnswered = false
  const look = (transaction: Y.Transaction): void => {
    const { origin: whose, beforeState, afterState, deleteSet } = transaction
    if (whose === origin || (isReader && isTidying(transaction))) return
    if (deleteSet.clients.size > 0) isAnswered = true
    for (const [client, clock] of afterState) if (beforeState.get(client) !== clock) isAnswered = true
  }
  ydoc.off("update", grown)
  ydoc.on("afterTransaction", look)
  try {
    take()
  } finally {
    ydoc.off("afterTransaction", look)
    ydoc.on("update", grown)
  }
  return isAnswered
}
