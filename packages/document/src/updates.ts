import * as Y from "yjs"

/** The update that brings nothing. */
export const EMPTY_UPDATE: Uint8Array = Uint8Array.of(0, 0)

/** How many updates are merged at a time: Yjs sorts all its inputs again at every struct (yjs 13.6, measured). */
const MERGE_WIDTH = 10

/**
 * One update with the content of all of them (Yjs updates, v1). Merged in tens, as a tree; of none, the empty update.
 * Collects no garbage and needs no ydoc.
 */
export function mergeUpdates(updates: readonly Uint8Array[]): Uint8Array {
  let level = updates
  while (level.length > 1) {
    const next: Uint8Array[] = []
    for (let i = 0; i < level.length; i += MERGE_WIDTH) {
      const group = level.slice(i, i + MERGE_WIDTH)
      next.push(group.length === 1 ? (group[0] as Uint8Array) : Y.mergeUpdates(group))
    }
    level = next
  }
  return level[0] ?? EMPTY_UPDATE
}

/** The structs of an update that a state vector lacks, with all its deletions. */
export function differenceFrom(update: Uint8Array, stateVector: Uint8Array): Uint8Array {
  return Y.diffUpdate(update, stateVector)
}

/**
 * Splits an update into what can be integrated on top of the base, and what builds on something that is in neither.
 *
 * @returns both parts as updates; each may be the empty one.
 */
export function separateUpdate(
  base: readonly Uint8Array[],
  update: Uint8Array,
): { readonly whole: Uint8Array; readonly missing: Uint8Array } {
  const ydoc = new Y.Doc({ gc: false })
  Y.applyUpdate(ydoc, mergeUpdates(base))
  const before = Y.encodeStateVector(ydoc)
  const { deleteSet, beforeState, afterState } = ydoc.transact((transaction) => {
    Y.applyUpdate(ydoc, update)
    return transaction
  })
  // The base's ydoc has deletions that no update tells: what a later attribute replaced, what is in something deleted.
  // They are no part of an update that changes nothing.
  const hasNews =
    deleteSet.clients.size > 0 || [...afterState].some(([id, clock]) => clock > (beforeState.get(id) ?? 0))
  const { store } = ydoc
  // Yjs keeps what it cannot integrate in its second encoding, and would put it into every encoded state.
  const pending = [store.pendingStructs?.update, store.pendingDs].filter((part) => part instanceof Uint8Array)
  const missing = mergeUpdates(pending.map((part) => Y.convertUpdateFormatV2ToV1(part)))
  store.pendingStructs = null
  store.pendingDs = null
  const whole = hasNews ? Y.encodeStateAsUpdate(ydoc, before) : EMPTY_UPDATE
  ydoc.destroy()
  return { whole, missing }
}
