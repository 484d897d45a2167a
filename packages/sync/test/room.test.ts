import { asSequence, type DocumentId } from "@quire/base"
import { CloseCode, encodePresence } from "@quire/protocol"
import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { DOCUMENT, HeldLog, type Peer, World } from "./world.js"

/** Two updates of which the second builds on the first. */
function chain(end = "cd"): { ydoc: Y.Doc; first: Uint8Array; second: Uint8Array } {
  const ydoc = new Y.Doc()
  const updates: Uint8Array[] = []
  ydoc.on("update", (update: Uint8Array) => updates.push(update))
  ydoc.getText("t").insert(0, "ab")
  ydoc.getText("t").insert(2, end)
  return { ydoc, first: updates[0] as Uint8Array, second: updates[1] as Uint8Array }
}

describe("news", () => {
  it("[R1] takes in a deletion that leaves the state vector as it was", async () => {
    const world = new World()
    const [anna, ben] = [await world.peer(), await world.peer()]
    anna.type("hello")
    await world.commit()
    const before = Y.encodeStateVector(anna.ydoc)
    anna.ydoc.getText("t").delete(0, 5)
    await world.quiet()
    expect(Y.encodeStateVector(anna.ydoc)).toEqual(before)
    expect(ben.text()).toBe("")
    expect(world.log.waiting).toBe(1)
  })

  it("[R1] appends nothing when clients that are up to date come back, and acknowledges them", async () => {
    const world = new World()
    const anna = await world.peer()
    anna.type("hello")
    anna.ydoc.getText("t").delete(1, 2)
    await world.commit()
    const content = Y.encodeStateAsUpdate(anna.ydoc)
    for (const dialect of ["native", "plain"] as const) {
      const back = await world.peer({ content, dialect })
      expect(world.log.waiting).toBe(0)
      if (dialect === "native") expect(back.of("acknowledge").at(-1)?.through).toBe(1)
      else expect(back.of("update").length).toBe(1)
    }
    expect(anna.of("update")).toEqual([])
  })

  it("[R1] does not send on what it knows", async () => {
    const world = new World()
    const [anna, ben] = [await world.peer(), await world.peer()]
    anna.type("hi")
    await world.commit()
    const heard = ben.of("update").length
    anna.say({ type: "update", update: Y.encodeStateAsUpdate(anna.ydoc) })
    await world.quiet()
    expect(ben.of("update").length).toBe(heard)
    expect(world.log.waiting).toBe(0)
  })
})

