import * as Y from "yjs"

/** What a disk is known to hold, as a ydoc: the other side of every claim that something is safe. */
export class Witness {
  #ydoc = new Y.Doc()

  /** The content, for comparing; not to be changed. */
  get ydoc(): Y.Doc {
    return this.#ydoc
  }

  /** The disk has this now. */
  take(update: Uint8Array): void {
    Y.applyUpdate(this.#ydoc, update)
  }

  /** Everything on the disk was deleted. */
  wipe(): void {
    this.#ydoc.destroy()
    this.#ydoc = new Y.Doc()
  }

  /** The next clock of a client that the disk expects. */
  clockOf(client: number): number {
    return Y.getState(this.#ydoc.store, client)
  }

  /** What of an update the disk lacks, in words; `undefined` for nothing. */
  lacks(update: Uint8Array): string | undefined {
    for (const [client, clock] of Y.parseUpdateMeta(update).to) {
      if (this.clockOf(client) < clock) return `clocks ${this.clockOf(client)} to ${clock} of client ${client}`
    }
    for (const [client, ranges] of Y.decodeUpdate(update).ds.clients) {
      for (const { clock, len } of ranges) {
        for (let at = clock; at < clock + len; at++) {
          if (!this.isDeleted(client, at)) return `the deletion of clock ${at} of client ${client}`
        }
      }
    }
    return undefined
  }

  /** Whether the disk has a clock as deleted. */
  isDeleted(client: number, clock: number): boolean {
    if (clock >= this.clockOf(client)) return false
    const struct = Y.getItem(this.#ydoc.store, Y.createID(client, clock))
    return struct.deleted
  }
}
