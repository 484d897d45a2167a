import { foldUpdates, mergeUpdates, separateUpdate } from "@quire/document"
import { EMPTY_UPDATE, ProtocolError, walkUpdate } from "@quire/protocol"
import type { DocumentKind, Salvaged } from "@quire/storage"

/** What is wrong with a body's updates, as a clause: whether everything in them can be loaded. */
export function checkBody(updates: readonly Uint8Array[]): string | undefined {
  const unreadable = updates.filter((update) => !isReadable(update)).length
  if (unreadable > 0)
    return `${unreadable} of its ${updates.length} changes cannot be read, though their checksums are right`
  const { missing } = separateUpdate([], mergeUpdates(updates))
  return missing.length > EMPTY_UPDATE.length ? "some of its changes build on something that is not there" : undefined
}

/** One body of everything in these updates that can be loaded. */
export function salvage(kind: DocumentKind, updates: readonly Uint8Array[]): Salvaged {
  const readable = updates.filter(isReadable)
  const { whole, missing } = separateUpdate([], mergeUpdates(readable))
  return {
    ...foldUpdates([whole], kind === "page"),
    unreadable: updates.length - readable.length,
    isIncomplete: missing.length > EMPTY_UPDATE.length,
  }
}

/** By itself: a walk, and one load, because Yjs has the last word. */
function isReadable(update: Uint8Array): boolean {
  try {
    walkUpdate(update)
  } catch (error) {
    // A snapshot may be larger than what a client may send.
    if (!(error instanceof ProtocolError)) throw error
    if (error.code !== "QUIRE_UPDATE_TOO_LARGE") return false
  }
  try {
    separateUpdate([], update)
    return true
  } catch {
    // Yjs refuses it: whatever it throws, the answer is no.
    return false
  }
}
