import { HostileUpdates, type SeededRandom } from "@quire/testing"
import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { Knowledge } from "../../../sync/src/knowledge.js"
import { decodeStateVector, ProtocolError, type UpdateSummary, walkUpdate } from "../../src/index.js"
import { CountedBytes } from "./counted-bytes.js"
import { isImpossible, openDocument, ROOTS, shown, writeDocument } from "./documents.js"
import { fuzz, PATIENCE_MS } from "./runs.js"

/** Documents that the updates are made for. */
const DOCUMENTS = [1, 2, 3].map((seed) => {
  const document = writeDocument(seed)
  const known = decodeStateVector(Y.encodeStateVectorFromUpdate(document.state))
  return { ...document, known }
})

/** How often a walker may look at a byte: once to decode, twice where it is text that must parse. */
const READS_A_BYTE = 3

/** Hostile updates for the documents in turn. */
function hostileUpdates(): (random: SeededRandom) => { readonly bytes: Uint8Array; readonly at: number } {
  let generators: HostileUpdates[] | undefined
  let made = 0
  return (random) => {
    generators ??= DOCUMENTS.map(
      ({ updates, known }) => new HostileUpdates({ random, seeds: updates, known, roots: ROOTS }),
    )
    const at = made++ % DOCUMENTS.length
    return { bytes: (generators[at] as HostileUpdates).next().bytes, at } // in range by construction
  }
}

describe("walkUpdate", () => {
  it("and the room's judgement let nothing through that would not load the same for everybody", {
    timeout: PATIENCE_MS,
  }, async () => {
    const next = hostileUpdates()
    let document = DOCUMENTS[0] as (typeof DOCUMENTS)[number] // there are three
    const tally = await fuzz("walkUpdate", 6_000, {
      input: (random) => {
        const { bytes, at } = next(random)
        document = DOCUMENTS[at] ?? document
        return bytes
      },
      check: (update) => {
        const summary = walked(update)
        if (summary === undefined) return "refused"
        const { state } = document
        const knowledge = Knowledge.ofUpdates([state])
        const verdict = knowledge.judge(summary)
        // Neither is stored as it is: the sender is asked again (rule R2).
        if (verdict.kind === "incomplete") return "incomplete"
        if (verdict.kind === "news" && verdict.isRepeating) return "repeating"
        if (verdict.kind === "known") {
          expectNoChange(state, update)
          return "known"
        }
        knowledge.learn(verdict)
        return expectLoadsTheSame(state, update, knowledge)
      },
    })
    for (const outcome of ["refused", "incomplete", "repeating", "known", "news"]) {
      expect(tally.get(outcome), outcome).toBeGreaterThan(50)
    }
  })
})

/** What the walker says of an update; `undefined` if it refuses it. Its work is bounded either way. */
function walked(update: Uint8Array): UpdateSummary | undefined {
  const counted = new CountedBytes(update)
  let summary: UpdateSummary | undefined
  try {
    summary = walkUpdate(counted.bytes)
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
  }
  expect(counted.reads).toBeLessThanOrEqual(READS_A_BYTE * update.length + 1)
  if (summary !== undefined) expect(summary.structCount).toBeLessThanOrEqual(update.length / 2)
  return summary
}

/** What is known is never stored: so it must change nothing for those who apply it. */
function expectNoChange(state: Uint8Array, update: Uint8Array): void {
  const ydoc = openDocument(state)
  const before = shown(ydoc)
  Y.applyUpdate(ydoc, update)
  expect(shown(ydoc)).toBe(before)
  expect([ydoc.store.pendingStructs, ydoc.store.pendingDs]).toEqual([null, null])
}

/** News: whoever was there, whoever comes later, and whoever gets it merged, have the same. */
function expectLoadsTheSame(state: Uint8Array, update: Uint8Array, knowledge: Knowledge): string {
  const ydoc = openDocument(state)
  Y.applyUpdate(ydoc, update)
  expect([ydoc.store.pendingStructs, ydoc.store.pendingDs]).toEqual([null, null])
  const vector = Y.encodeStateVector(ydoc)
  expect(decodeStateVector(vector)).toEqual(decodeStateVector(knowledge.stateVector()))
  let emitted = 0
  ydoc.on("update", () => emitted++)
  Y.applyUpdate(ydoc, update)
  expect(emitted).toBe(0)
  // What the room says is deleted, is.
  const encoded = Y.encodeStateAsUpdate(ydoc)
  expect(Knowledge.ofUpdates([encoded]).judge(walkUpdate(knowledge.deleteSet())).kind).toBe("known")
  const reloaded = openDocument(encoded)
  const merged = openDocument(Y.mergeUpdates([state, update]))
  const reversed = openDocument(Y.mergeUpdates([update, state]))
  for (const other of [reloaded, merged, reversed]) {
    expect([other.store.pendingStructs, other.store.pendingDs]).toEqual([null, null])
    expect(Y.encodeStateVector(other)).toEqual(vector)
  }
  if (new Set([ydoc, reloaded, merged, reversed].map(shown)).size === 1) return "news"
  // docs/fuzzing.md, "What is left": it cannot be told without the document.
  expect(isImpossible(ydoc, update)).toBe(true)
  return "news between neighbours that never were"
}
