import {
  type ClockRange,
  decodeStateVector,
  encodeDeletions,
  encodeStateVector,
  LIMITS,
  type StateVector,
  type UpdateSummary,
  walkUpdate,
} from "@quire/protocol"
import { isOrderable } from "./orderable.js"
import type { LoadedDocument } from "./ports.js"
import { addRange, covers } from "./ranges.js"

/** An update brings something, and builds only on what is there (itself included). */
export interface News {
  readonly kind: "news"
  readonly deletions: readonly ClockRange[]
  readonly vector: StateVector
  /** True if it brings structs along that are known: nobody can tell from its bytes whether they are the same. */
  readonly isRepeating: boolean
}

/** What an update is to somebody who knows what a `Knowledge` knows. */
export type Verdict =
  /** Nothing in it is new. */
  | { readonly kind: "known" }
  | News
  /** It builds on something nobody has sent. */
  | { readonly kind: "incomplete" }

/**
 * What a room knows of a body without holding it: which structs it has (a state vector) and which of them are deleted
 * (a delete set). Deletions do not move a state vector, so both are needed to tell news from what is known.
 */
export class Knowledge {
  readonly #vector: Map<number, number>
  readonly #deletions: Map<number, number[]>
  #encodedVector: Uint8Array | undefined
  #encodedDeletions: Uint8Array | undefined

  private constructor(vector: Map<number, number>, deletions: Map<number, number[]>) {
    this.#vector = vector
    this.#deletions = deletions
  }

  /** Knows nothing. */
  static empty(): Knowledge {
    return new Knowledge(new Map(), new Map())
  }

  /** Knows what a snapshot holds. */
  static ofSnapshot(stateVector: Uint8Array, deleteSet: Uint8Array): Knowledge {
    const knowledge = new Knowledge(decodeStateVector(stateVector), new Map())
    for (const range of walkUpdate(deleteSet).deletions) knowledge.#delete(range)
    return knowledge
  }

  /** Knows what a document's log holds; of none, nothing. */
  static ofLoaded(loaded: LoadedDocument | undefined): Knowledge {
    if (loaded === undefined) return Knowledge.empty()
    const { snapshot, tail } = loaded
    const knowledge =
      snapshot === undefined ? Knowledge.empty() : Knowledge.ofSnapshot(snapshot.stateVector, snapshot.deleteSet)
    for (const record of tail) if (record.kind === "body") knowledge.#learnAll(record.payload)
    return knowledge
  }

  /** Knows what these updates bring. */
  static ofUpdates(updates: readonly Uint8Array[]): Knowledge {
    const knowledge = Knowledge.empty()
    for (const update of updates) knowledge.#learnAll(update)
    return knowledge
  }

  /** Judges an update. Rule R1 (news) and rule R2 (whole) of SPEC.md; changes nothing. */
  judge(summary: UpdateSummary): Verdict {
    const vector = new Map<number, number>()
    let isRepeating = false
    for (const { client, start, end } of summary.structs) {
      const known = vector.get(client) ?? this.#vector.get(client) ?? 0
      if (start > known) return { kind: "incomplete" }
      if (start < known) isRepeating = true
      if (end > known) vector.set(client, end)
    }
    for (const [client, end] of summary.names) {
      if (end > (vector.get(client) ?? this.#vector.get(client) ?? 0)) return { kind: "incomplete" }
    }
    if (!isOrderable(summary.crossings, vector, this.#vector)) return { kind: "incomplete" }
    const deletions = summary.deletions.filter((range) => !this.#isDeleted(range))
    if (vector.size === 0 && deletions.length === 0) return { kind: "known" }
    return { kind: "news", vector, deletions, isRepeating }
  }

  /** Rule R8: whether an update carries a client's clock on as no writing does. */
  claimsTooMuch({ structs }: UpdateSummary): boolean {
    return structs.some(({ client, end }) => end - this.clockOf(client) > LIMITS.clockAdvance)
  }

  /** Takes in what a verdict found new. */
  learn(news: News): void {
    for (const [client, clock] of news.vector) this.#vector.set(client, clock)
    for (const range of news.deletions) this.#delete(range)
    if (news.vector.size > 0) this.#encodedVector = undefined
    if (news.deletions.length > 0) this.#encodedDeletions = undefined
  }

  /** The next clock of a client. */
  clockOf(client: number): number {
    return this.#vector.get(client) ?? 0
  }

  /** True if somebody with this state vector has every struct known here. */
  isCoveredBy(vector: StateVector): boolean {
    if (vector.size < this.#vector.size) return false
    for (const [client, clock] of this.#vector) if ((vector.get(client) ?? 0) < clock) return false
    return true
  }

  /** Yjs's bytes of the state vector; the same array until something is learnt. */
  stateVector(): Uint8Array {
    this.#encodedVector ??= encodeStateVector(this.#vector)
    return this.#encodedVector
  }

  /** An update that repeats all deletions; without any, the empty update. The same array until something is learnt. */
  deleteSet(): Uint8Array {
    this.#encodedDeletions ??= encodeDeletions(this.#deletions)
    return this.#encodedDeletions
  }

  #learnAll(update: Uint8Array): void {
    const verdict = this.judge(walkUpdate(update))
    if (verdict.kind === "news") this.learn(verdict)
  }

  #isDeleted(range: ClockRange): boolean {
    const ranges = this.#deletions.get(range.client)
    return ranges !== undefined && covers(ranges, range.start, range.end)
  }

  #delete(range: ClockRange): void {
    const ranges = this.#deletions.get(range.client)
    if (ranges === undefined) this.#deletions.set(range.client, [range.start, range.end])
    else addRange(ranges, range.start, range.end)
  }
}
