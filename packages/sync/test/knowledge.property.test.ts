import { walkUpdate } from "@quire/protocol"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { Knowledge } from "../src/knowledge.js"
import { addRange, covers } from "../src/ranges.js"

describe("ranges", () => {
  it("cover what was added, however it came", () => {
    const added = fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 8 })), { maxLength: 30 })
    fc.assert(
      fc.property(added, (list) => {
        const ranges: number[] = []
        const model = new Set<number>()
        for (const [start, length] of list) {
          addRange(ranges, start, start + length)
          for (let clock = start; clock < start + length; clock++) model.add(clock)
        }
        for (let i = 1; i < ranges.length; i++) expect(ranges[i]).toBeGreaterThan(ranges[i - 1] as number)
        for (let start = 0; start < 70; start++) {
          expect(covers(ranges, start, start + 1)).toBe(model.has(start))
          expect(covers(ranges, start, start + 3)).toBe([0, 1, 2].every((n) => model.has(start + n)))
        }
      }),
    )
  })
})

describe("knowledge", () => {
  it.each<[string, readonly number[], "incomplete" | "news"]>([
    [
      "structs of two clients that wait for one another",
      [2, 1, 2, 0, 132, 1, 0, 1, 97, 1, 1, 0, 132, 2, 0, 1, 98, 0],
      "incomplete",
    ],
    [
      "structs of two clients in turns",
      [2, 1, 2, 0, 132, 1, 0, 1, 97, 2, 1, 0, 4, 1, 1, 116, 1, 98, 132, 2, 0, 1, 99, 0],
      "news",
    ],
  ])("calls what Yjs would keep waiting for ever incomplete, and nothing else: %s", (_what, bytes, expected) => {
    const update = Uint8Array.from(bytes)
    const ydoc = new Y.Doc()
    Y.applyUpdate(ydoc, update)
    expect(ydoc.store.pendingStructs === null ? "news" : "incomplete").toBe(expected)
    expect(Knowledge.empty().judge(walkUpdate(update)).kind).toBe(expected)
  })

  it("is that of a ydoc that was given the same updates, in any order, and judges like it", () => {
    const steps = fc.array(
      fc.record({ peer: fc.nat(2), at: fc.nat(50), text: fc.string({ maxLength: 3 }), hears: fc.boolean() }),
      {
        maxLength: 40,
      },
    )
    fc.assert(
      fc.property(steps, fc.infiniteStream(fc.nat(1_000)), (list, random) => {
        const updates = updatesOf(list)
          .map((update) => ({ update, key: random.next().value as number }))
          .sort((a, b) => a.key - b.key)
        const knowledge = Knowledge.empty()
        const ydoc = new Y.Doc()
        for (const { update } of updates) {
          const verdict = knowledge.judge(walkUpdate(update))
          const before = Y.encodeStateAsUpdate(ydoc)
          if (verdict.kind === "incomplete") {
            const probe = new Y.Doc()
            Y.applyUpdate(probe, before)
            Y.applyUpdate(probe, update)
            expect(probe.store.pendingStructs !== null || probe.store.pendingDs !== null).toBe(true)
            continue
          }
          Y.applyUpdate(ydoc, update)
          expect(
            Y.encodeStateAsUpdate(ydoc).length !== before.length || !same(Y.encodeStateAsUpdate(ydoc), before),
          ).toBe(verdict.kind === "news")
          if (verdict.kind === "news") knowledge.learn(verdict)
          expect(knowledge.judge(walkUpdate(update)).kind).toBe("known")
          expect(Y.decodeStateVector(knowledge.stateVector())).toEqual(Y.decodeStateVector(Y.encodeStateVector(ydoc)))
          expect(Y.decodeUpdate(knowledge.deleteSet()).ds.clients.size).toBe(
            Y.decodeUpdate(Y.encodeStateAsUpdate(ydoc)).ds.clients.size,
          )
        }
        const state = Y.encodeStateAsUpdate(ydoc)
        expect(knowledge.judge(walkUpdate(state)).kind).toBe("known")
        const vector = Y.encodeStateVector(ydoc)
        const restored = Knowledge.ofSnapshot(vector, Y.encodeStateAsUpdate(ydoc, vector))
        expect(restored.judge(walkUpdate(state)).kind).toBe("known")
        expect(restored.stateVector()).toEqual(knowledge.stateVector())
        expect(restored.deleteSet()).toEqual(knowledge.deleteSet())
      }),
    )
  })
})

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

/** What three people send who type, delete and now and then hear of each other. */
function updatesOf(steps: readonly { peer: number; at: number; text: string; hears: boolean }[]): Uint8Array[] {
  const updates: Uint8Array[] = []
  const peers = [0, 1, 2].map(() => {
    const ydoc = new Y.Doc()
    ydoc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin !== "remote") updates.push(update)
    })
    return ydoc
  })
  for (const { peer, at, text, hears } of steps) {
    const ydoc = peers[peer] as Y.Doc
    if (hears) for (const other of peers) Y.applyUpdate(ydoc, Y.encodeStateAsUpdate(other), "remote")
    const ytext = ydoc.getText("t")
    if (text.length > 0) ytext.insert(at % (ytext.length + 1), text)
    else if (ytext.length > 0) ytext.delete(at % ytext.length, 1)
  }
  return updates
}
