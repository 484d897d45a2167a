import fc from "fast-check"
import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { ProtocolError, type UpdateSummary, walkUpdate } from "../src/index.js"

/** One edit: what, where, and a number to choose with. */
const edit = fc.record({
  kind: fc.integer({ min: 0, max: 9 }),
  at: fc.nat(1_000),
  text: fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }),
})
const script = fc.array(fc.record({ peer: fc.integer({ min: 0, max: 2 }), edit }), { minLength: 1, maxLength: 40 })

type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never

/** Uses every kind of content that Yjs can write. */
function apply(ydoc: Y.Doc, { kind, at, text }: Edit): void {
  const ytext = ydoc.getText("t")
  const ymap = ydoc.getMap("m")
  const yarray = ydoc.getArray("a")
  const xml = ydoc.getXmlFragment("x")
  const place = at % (ytext.length + 1)
  if (kind === 0) ytext.insert(place, text)
  if (kind === 1 && ytext.length > 0) ytext.delete(at % ytext.length, 1)
  if (kind === 2) ytext.format(0, Math.min(ytext.length, 3), { bold: at % 2 === 0 ? true : null, size: { px: at } })
  if (kind === 3) ymap.set(text, [at, text, null, undefined, true, 1.5, -at, { deep: [text] }, new Uint8Array([at])])
  if (kind === 4) yarray.insert(0, [text, at])
  if (kind === 5) yarray.insert(0, [new Uint8Array([1, 2, 3])])
  if (kind === 6) ytext.insertEmbed(place, { image: text })
  if (kind === 7) xml.insert(0, [Object.assign(new Y.XmlElement("p")), new Y.XmlText(text), new Y.XmlHook("h")])
  if (kind === 8) ymap.set("child", at % 2 === 0 ? new Y.Map() : new Y.Array())
  if (kind === 9) ymap.set("doc", new Y.Doc({ guid: text, meta: { at } }))
}

/** Every update three peers made, and the updates as peers that merged them would send them again. */
function updatesOf(steps: { peer: number; edit: Edit }[]): Uint8Array[] {
  const updates: Uint8Array[] = []
  const peers = [0, 1, 2].map((n) => {
    const ydoc = new Y.Doc()
    ydoc.clientID = 2 ** 40 + n
    ydoc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin !== "remote") updates.push(update)
    })
    return ydoc
  })
  for (const step of steps) {
    const peer = peers[step.peer] as Y.Doc
    apply(peer, step.edit)
    if (step.edit.at % 3 === 0) for (const other of peers) Y.applyUpdate(peer, Y.encodeStateAsUpdate(other), "remote")
  }
  for (const peer of peers) updates.push(Y.encodeStateAsUpdate(peer))
  updates.push(Y.mergeUpdates(updates.filter((_, i) => i % 2 === 0)))
  return updates
}

/** The same summary, from Yjs's own objects. */
function byYjs(update: Uint8Array): UpdateSummary {
  const { structs, ds } = Y.decodeUpdate(update)
  const ranges: { client: number; start: number; end: number }[] = []
  const deletions: { client: number; start: number; end: number }[] = []
  for (const struct of structs) {
    const { client, clock } = struct.id
    const range = { client, start: clock, end: clock + struct.length }
    if (struct instanceof Y.Skip) continue
    const last = ranges.at(-1)
    if (last?.client === client && last.end === clock) ranges[ranges.length - 1] = { ...last, end: range.end }
    else ranges.push(range)
    if (struct instanceof Y.GC || (struct instanceof Y.Item && struct.content instanceof Y.ContentDeleted))
      deletions.push(range)
  }
  for (const [client, items] of ds.clients) {
    for (const { clock, len } of items) deletions.push({ client, start: clock, end: clock + len })
  }
  return { structs: ranges, deletions, names: new Map(), crossings: [], structCount: structs.length }
}

