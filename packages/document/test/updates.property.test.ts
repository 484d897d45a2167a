import fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import {
  authorshipOf,
  decodeAuthorship,
  differenceFrom,
  EMPTY_UPDATE,
  encodeAuthorship,
  foldUpdates,
  mergeUpdates,
  RUN_MS,
  separateUpdate,
} from "../src/index.js"

const script = fc.array(
  fc.record({
    peer: fc.nat(2),
    at: fc.nat(50),
    text: fc.string({ unit: "grapheme", maxLength: 4 }),
    merges: fc.boolean(),
  }),
  {
    minLength: 1,
    maxLength: 60,
  },
)
type Steps = typeof script extends fc.Arbitrary<infer T> ? T : never

/** The updates of three people who type, delete and now and then hear of each other; and the text in the end. */
function write(steps: Steps): { updates: Uint8Array[]; final: Y.Doc } {
  const updates: Uint8Array[] = []
  const peers = [0, 1, 2].map((n) => {
    const ydoc = new Y.Doc()
    ydoc.clientID = 1_000 + n
    ydoc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin !== "remote") updates.push(update)
    })
    return ydoc
  })
  for (const { peer, at, text, merges } of steps) {
    const ydoc = peers[peer] as Y.Doc
    if (merges) for (const other of peers) Y.applyUpdate(ydoc, Y.encodeStateAsUpdate(other), "remote")
    const ytext = ydoc.getText("t")
    if (text.length > 0) ytext.insert(at % (ytext.length + 1), text)
    else if (ytext.length > 0) ytext.delete(at % ytext.length, 1)
  }
  const final = new Y.Doc()
  for (const ydoc of peers) Y.applyUpdate(final, Y.encodeStateAsUpdate(ydoc))
  return { updates, final }
}

function textOf(...updates: Uint8Array[]): string {
  const ydoc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(ydoc, update)
  expect(ydoc.store.pendingStructs).toBe(null)
  return ydoc.getText("t").toString()
}

describe("merging", () => {
  it("gives one document, whatever the order and the grouping", () => {
    fc.assert(
      fc.property(script, fc.infiniteStream(fc.nat(1_000)), (steps, random) => {
        const { updates, final } = write(steps)
        const expected = final.getText("t").toString()
        expect(textOf(mergeUpdates(updates))).toBe(expected)
        const shuffled = [...updates].map((update) => ({ update, key: random.next().value as number }))
        shuffled.sort((a, b) => a.key - b.key)
        expect(textOf(mergeUpdates(shuffled.map(({ update }) => update)))).toBe(expected)
        const half = updates.length >> 1
        expect(textOf(mergeUpdates(updates.slice(half)), mergeUpdates(updates.slice(0, half)))).toBe(expected)
      }),
    )
  })

  it("of nothing is the empty update", () => {
    expect(mergeUpdates([])).toEqual(EMPTY_UPDATE)
  })

  it("of ten thousand updates ends", () => {
    const { updates } = write(Array.from({ length: 10_000 }, (_, i) => ({ peer: 0, at: i, text: "x", merges: false })))
    expect(textOf(mergeUpdates(updates)).length).toBe(10_000)
  })

  it("leaves out what a state vector has", () => {
    fc.assert(
      fc.property(script, (steps) => {
        const { updates, final } = write(steps)
        const half = new Y.Doc()
        const some = mergeUpdates(updates.slice(0, updates.length >> 1))
        Y.applyUpdate(half, some)
        const difference = differenceFrom(mergeUpdates(updates), Y.encodeStateVector(half))
        Y.applyUpdate(half, difference)
        expect(half.getText("t").toString()).toBe(final.getText("t").toString())
      }),
    )
  })
})

describe("separating", () => {
  it("gives what stands and what does not, and both together are everything", () => {
    fc.assert(
      fc.property(script, fc.nat(100), (steps, which) => {
        const { updates, final } = write(steps)
        fc.pre(updates.length > 0)
        const lost = which % updates.length
        const rest = updates.filter((_, i) => i !== lost)
        const { whole, missing } = separateUpdate([], mergeUpdates(rest))
        textOf(whole)
        expect(textOf(mergeUpdates([whole, updates[lost] as Uint8Array, missing]))).toBe(final.getText("t").toString())
      }),
    )
  })

  it("takes what the base makes whole", () => {
    const { updates } = write([
      { peer: 0, at: 0, text: "ab", merges: false },
      { peer: 0, at: 2, text: "cd", merges: false },
    ])
    const [first, second] = updates as [Uint8Array, Uint8Array]
    const { whole, missing } = separateUpdate([first], second)
    expect(textOf(first, whole)).toBe("abcd")
    expect(missing).toEqual(EMPTY_UPDATE)
  })

  it("takes nothing of an update that changes nothing, whatever the base implies", () => {
    // Two set one attribute at the same time: that one of them lost is written in neither update.
    const [anna, ben] = [1, 2].map((clientID) => Object.assign(new Y.Doc(), { clientID })) as [Y.Doc, Y.Doc]
    anna.getMap("attributes").set("level", 1)
    ben.getMap("attributes").set("level", 2)
    const base = [anna, ben].map((ydoc) => Y.encodeStateAsUpdate(ydoc))
    ben.getMap("attributes").set("align", "end")
    const gap = Y.encodeStateVector(ben)
    ben.getMap("attributes").set("indent", 1)
    const later = Y.encodeStateAsUpdate(ben, gap)
    expect(separateUpdate(base, later)).toEqual({ whole: EMPTY_UPDATE, missing: later })
    expect(separateUpdate(base, base[0] as Uint8Array).whole).toEqual(EMPTY_UPDATE)
  })
})

