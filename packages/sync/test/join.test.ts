import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { DOCUMENT, HeldLog, World } from "./world.js"

/** A log with 40 updates, the first 30 of them folded. */
async function written(): Promise<{ log: HeldLog; text: string; ydoc: Y.Doc }> {
  const world = new World()
  world.log.isInstant = true
  const anna = await world.peer()
  for (let i = 0; i < 40; i++) anna.type(`${i} `)
  anna.ydoc.getText("t").delete(0, 3)
  await world.quiet()
  world.log.fold(DOCUMENT, 30)
  return { log: world.log, text: anna.text(), ydoc: anna.ydoc }
}

/** A log with this many updates of 20,000 letters each, none of them folded. */
async function writtenLarge(updates: number): Promise<HeldLog> {
  const world = new World()
  world.log.isInstant = true
  const anna = await world.peer()
  for (let i = 0; i < updates; i++) {
    anna.type("abcdefghi".charAt(i).repeat(20_000))
    await world.quiet()
  }
  return world.log
}

describe("joining", () => {
  it("[J3] sends the tail first and the snapshot as step 2, so that synced is true when it says so", async () => {
    const { log, text } = await written()
    const world = new World(log)
    const reader = await world.peer()
    const content = reader.received.filter(({ type }) => type === "update" || type === "step2")
    expect(content.map(({ type }) => type)).toEqual(["update", "step2"])
    expect(reader.text()).toBe(text)
  })

  it("[J3] sends a few large updates as they are, the last of them as step 2 where there is no snapshot", async () => {
    const log = await writtenLarge(3)
    const reader = await new World(log).peer()
    const content = reader.received.filter(({ type }) => type === "update" || type === "step2")
    expect(content.map(({ type }) => type)).toEqual(["update", "update", "step2"])
    expect(reader.text()).toBe("cba".replaceAll(/./g, (letter) => letter.repeat(20_000)))
  })

  it("[J3] merges many large updates before it sends them", async () => {
    const log = await writtenLarge(9)
    const reader = await new World(log).peer()
    const content = reader.received.filter(({ type }) => type === "update" || type === "step2")
    expect(content.map(({ type }) => type)).toEqual(["step2"])
    expect(reader.text()).toHaveLength(9 * 20_000)
  })

  it("[J4] computes the difference of a few large updates that nothing was folded from", async () => {
    const log = await writtenLarge(3)
    const first = log.documents.get(DOCUMENT)?.records[0]?.payload as Uint8Array
    const reader = await new World(log, { differenceBytes: 10 }).peer({ content: first })
    expect(reader.text()).toHaveLength(3 * 20_000)
    expect(reader.of("step2").map(({ update }) => update.length < 2 * 20_000 + 100)).toEqual([true])
  })

  it("[J5] loads once for a crowd and hands everybody the same parcel", async () => {
    const { log, text } = await written()
    const world = new World(log)
    log.loads = 0
    const crowd = Array.from({ length: 30 }, () => world.peer())
    const peers = await Promise.all(crowd)
    expect(log.loads).toBe(1)
    expect(new Set(peers.map((peer) => peer.text()))).toEqual(new Set([text]))
    const answers = peers.map((peer) =>
      peer.parcels.find((parcel) => parcel.messages.length === 2 && parcel.sizeBytes > 100),
    )
    expect(new Set(answers).size).toBe(1)
  })

  it("[J2] answers somebody who lacks no struct with the deletions, without reading anything", async () => {
    const { log, ydoc } = await written()
    const world = new World(log)
    await world.peer()
    log.loads = 0
    const stale = new Y.Doc()
    Y.applyUpdate(stale, Y.encodeStateAsUpdate(ydoc))
    const back = await world.peer({ content: Y.encodeStateAsUpdate(ydoc) })
    expect(log.loads).toBe(0)
    const [step2] = back.of("step2")
    expect(Y.decodeUpdate(step2?.update ?? new Uint8Array()).structs).toEqual([])
    expect(Y.decodeUpdate(step2?.update ?? new Uint8Array()).ds.clients.size).toBe(1)
  })

  it("[J2] brings a deletion to somebody who has every struct", async () => {
    const world = new World()
    world.log.isInstant = true
    const anna = await world.peer()
    anna.type("hello")
    await world.quiet()
    const content = Y.encodeStateAsUpdate(anna.ydoc)
    anna.ydoc.getText("t").delete(0, 4)
    await world.quiet()
    expect((await world.peer({ content })).text()).toBe("o")
  })

  it("[J2] answers with the empty update when nothing was ever deleted", async () => {
    const world = new World()
    const anna = await world.peer()
    expect(anna.of("step2").map(({ update }) => [...update])).toEqual([[0, 0]])
  })

  it("[J4] sends only what follows the snapshot to somebody who has that", async () => {
    const { log, text } = await written()
    const snapshot = log.documents.get(DOCUMENT)?.snapshot?.update as Uint8Array
    const world = new World(log)
    const back = await world.peer({ content: snapshot })
    expect(back.text()).toBe(text)
    const structs = back.of("step2").map(({ update }) => Y.decodeUpdate(update).structs.length)
    expect(structs).toEqual([0])
  })

  it("[J4] computes the difference where the snapshot is large", async () => {
    const { log, text } = await written()
    const half = new Y.Doc()
    for (const { payload } of log.documents.get(DOCUMENT)?.records.slice(0, 10) ?? []) Y.applyUpdate(half, payload)
    const world = new World(log, { differenceBytes: 10 })
    const back = await world.peer({ content: Y.encodeStateAsUpdate(half) })
    expect(back.text()).toBe(text)
    const snapshot = log.documents.get(DOCUMENT)?.snapshot?.update as Uint8Array
    expect(back.of("step2")[0]?.update.length).toBeLessThan(snapshot.length)
  })

  it("[J3] includes what is typed while the document loads, once", async () => {
    const { log } = await written()
    const world = new World(log, { recentBytes: 50 })
    const writer = await world.peer()
    const open = log.holdLoads()
    world.clock.advance(1)
    for (let i = 0; i < 40; i++) {
      writer.type("first ")
      await world.quiet()
    }
    const reader = world.peer()
    await world.quiet()
    writer.type("meanwhile ")
    await world.quiet()
    open()
    const joined = await reader
    world.clock.advance(100)
    await world.quiet()
    expect(joined.text()).toBe(writer.text())
  })

  it("[J3] serves an unsaved first edit to the next who joins", async () => {
    const world = new World()
    world.log.isInstant = false
    const anna = await world.peer()
    for (let i = 0; i < 50; i++) anna.type("x")
    await world.quiet()
    expect((await world.peer()).text()).toBe(anna.text())
  })
})