describe("whole", () => {
  it("[R2] neither stores nor sends on an update without what it builds on, and asks for that", async () => {
    const world = new World()
    const [anna, ben] = [await world.peer(), await world.peer()]
    const { ydoc, second } = chain()
    anna.isSpeaking = false
    const asked = anna.of("step1").length
    anna.say({ type: "update", update: second })
    await world.quiet()
    expect(world.log.waiting).toBe(0)
    expect(ben.of("update")).toEqual([])
    expect(anna.of("step1").length).toBe(asked + 1)
    expect(anna.of("acknowledge").at(-1)?.through ?? 0).toBeLessThan(2)
    anna.say({ type: "step2", update: Y.encodeStateAsUpdate(ydoc, anna.of("step1").at(-1)?.stateVector) })
    await world.commit()
    expect(ben.text()).toBe("abcd")
    expect(anna.of("acknowledge").at(-1)?.through).toBe(3)
  })

  it("[R2] looks at what an update names of other clients too", async () => {
    const world = new World()
    const [anna, ben] = [await world.peer(), await world.peer()]
    const [first, second] = [new Y.Doc(), new Y.Doc()]
    first.getText("t").insert(0, "base")
    Y.applyUpdate(second, Y.encodeStateAsUpdate(first))
    let dependent = new Uint8Array()
    second.on("update", (update: Uint8Array) => {
      dependent = Uint8Array.from(update)
    })
    second.getText("t").insert(4, " and more")
    anna.isSpeaking = false
    anna.say({ type: "update", update: dependent })
    await world.quiet()
    expect(world.log.waiting).toBe(0)
    expect(ben.of("update")).toEqual([])
  })

  it("[R2] holds acknowledgements back behind an update that waits for what it builds on", async () => {
    const world = new World()
    const anna = await world.peer()
    const { ydoc, second } = chain()
    anna.isSpeaking = false
    anna.say({ type: "update", update: second })
    const other = new Y.Doc()
    other.getText("t").insert(0, "!")
    anna.say({ type: "update", update: Y.encodeStateAsUpdate(other) })
    await world.commit()
    expect(anna.of("acknowledge").map(({ through }) => through)).toEqual([1])
    anna.say({ type: "step2", update: Y.encodeStateAsUpdate(ydoc) })
    await world.commit()
    expect(anna.of("acknowledge").at(-1)?.through).toBe(4)
  })

  it("[R2] asks again only after it has answered the sender's own step 1", async () => {
    const world = new World()
    const writer = await world.peer()
    writer.type("x")
    await world.commit()
    const anna = await world.peer({ isJoining: false })
    anna.isSpeaking = false
    anna.say({ type: "update", update: chain().second })
    await world.quiet()
    expect(anna.of("step1").length).toBe(1)
    anna.sync()
    await world.quiet()
    const kinds = anna.received.map(({ type }) => type)
    expect(kinds.lastIndexOf("step1")).toBeGreaterThan(kinds.indexOf("step2"))
  })

  it("[R2] takes nothing that tells known structs a second time: joiners read what everybody else does", async () => {
    const world = new World()
    const [anna, ben, reader] = [await world.peer(), await world.peer(), await world.peer()]
    const honest = new Y.Doc()
    honest.on("update", (update: Uint8Array) => ben.say({ type: "update", update }))
    for (const letter of ["a", "b"]) honest.getText("t").insert(honest.getText("t").length, letter)
    await world.commit()
    anna.isSpeaking = false
    const asked = anna.of("step1").length
    const forger = new Y.Doc()
    forger.clientID = honest.clientID
    forger.getText("t").insert(0, "??XY")
    const forged = Y.encodeStateAsUpdate(forger)
    for (const type of ["update", "step2"] as const) {
      anna.say({ type, update: forged })
      await world.quiet()
    }
    await world.commit()
    expect(anna.of("step1").length).toBe(asked + 1)
    const late = await world.peer()
    expect([reader.text(), late.text()]).toEqual(["abXY", "abXY"])
    expect(anna.of("notice")).toEqual([])
    expect(anna.of("acknowledge").at(-1)?.through).toBe(3)
  })

  it("[R2] keeps what can stand, puts the missing part aside with a notice, and takes it when it can", async () => {
    const world = new World()
    const [anna, ben] = [await world.peer(), await world.peer()]
    const { first, second } = chain()
    anna.isSpeaking = false
    const own = new Y.Doc()
    own.getText("t").insert(0, "!")
    const both = Y.mergeUpdates([second, Y.encodeStateAsUpdate(own)])
    anna.say({ type: "step2", update: both })
    await world.quiet()
    anna.say({ type: "step2", update: both })
    await world.quiet()
    await world.commit()
    expect(ben.text()).toBe("!")
    expect(anna.of("notice").map(({ code }) => code)).toEqual(["QUIRE_UPDATE_INCOMPLETE"])
    expect(anna.of("acknowledge").at(-1)?.through).toBe(3)
    ben.say({ type: "update", update: first })
    await world.commit()
    expect(anna.of("update").length).toBeGreaterThan(0)
    const late = await world.peer()
    expect(late.text().split("").sort().join("")).toBe("!abcd")
  })
})

