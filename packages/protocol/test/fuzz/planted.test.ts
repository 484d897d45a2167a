import { HostileUpdates, SeededRandom } from "@quire/testing"
import { expect, it } from "vitest"
import * as Y from "yjs"
import { decodeStateVector, LIMITS, walkUpdate } from "../../src/index.js"
import { CLIENTS, openDocument, ROOTS, writeDocument } from "./documents.js"
import { PATIENCE_MS } from "./runs.js"

/*
 * A test of the generator: without the walker it must find the two dangers that were found by hand in Yjs 13.6 (L10: a
 * struct of nothing that silences somebody else; L13: a struct of no length that is taken, and then the document cannot
 * be loaded any more), and with the walker it must find neither.
 */

const INPUTS = 10_000
/** Nobody reaches this clock by typing: 2^31 characters. */
const OUT_OF_REACH = LIMITS.clock

type Danger = "silences somebody (L10)" | "cannot be loaded again (L13)"

it("the generator finds L10 and L13 in bare Yjs within 10,000 updates, and neither behind the walker", {
  timeout: PATIENCE_MS,
}, () => {
  const bare = findDangers(false)
  const walked = findDangers(true)
  process.stdout.write(`fuzz planted: first found without the walker: ${JSON.stringify([...bare])}\n`)
  expect([...bare.keys()].sort()).toEqual(["cannot be loaded again (L13)", "silences somebody (L10)"])
  expect([...walked]).toEqual([])
})

/** Dangers by the number of the update that first showed them. */
function findDangers(isWalked: boolean): Map<Danger, number> {
  const found = new Map<Danger, number>()
  const { state, updates } = writeDocument(4)
  const known = decodeStateVector(Y.encodeStateVectorFromUpdate(state))
  const hostile = new HostileUpdates({ random: new SeededRandom(1), seeds: updates, known, roots: ROOTS })
  for (let i = 0; i < INPUTS && found.size < 2; i++) {
    const { bytes } = hostile.next()
    if (isWalked && !isAccepted(bytes)) continue
    const ydoc = openDocument(state)
    if (!isTaken(ydoc, bytes)) continue
    for (const danger of dangersOf(ydoc)) if (!found.has(danger)) found.set(danger, i + 1)
  }
  return found
}

function isAccepted(bytes: Uint8Array): boolean {
  try {
    walkUpdate(bytes)
    return true
  } catch {
    return false
  }
}

/** Whether a server that keeps a ydoc takes it; what it throws is what such a server would log. */
function isTaken(ydoc: Y.Doc, bytes: Uint8Array): boolean {
  try {
    Y.applyUpdate(ydoc, bytes)
    return true
  } catch {
    return false
  }
}

function dangersOf(ydoc: Y.Doc): Danger[] {
  const dangers: Danger[] = []
  const vector = decodeStateVectorOf(ydoc)
  if (CLIENTS.some((client) => (vector.get(client) ?? 0) >= OUT_OF_REACH)) dangers.push("silences somebody (L10)")
  try {
    openDocument(Y.encodeStateAsUpdate(ydoc)).destroy()
  } catch {
    dangers.push("cannot be loaded again (L13)")
  }
  return dangers
}

/** By Yjs: our own decoder refuses the clocks that are looked for here. */
function decodeStateVectorOf(ydoc: Y.Doc): ReadonlyMap<number, number> {
  return Y.decodeStateVector(Y.encodeStateVector(ydoc))
}