describe("folding", () => {
  for (const collectGarbage of [true, false]) {
    it(`keeps text, state vector and deletions ${collectGarbage ? "without" : "with"} the deleted content`, () => {
      fc.assert(
        fc.property(script, (steps) => {
          const { updates, final } = write(steps)
          const folded = foldUpdates(updates, collectGarbage)
          expect(textOf(folded.update)).toBe(final.getText("t").toString())
          expect(Y.decodeStateVector(folded.stateVector)).toEqual(Y.decodeStateVector(Y.encodeStateVector(final)))
          const { structs, ds } = Y.decodeUpdate(folded.deleteSet)
          expect(structs).toEqual([])
          expect(ds).toEqual(Y.decodeUpdate(folded.update).ds)
          expect(foldUpdates([folded.update], collectGarbage).update).toEqual(folded.update)
        }),
      )
    })
  }

  it("forgets deleted content only where it may", () => {
    const { updates } = write([
      { peer: 0, at: 0, text: "secret", merges: false },
      ...Array.from({ length: 6 }, () => ({ peer: 0, at: 0, text: "", merges: false })),
    ])
    const holds = (update: Uint8Array): boolean => Buffer.from(update).includes("cret")
    expect(holds(foldUpdates(updates, false).update)).toBe(true)
    expect(holds(foldUpdates(updates, true).update)).toBe(false)
  })

  it("only merges what cannot be loaded completely, so that nothing accepted is lost", () => {
    const { updates } = write([
      { peer: 0, at: 0, text: "ab", merges: false },
      { peer: 0, at: 2, text: "cd", merges: false },
    ])
    const folded = foldUpdates([updates[1] as Uint8Array], true)
    expect(textOf(updates[0] as Uint8Array, folded.update)).toBe("abcd")
  })
})

describe("authorship", () => {
  it("covers every clock once, whoever sends it again, and survives its encoding", () => {
    fc.assert(
      fc.property(script, (steps) => {
        const { updates, final } = write(steps)
        const authored = updates.map((payload, i) => ({ author: `user ${i % 2}`, timeMs: 1_000 + i * 40_000, payload }))
        const again = { author: "late", timeMs: 9_999_999, payload: mergeUpdates(updates) }
        const runs = authorshipOf(undefined, [...authored, again])
        expect(runs.filter(({ user }) => user === "late")).toEqual([])
        const written = new Map<number, number>()
        for (const run of runs.filter(({ kind }) => kind === "wrote")) {
          expect(run.start).toBe(written.get(run.client) ?? 0)
          written.set(run.client, run.end)
        }
        expect(written).toEqual(Y.decodeStateVector(Y.encodeStateVector(final)))
        expect(decodeAuthorship(encodeAuthorship(runs))).toEqual(runs)
      }),
    )
  })

  it("joins what one user does within a minute, and begins anew after", () => {
    const { updates } = write(Array.from({ length: 4 }, (_, i) => ({ peer: 0, at: i, text: "x", merges: false })))
    const times = [0, RUN_MS - 1, RUN_MS, RUN_MS + 1]
    const runs = authorshipOf(
      undefined,
      updates.map((payload, i) => ({ author: "ann", timeMs: times[i] ?? 0, payload })),
    )
    expect(runs.map(({ start, end, timeMs }) => [start, end, timeMs])).toEqual([
      [0, 2, 0],
      [2, 4, RUN_MS],
    ])
  })

  it("counts only what comes after what is known", () => {
    const { updates } = write([
      { peer: 0, at: 0, text: "ab", merges: false },
      { peer: 0, at: 2, text: "cd", merges: false },
    ])
    const [known, next] = updates as [Uint8Array, Uint8Array]
    const runs = authorshipOf(known, [{ author: "ann", timeMs: 5, payload: mergeUpdates([known, next]) }])
    expect(runs).toEqual([{ kind: "wrote", user: "ann", client: 1_000, start: 2, end: 4, timeMs: 5 }])
  })

  it("is one run for a word that was typed, and one for its letters that were taken back from the end", () => {
    const ydoc = new Y.Doc()
    ydoc.clientID = 7
    const payloads: Uint8Array[] = []
    ydoc.on("update", (update: Uint8Array) => payloads.push(update))
    const text = ydoc.getText("t")
    for (let i = 0; i < 6; i++) text.insert(i, "a")
    for (let i = 6; i > 2; i--) text.delete(i - 1, 1)
    const runs = authorshipOf(
      undefined,
      payloads.map((payload) => ({ author: "ann", timeMs: 5, payload })),
    )
    const run = { user: "ann", client: 7, timeMs: 5 }
    expect(runs).toEqual([
      { ...run, kind: "wrote", start: 0, end: 6 },
      { ...run, kind: "deleted", start: 2, end: 6 },
    ])
  })

  it("says so when the bytes are of another version", () => {
    expect(() => decodeAuthorship(new TextEncoder().encode('{"version":2}'))).toThrow(/version 2/)
  })
})