describe("order and durability", () => {
  it("[R3] appends in the order in which it sends on", async () => {
    const world = new World()
    const [anna, ben, reader] = [await world.peer(), await world.peer(), await world.peer()]
    for (let i = 0; i < 20; i++) (i % 3 === 0 ? ben : anna).type(String(i))
    await world.quiet()
    world.clock.advance(100)
    await world.commit()
    const sent = reader.of("update").map(({ update }) => [...update])
    const stored = world.log.documents.get(DOCUMENT)?.records.map(({ payload }) => [...payload])
    expect(stored).toEqual(sent)
  })

  it("[R4] shows a keystroke to others at once and acknowledges it only once it is on disk", async () => {
    const world = new World()
    const [anna, ben] = [await world.peer(), await world.peer()]
    anna.type("a")
    await world.quiet()
    expect(ben.text()).toBe("a")
    expect(anna.of("acknowledge").map(({ through }) => through)).toEqual([1])
    expect(ben.of("durable")).toEqual([])
    await world.commit()
    expect(anna.of("acknowledge").at(-1)).toEqual({ type: "acknowledge", through: 2, sequence: 1 })
  })

  it("[R4] tells others that it is durable, alone at most once a second", async () => {
    const world = new World()
    const [anna, ben] = [await world.peer(), await world.peer()]
    for (let i = 0; i < 30; i++) {
      anna.type("x")
      await world.quiet()
      world.clock.advance(1)
      await world.commit()
    }
    const frequent = ben.of("durable").length
    world.clock.advance(1_000)
    expect(ben.of("durable").at(-1)?.sequence).toBe(30)
    world.clock.advance(5_000)
    expect(ben.of("durable").length).toBeLessThanOrEqual(frequent + 1)
  })

  it("[R4] never announces as sent what a spaced flush still holds", async () => {
    const world = new World(new HeldLog(), { durableMs: 0 })
    world.log.isInstant = true
    const [anna, ben] = [await world.peer(), await world.peer()]
    for (let i = 0; i < 10; i++) {
      anna.type("x")
      await world.quiet()
      for (const { sequence } of ben.of("durable")) expect(ben.of("update").length).toBeGreaterThanOrEqual(sequence)
    }
    world.clock.advance(100)
    expect(ben.of("durable").at(-1)?.sequence).toBe(10)
  })

  it("[R5] gives a sequence that a crash took back to another update, and no token of before lets it pass", async () => {
    const before = new World()
    const [anna, ben] = [await before.peer(), await before.peer()]
    anna.type("kept ")
    await before.commit()
    before.clock.advance(1_000)
    const { epoch } = ben.token()
    anna.type("lost ")
    await before.quiet()
    before.log.crash()
    const after = new World(before.log)
    const carl = await after.peer()
    carl.type("other ")
    await after.commit()
    // Ben was sent sequence 2 as "lost"; a token that named it would skip what is 2 now.
    const resume = { epoch, sequence: asSequence(2), checksum: 12_345 }
    const back = await after.peer({ resume, content: Y.encodeStateAsUpdate(ben.ydoc) })
    expect(back.of("welcome")[0]?.isResumed).toBe(false)
    expect(back.text()).toContain("other ")
  })

  it("[R5] gets back from a reader what it sent on and lost in a crash", async () => {
    const before = new World()
    const [anna, ben] = [await before.peer(), await before.peer()]
    anna.type("kept ")
    await before.commit()
    anna.type("seen ")
    await before.quiet()
    expect(ben.text()).toContain("seen ")
    before.log.crash()
    const after = new World(before.log)
    await after.peer({ content: Y.encodeStateAsUpdate(ben.ydoc) })
    await after.commit()
    expect((await after.peer()).text()).toBe(ben.text())
  })

  it("[R5] heals when another client of the same author types on before the lost update is back", async () => {
    const before = new World()
    const [anna, ben] = [await before.peer(), await before.peer()]
    anna.type("abc")
    await before.quiet()
    before.log.crash()
    const after = new World(before.log)
    const back = await after.peer({ content: Y.encodeStateAsUpdate(ben.ydoc), isJoining: false })
    const reader = await after.peer()
    back.type("d", 3)
    await after.commit()
    expect(reader.text()).toBe("abcd")
  })
})

