import { readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"
import type * as Y from "yjs"

/** Characters deleted and text inserted at a position; positions count UTF-16 units here. */
export type Patch = readonly [position: number, deleted: number, inserted: string]

/** One person's keystrokes, one after another. */
export interface SequentialTrace {
  /** The text at the end. */
  readonly endContent: string
  /** Each applies to the result of the one before. */
  readonly txns: readonly { readonly patches: readonly Patch[] }[]
}

/** One person's keystrokes at a known state of the document. */
export interface ConcurrentTransaction {
  /** Earlier transactions: it applies to the merge of exactly these and all before them. */
  readonly parents: readonly number[]
  /** Whose it is: 0, 1 … */
  readonly agent: number
  readonly patches: readonly Patch[]
}

/** Several people's keystrokes. */
export interface ConcurrentTrace {
  /** The text at the end. */
  readonly endContent: string
  /** How many people. */
  readonly numAgents: number
  readonly txns: readonly ConcurrentTransaction[]
}

/** One person wrote a Svelte component. */
export function sveltecomponent(): SequentialTrace {
  return read("sveltecomponent") as SequentialTrace // the format that traces/README.md states
}

/** Two friends wrote a text together, at times at once. */
export function friendsforever(): ConcurrentTrace {
  return read("friendsforever") as ConcurrentTrace // the format that traces/README.md states
}

function read(name: string): unknown {
  const packed = readFileSync(new URL(`./traces/${name}.json.gz`, import.meta.url))
  return JSON.parse(gunzipSync(packed).toString("utf8"))
}

/** Applies patches, in order. */
export function applyPatches(text: Y.Text, patches: readonly Patch[]): void {
  for (const [position, deleted, inserted] of patches) {
    if (deleted > 0) text.delete(position, deleted)
    if (inserted !== "") text.insert(position, inserted)
  }
}

/** One author's share of a concurrent trace: how far a replica must be to stand where a transaction was made. */
export interface Step {
  /** The transaction's place in the trace. */
  readonly index: number
  readonly transaction: ConcurrentTransaction
  /** For each agent: how many of its transactions are part of the state, by their own order. */
  readonly seen: readonly number[]
  /** True if somebody else's transaction builds on this one, so it must not travel with later ones. */
  readonly isAwaited: boolean
}

/** The steps of a concurrent trace, in its order. */
export function stepsOf(trace: ConcurrentTrace): Step[] {
  const { txns, numAgents } = trace
  const awaited = new Set(txns.flatMap(({ parents, agent }) => parents.filter((p) => txns[p]?.agent !== agent)))
  const after: number[][] = []
  return txns.map((transaction, index) => {
    const seen = Array.from({ length: numAgents }, (_, agent) =>
      Math.max(0, ...transaction.parents.map((parent) => after[parent]?.[agent] ?? 0)),
    )
    const own = seen[transaction.agent] ?? 0
    after.push(seen.map((count, agent) => (agent === transaction.agent ? own + 1 : count)))
    return { index, transaction, seen, isAwaited: awaited.has(index) }
  })
}
