import * as Y from "yjs"

/**
 * Who wrote and who deleted what, as runs of Yjs clocks: kept from the first record on, because it cannot be found out
 * later. A run joins neighbouring clocks of one client by one user within `RUN_MS`.
 */
export interface AuthorshipRun {
  readonly kind: "wrote" | "deleted"
  /** The user id the server gave the session. */
  readonly user: string
  readonly client: number
  /** First clock of the run. */
  readonly start: number
  /** The clock after its last. */
  readonly end: number
  /** When the run began, milliseconds since the epoch. */
  readonly timeMs: number
}

/** One record of a log, as far as authorship goes. */
export interface AuthoredUpdate {
  readonly author: string
  readonly timeMs: number
  /** Yjs update, v1 encoding. */
  readonly payload: Uint8Array
}

/** Neighbouring clocks of one user belong to one run for this long. */
export const RUN_MS = 60_000

/**
 * The runs of a stretch of a log. Only what is new counts: who sends known content again wrote nothing.
 *
 * @param known an update with everything before the stretch, or `undefined` at the log's beginning.
 */
export function authorshipOf(known: Uint8Array | undefined, updates: readonly AuthoredUpdate[]): AuthorshipRun[] {
  const book = new Book()
  if (known !== undefined) book.read(known, () => undefined)
  const runs: AuthorshipRun[] = []
  const last = new Map<string, number>()
  for (const { author, timeMs, payload } of updates) {
    book.read(payload, (kind, client, start, end) => {
      const key = `${kind} ${client} ${author}`
      const at = last.get(key)
      const run = at === undefined ? undefined : runs[at]
      const isSoon = run !== undefined && timeMs - run.timeMs < RUN_MS
      if (at !== undefined && isSoon && run.end === start) runs[at] = { ...run, end }
      // Backspace deletes from the end.
      else if (at !== undefined && isSoon && run.start === end) runs[at] = { ...run, start }
      else {
        last.set(key, runs.length)
        runs.push({ kind, user: author, client, start, end, timeMs })
      }
    })
  }
  return runs
}

/** Runs as bytes: JSON, `{"version":1,"users":[…],"runs":[[kind, user, client, start, length, time], …]}`. */
export function encodeAuthorship(runs: readonly AuthorshipRun[]): Uint8Array {
  const users = [...new Set(runs.map(({ user }) => user))]
  const place = new Map(users.map((user, index) => [user, index]))
  const rows = runs.map(({ kind, user, client, start, end, timeMs }) => [
    kind === "wrote" ? 0 : 1,
    place.get(user),
    client,
    start,
    end - start,
    timeMs,
  ])
  return new TextEncoder().encode(JSON.stringify({ version: 1, users, runs: rows }))
}

/**
 * Reads what `encodeAuthorship` wrote.
 *
 * @throws TypeError when the bytes are of another version or damaged.
 */
export function decodeAuthorship(bytes: Uint8Array): AuthorshipRun[] {
  const parsed = JSON.parse(new TextDecoder().decode(bytes)) as {
    readonly version: unknown
    readonly users: readonly string[]
    readonly runs: readonly (readonly [number, number, number, number, number, number])[]
  }
  if (parsed.version !== 1) throw new TypeError(`authorship has version ${String(parsed.version)}, this reads 1`)
  return parsed.runs.map(([kind, user, client, start, length, timeMs]) => ({
    kind: kind === 0 ? "wrote" : "deleted",
    user: parsed.users[user] ?? "",
    client,
    start,
    end: start + length,
    timeMs,
  }))
}

type Found = (kind: AuthorshipRun["kind"], client: number, start: number, end: number) => void

/** What has been seen so far: the next clock and the deleted clocks of each client. */
class Book {
  readonly #vector = new Map<number, number>()
  /** Of each client, pairs of first clock and the clock after the last: sorted, and none touches the next. */
  readonly #deleted = new Map<number, number[]>()

  read(update: Uint8Array, found: Found): void {
    const { structs, ds } = Y.decodeUpdate(update)
    for (const struct of structs) {
      if (struct instanceof Y.Skip) continue
      const { client, clock } = struct.id
      const seen = this.#vector.get(client) ?? 0
      const end = clock + struct.length
      if (end <= seen) continue
      this.#vector.set(client, end)
      found("wrote", client, Math.max(clock, seen), end)
    }
    for (const [client, items] of ds.clients) {
      for (const { clock, len } of items) this.#delete(client, clock, clock + len, found)
    }
  }

  /** Reports the parts of [start, end) that were not deleted yet, and remembers them. */
  #delete(client: number, start: number, end: number, found: Found): void {
    let ranges = this.#deleted.get(client)
    if (ranges === undefined) {
      ranges = []
      this.#deleted.set(client, ranges)
    }
    const from = firstTouching(ranges, start)
    let to = from
    let at = start
    while (to < ranges.length && (ranges[to] as number) <= end) {
      const [low, high] = [ranges[to] as number, ranges[to + 1] as number] // `to` is the place of a pair
      if (low > at) found("deleted", client, at, low)
      at = Math.max(at, high)
      to += 2
    }
    if (at < end) found("deleted", client, at, end)
    const low = from < to ? Math.min(start, ranges[from] as number) : start
    ranges.splice(from, to - from, low, Math.max(end, at))
  }
}

/** Place of the first pair that does not end before a clock. The list is sorted, its pairs do not touch. */
function firstTouching(ranges: readonly number[], clock: number): number {
  let low = 0
  let high = ranges.length / 2
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ranges[middle * 2 + 1] as number) < clock) low = middle + 1
    else high = middle
  }
  return low * 2
}