describe("unsaved edits", () => {
  it("[R6] stops reading from writers over the bound, keeps readers, and goes on when the disk does", async () => {
    const world = new World(new HeldLog(), { unsavedBytes: 200 })
    const [anna, ben] = [await world.peer(), await world.peer()]
    for (let i = 0; i < 30; i++) anna.type("some text ")
    await world.quiet()
    expect(anna.isPaused).toBe(true)
    expect(ben.isPaused).toBe(false)
    await world.commit()
    expect(anna.isPaused).toBe(false)
  })

  it("[R6] bounds them over all rooms too", async () => {
    const world = new World(new HeldLog(), {}, 200)
    const [anna, ben] = [await world.peer(), await world.peer({ document: "other" as DocumentId })]
    for (let i = 0; i < 10; i++) anna.type("some text ")
    ben.type("x")
    await world.quiet()
    expect([anna.isPaused, ben.isPaused]).toEqual([true, true])
    await world.commit()
    expect([anna.isPaused, ben.isPaused]).toEqual([false, false])
  })

  it("[R6] tells native sessions when the store fails, also those that come later, and when it works again", async () => {
    const world = new World()
    const anna = await world.peer()
    world.log.setHealth({ kind: "failing", reason: "the disk is full", sinceMs: 0 })
    const ben = await world.peer()
    world.log.setHealth({ kind: "ok" })
    for (const peer of [anna, ben]) {
      expect(peer.of("trouble").map(({ isFailing, text }) => [isFailing, text])).toEqual([
        [true, "the disk is full"],
        [false, ""],
      ])
    }
  })
})

describe("size", () => {
  it("[R7] takes no more structs over the limit, and says so", async () => {
    const world = new World(new HeldLog(), { documentBytes: 2_000 })
    const [anna, plain] = [await world.peer(), await world.peer({ dialect: "plain" })]
    anna.type("x".repeat(1_500))
    await world.commit()
    anna.type("y".repeat(1_500))
    await world.commit()
    expect(anna.of("notice").map(({ code }) => code)).toEqual(["QUIRE_DOCUMENT_TOO_LARGE"])
    expect(anna.of("acknowledge").at(-1)?.through).toBe(2)
    expect(plain.text()).toBe("x".repeat(1_500))
  })

  it("[R7] takes what only deletes from a document that is over it, and structs again once there is space", async () => {
    const before = new World()
    const anna = await before.peer()
    anna.type("x".repeat(3_000))
    await before.commit()
    const world = new World(before.log, { documentBytes: 2_000 })
    const [ben, plain] = [await world.peer(), await world.peer({ dialect: "plain" })]
    ben.ydoc.getText("t").delete(0, 2_900)
    await world.commit()
    expect(plain.text()).toBe("x".repeat(100))
    expect(ben.of("acknowledge").at(-1)?.through).toBe(2)
    world.log.fold(DOCUMENT, 2)
    ben.type("refused, and measured ")
    await world.quiet()
    const carl = await world.peer()
    carl.type("z".repeat(500))
    await world.commit()
    expect(plain.text()).toContain("z".repeat(500))
    expect(plain.text()).not.toContain("measured")
  })

  it("[R7] closes a plain session that writes beyond it with 4413", async () => {
    const world = new World(new HeldLog(), { documentBytes: 100 })
    const plain = await world.peer({ dialect: "plain" })
    plain.type("x".repeat(500))
    await world.quiet()
    expect(plain.closed?.code).toBe(CloseCode.TooLarge)
    expect(world.log.waiting).toBe(0)
  })

  it("[R7] measures what can stand of an incomplete update", async () => {
    const world = new World(new HeldLog(), { documentBytes: 500 })
    const [anna, ben] = [await world.peer(), await world.peer()]
    anna.isSpeaking = false
    const own = new Y.Doc()
    own.getText("t").insert(0, "x".repeat(1_000))
    const both = Y.mergeUpdates([chain().second, Y.encodeStateAsUpdate(own)])
    for (let again = 0; again < 2; again++) {
      anna.say({ type: "step2", update: both })
      await world.quiet()
    }
    await world.commit()
    expect(ben.text()).toBe("")
    expect(anna.of("notice").map(({ code }) => code)).toEqual(["QUIRE_DOCUMENT_TOO_LARGE"])
  })

  it("[R7] measures what was put aside, once it is complete", async () => {
    const world = new World(new HeldLog(), { documentBytes: 500 })
    const [anna, ben] = [await world.peer(), await world.peer()]
    const { first, second } = chain("x".repeat(1_000))
    anna.isSpeaking = false
    for (let again = 0; again < 2; again++) {
      anna.say({ type: "step2", update: second })
      await world.quiet()
    }
    ben.say({ type: "update", update: first })
    await world.commit()
    const late = await world.peer()
    expect(late.text()).toBe("ab")
  })
})

