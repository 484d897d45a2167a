import * as Y from "yjs"

/*
 * A stock y-websocket server never acknowledges, but it sends every update that changed its ydoc to everybody, its
 * sender included. So on such a server a message counts as taken once its content has come back: for every client id
 * the server is known to have got as far (its state vector, or a struct it sent), and every deletion was named by it.
 * That the content is also on a disk is more than such a server ever says.
 */

interface Range {
  readonly clock: number
  readonly len: number
}

type Ranges = Map<number, readonly Range[]>

interface Expected {
  readonly number: number
  /** Per client id: the clock the server must reach. */
  readonly clocks: Map<number, number>
  readonly deletions: Ranges
}

/** Waits for one plain connection's messages to come back. */
export class EchoWatch {
  #expected: Expected[] = []
  /** What came before the first message left: the server's answer may overtake our own. */
  #early: Uint8Array[] | undefined = []

  /** A content message with this number has left. */
  expect(number: number, update: Uint8Array): void {
    const deletions: Ranges = new Map(Y.decodeUpdate(update).ds.clients)
    this.#expected.push({ number, clocks: Y.parseUpdateMeta(update).to, deletions })
    for (const early of this.#early ?? []) this.#strike(early)
    this.#early = undefined
  }

  /**
   * The server has sent this step 2 or update.
   *
   * @returns the number through which everything has come back; 0 for nothing.
   */
  received(update: Uint8Array): number {
    if (this.#early !== undefined) this.#early.push(update)
    else if (this.#expected.length > 0) this.#strike(update)
    return this.#settle()
  }

  #strike(update: Uint8Array): void {
    const reached = Y.parseUpdateMeta(update).to
    const deleted = deletionsOf(update)
    for (const expected of this.#expected) {
      for (const [client, clock] of reached) {
        if (clock >= (expected.clocks.get(client) ?? Number.POSITIVE_INFINITY)) expected.clocks.delete(client)
      }
      for (const [client, ranges] of deleted) {
        const left = without(expected.deletions.get(client) ?? [], ranges)
        if (left.length === 0) expected.deletions.delete(client)
        else expected.deletions.set(client, left)
      }
    }
  }

  #settle(): number {
    let through = 0
    for (;;) {
      const first = this.#expected[0]
      if (first === undefined || first.clocks.size > 0 || first.deletions.size > 0) return through
      through = first.number
      this.#expected.shift()
    }
  }
}

/** The deletions that an update tells: its delete set, and structs that were collected, which stand for deleted ones. */
function deletionsOf(update: Uint8Array): Ranges {
  const { structs, ds } = Y.decodeUpdate(update)
  const deletions: Ranges = new Map(ds.clients)
  for (const struct of structs) {
    if (!(struct instanceof Y.GC)) continue
    const range = { clock: struct.id.clock, len: struct.length }
    deletions.set(struct.id.client, [...(deletions.get(struct.id.client) ?? []), range])
  }
  return deletions
}

/** `ranges` minus `taken`. */
function without(ranges: readonly Range[], taken: readonly Range[]): readonly Range[] {
  let left = ranges
  for (const { clock, len } of taken) {
    left = left.flatMap((range) => {
      const end = range.clock + range.len
      if (clock >= end || clock + len <= range.clock) return [range]
      const before = { clock: range.clock, len: clock - range.clock }
      const after = { clock: clock + len, len: end - (clock + len) }
      return [before, after].filter((piece) => piece.len > 0)
    })
  }
  return left
}
