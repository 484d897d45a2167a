import { mergeUpdates } from "@quire/document"
import * as Y from "yjs"

/**
 * What a disk is known to hold: the other side of every claim that something is safe. It lives on bytes, not on a ydoc:
 * a ydoc that updates are applied to one by one removes superfluous marks by itself, and so would hold an edit of its own.
 */
export class Witness {
  #updates: Uint8Array[] = []
  #ydoc: Y.Doc | undefined
  readonly #clocks = new Map<number, number>()
  readonly #deleted = new Map<number, Set<number>>()

  /** The content, for comparing; not to be changed. */
  get ydoc(): Y.Doc {
    if (this.#ydoc === undefined) {
      this.#ydoc = ydocOf(this.#updates)
      this.#updates = [Y.encodeStateAsUpdate(this.#ydoc)]
    }
    return this.#ydoc
  }

  /** The disk has this now. */
  take(update: Uint8Array): void {
    this.#updates.push(update)
    this.#ydoc = undefined
    for (const [client, clock] of Y.parseUpdateMeta(update).to) {
      this.#clocks.set(client, Math.max(clock, this.clockOf(client)))
    }
    for (const [client, at] of deletionsIn(update)) {
      const known = this.#deleted.get(client) ?? new Set()
      this.#deleted.set(client, known.add(at))
    }
  }

  /** Everything on the disk was deleted. */
  wipe(): void {
    this.#updates = []
    this.#ydoc = undefined
    this.#clocks.clear()
    this.#deleted.clear()
  }

  /** The next clock of a client that the disk expects. */
  clockOf(client: number): number {
    return this.#clocks.get(client) ?? 0
  }

  /** Whether the disk has a clock as deleted: by name, or because what it belongs to is. */
  isDeleted(client: number, clock: number): boolean {
    if (this.#deleted.get(client)?.has(clock) === true) return true
    const { store } = this.ydoc
    return clock < Y.getState(store, client) && Y.getItem(store, Y.createID(client, clock)).deleted
  }

  /** What of an update the disk lacks, in words; `undefined` for nothing. */
  lacks(update: Uint8Array): string | undefined {
    for (const [client, clock] of Y.parseUpdateMeta(update).to) {
      if (this.clockOf(client) < clock) return `clocks ${this.clockOf(client)} to ${clock} of client ${client}`
    }
    for (const [client, clock] of deletionsIn(update)) {
      if (!this.isDeleted(client, clock)) return `the deletion of clock ${clock} of client ${client}`
    }
    return undefined
  }
}

/** A ydoc that got all of these in one transaction, in which Yjs changes nothing of its own. */
export function ydocOf(updates: readonly Uint8Array[]): Y.Doc {
  const ydoc = new Y.Doc()
  Y.applyUpdate(ydoc, mergeUpdates(updates))
  return ydoc
}

function* deletionsIn(update: Uint8Array): Generator<readonly [client: number, clock: number]> {
  for (const [client, ranges] of Y.decodeUpdate(update).ds.clients) {
    for (const { clock, len } of ranges) for (let at = clock; at < clock + len; at++) yield [client, at]
  }
}