describe("echo", () => {
  it("[F2] never sends a native session its own update", async () => {
    const world = new World()
    const anna = await world.peer()
    anna.type("hello")
    await world.commit()
    world.clock.advance(2_000)
    expect(anna.of("update")).toEqual([])
  })

  it("[F3] sends a plain session its own update once it is durable, not before", async () => {
    const world = new World()
    const anna = await world.peer({ dialect: "plain" })
    anna.type("hello")
    await world.quiet()
    expect(anna.of("update")).toEqual([])
    await world.commit()
    expect(anna.of("update").length).toBe(1)
  })

  it("[F4] serves a busy room of plain writers from one buffer when the commit is in time", async () => {
    const { world, writers } = await busyRoom()
    const parcels = writers.map((writer) => writer.parcels.length)
    for (const writer of writers) writer.type("x")
    await world.quiet()
    world.clock.advance(16)
    await world.commit()
    const sent = writers.map((writer, i) => writer.parcels.slice(parcels[i]))
    expect(sent.map((list) => list.length)).toEqual([1, 1, 1])
    expect(new Set(sent.flat()).size).toBe(1)
    expect(new Set(writers.map((writer) => writer.text())).size).toBe(1)
  })

  it("[F4] leaves the writers out when the commit is late, and echoes afterwards", async () => {
    const { world, writers } = await busyRoom()
    const heard = writers.map((writer) => writer.of("update").length)
    for (const writer of writers) writer.type("x")
    await world.quiet()
    world.clock.advance(30)
    expect(writers.map((writer, i) => writer.of("update").length - (heard[i] ?? 0))).toEqual([2, 2, 2])
    await world.commit()
    expect(writers.map((writer, i) => writer.of("update").length - (heard[i] ?? 0))).toEqual([3, 3, 3])
  })

  /** Three plain writers in a room that has used up its immediate flushes. */
  async function busyRoom(): Promise<{ world: World; writers: Peer[] }> {
    const world = new World()
    const writers = [
      await world.peer({ dialect: "plain" }),
      await world.peer({ dialect: "plain" }),
      await world.peer({ dialect: "plain" }),
    ]
    for (let i = 0; i < 6; i++) {
      writers[0]?.type("a")
      await world.quiet()
      await world.commit()
    }
    world.clock.advance(15)
    await world.commit()
    return { world, writers }
  }
})

