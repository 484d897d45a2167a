import { asSequence, type DocumentId, parseDocumentId } from "@quire/base"
import { expect, it } from "vitest"
import { MergedState, MergedStates } from "../src/merged-state.js"
import type { Merging } from "../src/ports.js"

/** Puts updates one after the other: their sizes are what counts here. */
const joining: Merging = {
  merge: async (updates) => Buffer.concat(updates),
  difference: async (update) => update,
  separate: async (_base, update) => ({ whole: update, missing: new Uint8Array() }),
}

it("forgets what was used longest ago once more than the budget is kept", async () => {
  const states = new MergedStates(2_500)
  for (const name of ["a", "b"]) states.put(documentOf(name), stateOf(500))
  await states.get(documentOf("a"), unexpected)
  states.put(documentOf("c"), stateOf(500))
  expect(kept(states, "a", "b", "c")).toEqual(["a", "c"])
})

it("counts a state at its size of now, not of then", async () => {
  const states = new MergedStates(2_500)
  const growing = stateOf(100)
  states.put(documentOf("growing"), growing)
  states.put(documentOf("other"), stateOf(500))
  await growing.extend([new Uint8Array(900)], asSequence(2))
  states.put(documentOf("growing"), growing)
  expect(kept(states, "growing", "other")).toEqual(["growing"])
})

it("has room again for what it was told to drop", () => {
  const states = new MergedStates(2_500)
  for (const name of ["a", "b"]) states.put(documentOf(name), stateOf(500))
  states.drop(documentOf("a"))
  states.drop(documentOf("a"))
  states.put(documentOf("c"), stateOf(500))
  expect(kept(states, "a", "b", "c")).toEqual(["b", "c"])
})

it("keeps the newest state also if it alone is more than the budget", () => {
  const states = new MergedStates(100)
  states.put(documentOf("a"), stateOf(500))
  expect(kept(states, "a")).toEqual(["a"])
})

/** A state of one update; a transport's copy of it counts too, so it is kept as twice that size. */
function stateOf(sizeBytes: number): MergedState {
  return new MergedState({ snapshot: undefined, tail: [new Uint8Array(sizeBytes)], through: asSequence(1) }, joining)
}

function kept(states: MergedStates, ...names: string[]): string[] {
  return names.filter((name) => states.peek(documentOf(name)) !== undefined)
}

function documentOf(name: string): DocumentId {
  const parsed = parseDocumentId(name)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.id
}

async function unexpected(): Promise<MergedState> {
  throw new Error("it is here")
}