describe("resuming", () => {
  it("[J1] replays what followed a token that the log knows", async () => {
    const world = new World()
    world.log.isInstant = true
    const [anna, ben] = [await world.peer(), await world.peer()]
    anna.type("one ")
    await world.quiet()
    world.clock.advance(2_000)
    const resume = ben.token()
    ben.cut()
    anna.type("two ")
    anna.ydoc.getText("t").delete(0, 1)
    await world.quiet()
    const back = await world.peer({ resume, content: Y.encodeStateAsUpdate(ben.ydoc) })
    expect(back.of("welcome")[0]?.isResumed).toBe(true)
    expect(back.of("update").length).toBe(2)
    expect(back.of("step2").map(({ update }) => [...update])).toEqual([[0, 0]])
    expect(back.text()).toBe(anna.text())
  })

  it("[J1] replays from the log what memory has forgotten", async () => {
    const world = new World(new HeldLog(), { recentBytes: 30 })
    world.log.isInstant = true
    const [anna, ben] = [await world.peer(), await world.peer()]
    anna.type("one ")
    await world.quiet()
    world.clock.advance(2_000)
    const resume = ben.token()
    ben.cut()
    for (let i = 0; i < 20; i++) anna.type(`${i} `)
    await world.quiet()
    world.clock.advance(1_000)
    const back = await world.peer({ resume, content: Y.encodeStateAsUpdate(ben.ydoc) })
    expect(back.of("update").length).toBe(1)
    expect(back.text()).toBe(anna.text())
  })

  it("[J1] falls back to the state vector for another epoch, another record, or records that are gone", async () => {
    const world = new World(new HeldLog(), { recentBytes: 30 })
    world.log.isInstant = true
    const [anna, ben] = [await world.peer(), await world.peer()]
    anna.type("one ")
    await world.quiet()
    world.clock.advance(2_000)
    const token = ben.token()
    for (let i = 0; i < 20; i++) anna.type(`${i} `)
    await world.quiet()
    const tokens = [
      { ...token, epoch: "0123456789abcdef" },
      { ...token, checksum: token.checksum + 1 },
    ]
    for (const resume of tokens) {
      const back = await world.peer({ resume })
      expect(back.of("welcome")[0]?.isResumed).toBe(false)
      expect(back.text()).toBe(anna.text())
    }
    world.log.forgotten = 5
    const back = await world.peer({ resume: token })
    expect(back.text()).toBe(anna.text())
  })
})