describe("fan-out", () => {
  it("[F1] spaces the flushes of a busy room and none of a quiet one", async () => {
    const world = new World()
    const [anna, ben] = [await world.peer(), await world.peer()]
    const parcelsBefore = ben.parcels.length
    for (let i = 0; i < 40; i++) {
      anna.type("x")
      await world.quiet()
      world.clock.advance(1)
    }
    expect(ben.parcels.length - parcelsBefore).toBeLessThan(12)
    world.clock.advance(1_000)
    expect(ben.text().length).toBe(40)
    anna.type("y")
    await world.quiet()
    expect(ben.text().length).toBe(41)
  })

  it("[F1] spaces them the further the more people read", async () => {
    const world = new World(new HeldLog(), { flushPerReaderMs: 10 })
    const anna = await world.peer()
    const readers = [await world.peer(), await world.peer(), await world.peer(), await world.peer()]
    const before = readers[0]?.parcels.length ?? 0
    for (let i = 0; i < 100; i++) {
      anna.type("x")
      await world.quiet()
      world.clock.advance(10)
    }
    // 1,000 ms, 50 ms apart for five people, and the reserve.
    expect((readers[0]?.parcels.length ?? 0) - before).toBeLessThanOrEqual(1_000 / 50 + 5)
    world.clock.advance(1_000)
    expect(readers[0]?.text().length).toBe(100)
  })

  it("[F5] makes one parcel for all readers", async () => {
    const world = new World()
    const anna = await world.peer()
    const readers = [await world.peer(), await world.peer(), await world.peer()]
    anna.type("x")
    await world.quiet()
    expect(new Set(readers.map((reader) => reader.parcels.at(-1))).size).toBe(1)
  })

  it("[F6] gives a slow reader no presence, then one later difference, and a right document", async () => {
    const world = new World(new HeldLog(), { quietBytes: 100, behindBytes: 300, dropBytes: 100_000 })
    const [anna, slow] = [await world.peer(), await world.peer()]
    world.clock.advance(1)
    slow.connection.drained()
    slow.isStuck = true
    for (let i = 0; i < 60; i++) {
      anna.type(`word ${i} `)
      await world.quiet()
      world.clock.advance(20)
      await world.commit()
    }
    const queued = slow.of("update").length
    expect(queued).toBeLessThan(30)
    anna.say({ type: "presence", entries: encodePresence([{ client: anna.ydoc.clientID, clock: 1, state: "{}" }]) })
    world.clock.advance(50)
    expect(slow.presence()).toEqual([])
    slow.unstick()
    await world.quiet()
    expect(slow.of("update").length).toBe(queued + 1)
    expect(slow.text()).toBe(anna.text())
    world.clock.advance(2_000)
    anna.type("!")
    await world.quiet()
    expect(slow.text()).toBe(anna.text())
  })

  it("[F6] never tells a reader that is behind that what it was not sent is durable", async () => {
    const world = new World(new HeldLog(), { behindBytes: 50 })
    const [anna, slow] = [await world.peer(), await world.peer()]
    slow.connection.drained()
    slow.isStuck = true
    for (let i = 0; i < 20; i++) {
      anna.type("word ")
      await world.quiet()
      await world.commit()
      world.clock.advance(1_500)
    }
    const told = slow.of("durable").at(-1)?.sequence ?? 0
    expect(told).toBeLessThanOrEqual(slow.of("update").length)
    slow.unstick()
    await world.quiet()
    expect(slow.of("durable").at(-1)?.sequence).toBe(20)
  })

  it("[F6] closes a reader that stays behind, or hoards too much, with 1013", async () => {
    const world = new World(new HeldLog(), { behindBytes: 50, dropMs: 5_000 })
    const [anna, slow, hoarder] = [await world.peer(), await world.peer(), await world.peer()]
    slow.connection.drained()
    slow.isStuck = true
    for (let i = 0; i < 10; i++) {
      anna.type("word ")
      await world.quiet()
      world.clock.advance(100)
    }
    hoarder.queued = 100_000_000
    world.clock.advance(2_000)
    expect(hoarder.closed?.code).toBe(CloseCode.TryLater)
    expect(slow.closed).toBeUndefined()
    world.clock.advance(5_000)
    expect(slow.closed?.code).toBe(CloseCode.TryLater)
    expect(slow.closed?.reason).toMatch(/^retry=\d+ QUIRE_READER_SLOW/)
  })

  it("[F7] sends a quiet line something every 20 s", async () => {
    const world = new World()
    const anna = await world.peer({ dialect: "plain" })
    const before = anna.received.length
    world.clock.advance(65_000)
    const kept = anna.received.slice(before)
    expect(kept.length).toBeGreaterThanOrEqual(3)
    expect(new Set(kept.map(({ type }) => type))).toEqual(new Set(["presence"]))
  })
})