describe("walkUpdate", () => {
  it("reads what Yjs reads, in every update that Yjs writes", () => {
    fc.assert(
      fc.property(script, (steps) => {
        for (const update of updatesOf(steps)) {
          const summary = walkUpdate(update)
          const expected = byYjs(update)
          expect(summary.structs).toEqual(expected.structs)
          expect(summary.structCount).toBe(expected.structCount)
          expect(summary.deletions).toEqual(expected.deletions)
        }
      }),
      { numRuns: 150 },
    )
  })

  it("names exactly what an update needs: applied on less, Yjs keeps it waiting; on that, it does not", () => {
    fc.assert(
      fc.property(script, (steps) => {
        const updates = updatesOf(steps)
        const ydoc = new Y.Doc()
        for (const update of updates) {
          const { names, structs } = walkUpdate(update)
          const has = (client: number): number => Y.decodeStateVector(Y.encodeStateVector(ydoc)).get(client) ?? 0
          const brings = (client: number): number =>
            Math.max(0, ...structs.filter((s) => s.client === client).map((s) => s.end))
          const isWhole =
            [...names].every(([client, end]) => end <= Math.max(has(client), brings(client))) &&
            structs.every(
              (range) =>
                range.start <=
                Math.max(
                  has(range.client),
                  ...structs.filter((s) => s.client === range.client && s.end <= range.start).map((s) => s.end),
                ),
            )
          if (!isWhole) continue
          Y.applyUpdate(ydoc, update)
          expect(ydoc.store.pendingStructs).toBe(null)
          expect(ydoc.store.pendingDs).toBe(null)
        }
      }),
      { numRuns: 100 },
    )
  })

  it("answers any bytes with a summary or a ProtocolError, and what it lets through reloads the same", () => {
    const seeds = fc
      .sample(script, { numRuns: 20, seed: 1 })
      .flatMap(updatesOf)
      .filter((update) => update.length < 2_000)
    let accepted = 0
    let refused = 0
    fc.assert(
      fc.property(
        fc.nat(seeds.length - 1),
        fc.array(fc.tuple(fc.nat(2_000), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        (which, flips) => {
          const bytes = (seeds[which] as Uint8Array).slice()
          for (const [at, value] of flips) bytes[at % bytes.length] = value
          try {
            walkUpdate(bytes)
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError)
            refused++
            return
          }
          accepted++
          const ydoc = new Y.Doc()
          Y.applyUpdate(ydoc, bytes)
          const state = Y.encodeStateAsUpdate(ydoc)
          const again = new Y.Doc()
          Y.applyUpdate(again, state)
          expect(Y.encodeStateAsUpdate(again)).toEqual(state)
        },
      ),
      { numRuns: 4_000, seed: 3 },
    )
    expect(accepted).toBeGreaterThan(100)
    expect(refused).toBeGreaterThan(100)
  })
})

describe("hostile updates", () => {
  const cases: Record<string, number[]> = {
    "a count that cannot be true": [0xff, 0xff, 0xff, 0x0f, 1, 0],
    "a struct without length": [1, 1, 5, 0, 0, 0, 0],
    "a struct that builds on its own future": [1, 1, 5, 0, 0x84, 5, 0, 1, 0x61, 0],
    "clients out of order": [2, 1, 5, 0, 0, 1, 1, 6, 0, 0, 1, 0],
    "a client twice": [2, 1, 5, 0, 0, 1, 1, 5, 1, 0, 1, 0],
    "an unknown struct": [1, 1, 5, 0, 11, 1, 0],
    "an unknown shared type": [1, 1, 5, 0, 7, 1, 1, 0x61, 9, 0],
    "text that is not UTF-8": [1, 1, 5, 0, 4, 1, 1, 0x61, 2, 0xc3, 0x28, 0],
    "JSON that does not parse": [1, 1, 5, 0, 5, 1, 1, 0x61, 1, 0x7b, 0],
    "bytes after the end": [0, 0, 0],
    "a number of too many bytes": [0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
    "a clock that would silence its owner": [1, 1, 5, 0, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0],
    "nothing at all": [],
  }
  for (const [what, bytes] of Object.entries(cases)) {
    it(`refuses ${what}`, () => {
      expect(() => walkUpdate(Uint8Array.from(bytes))).toThrow(ProtocolError)
    })
  }

  it("refuses values nested without end", () => {
    const depth = 100
    const bytes = [1, 1, 5, 0, 8, 1, 1, 0x61, 1, ...Array.from({ length: depth }, () => [117, 1]).flat(), 126, 0]
    expect(() => walkUpdate(Uint8Array.from(bytes))).toThrow(/nested deeper/)
  })
})
