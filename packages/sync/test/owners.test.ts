import { CloseCode, encodePresence, LIMITS } from "@quire/protocol"
import { writeUpdate } from "@quire/testing"
import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { DOCUMENT, Peer, World } from "./world.js"

/** What client 77 would write after what it has written: text, by somebody who only knows its id. */
function forge(clock: number, text: string, client = 77): Uint8Array {
  const victim = new Y.Doc()
  victim.clientID = client
  victim.getText("t").insert(0, "x".repeat(clock))
  const before = Y.encodeStateVector(victim)
  victim.getText("t").insert(clock, text)
  return Y.encodeStateAsUpdate(victim, before)
}

/** A collected struct: the 12-byte frame that makes another's typing vanish. */
function collected(client: number, clock: number, length: number): Uint8Array {
  const structs = [{ header: 0, fields: [{ kind: "number" as const, role: "length" as const, value: length }] }]
  return writeUpdate({ blocks: [{ client, clock, structs }], deletions: [], rest: new Uint8Array(0) })
}

function announce(peer: Peer, clock: number, state: string, client = peer.ydoc.clientID): void {
  peer.say({ type: "presence", entries: encodePresence([{ client, clock, state }]) })
}

async function pass(world: World, ms = 100): Promise<void> {
  await world.quiet()
  world.clock.advance(ms)
  await world.quiet()
}

describe("client ids", () => {
  it("[I1] lets a person's newest connection speak for a client id, and ends the older one", async () => {
    const world = new World()
    const older = await world.peer({ clientId: 77, user: "anna" })
    const newer = await world.peer({ clientId: 77, user: "anna" })
    expect(older.closed?.code).toBe(CloseCode.TakenOver)
    expect(older.closed?.reason).toMatch(/^QUIRE_TAKEN_OVER/)
    expect(newer.closed).toBeUndefined()
    newer.type("on")
    await world.commit()
    expect(newer.of("acknowledge").length).toBeGreaterThan(0)
  })

  it("[I1] goes by when connections were opened, not by whose hello came first", async () => {
    const world = new World()
    const older = new Peer(world, { clientId: 77, user: "anna", isSilent: true, isJoining: false })
    world.clock.advance(1)
    const newer = await world.peer({ clientId: 77, user: "anna" })
    older.hello()
    await world.quiet()
    expect(older.closed?.code).toBe(CloseCode.TakenOver)
    expect(newer.closed).toBeUndefined()
  })

  it("[I1] takes nothing more from a line that was ended", async () => {
    const world = new World()
    const older = await world.peer({ clientId: 77, user: "anna" })
    const newer = await world.peer({ clientId: 77, user: "anna" })
    older.type("past")
    await world.commit()
    expect(newer.text()).toBe("")
    expect(world.log.documents.size).toBe(0)
  })

  it("[I1] refuses a connection that speaks for another person who is here", async () => {
    const world = new World()
    const anna = await world.peer({ clientId: 77, user: "anna" })
    for (const user of ["ben", undefined]) {
      const forger = await world.peer({ clientId: 77, ...(user === undefined ? {} : { user }) })
      expect(forger.closed?.code).toBe(CloseCode.ClientIdTaken)
      expect(forger.closed?.reason).toMatch(/^QUIRE_CLIENT_ID_TAKEN/)
      expect(forger.received).toEqual([])
      forger.say({ type: "update", update: forge(0, "forged") })
    }
    anna.type("mine")
    await world.commit()
    expect(anna.closed).toBeUndefined()
    expect((await world.peer()).text()).toBe("mine")
  })

  it("[I1] refuses a connection that speaks for a person who has written here and left", async () => {
    const world = new World()
    const anna = await world.peer({ clientId: 77, user: "anna" })
    anna.type("mine")
    await world.commit()
    anna.cut()
    expect((await world.peer({ clientId: 77, user: "ben" })).closed?.code).toBe(CloseCode.ClientIdTaken)
    // Another process has only the log to know it from.
    const after = new World(world.log)
    expect((await after.peer({ clientId: 77, user: "ben" })).closed?.code).toBe(CloseCode.ClientIdTaken)
    const back = await after.peer({ clientId: 77, user: "anna" })
    expect(back.closed).toBeUndefined()
    expect(back.text()).toBe("mine")
  })

  it("[I1] lets an anonymous client come back before its old line has ended", async () => {
    const world = new World()
    const older = await world.peer({ clientId: 77 })
    const newer = await world.peer({ clientId: 77 })
    expect(older.closed?.code).toBe(CloseCode.TakenOver)
    expect(newer.closed).toBeUndefined()
  })

  it("[I2] takes structs of a person who is here from that person alone", async () => {
    const world = new World()
    const anna = await world.peer({ clientId: 77, user: "anna" })
    const ben = await world.peer({ user: "ben" })
    anna.type("mine")
    await world.commit()
    ben.say({ type: "update", update: forge(4, "forged") })
    ben.say({ type: "update", update: collected(77, 4, 2 ** 24) })
    await world.commit()
    expect(world.events).toEqual(["room.foreign-structs"])
    expect(ben.of("acknowledge").at(-1)?.through ?? 0).toBeLessThanOrEqual(1)
    anna.type(" still", 4)
    await world.commit()
    expect(anna.text()).toBe("mine still")
    expect((await world.peer()).text()).toBe("mine still")
  })

  it("[I2] takes them from another tab of the same person", async () => {
    const world = new World()
    await world.peer({ clientId: 77, user: "anna" })
    const tab = await world.peer({ user: "anna" })
    tab.say({ type: "update", update: forge(0, "typed while the other tab had no line") })
    await world.commit()
    expect((await world.peer()).text()).toBe("typed while the other tab had no line")
  })

  it("[I2] takes them for an owner who may only read: they could come from nobody else", async () => {
    const world = new World()
    world.rights = "read"
    await world.peer({ clientId: 77, user: "anna" })
    world.rights = "write"
    const ben = await world.peer({ user: "ben" })
    ben.say({ type: "update", update: forge(0, "handed back") })
    await world.commit()
    expect((await world.peer()).text()).toBe("handed back")
  })

  it("[I2] keeps what was put aside from becoming a forgery when it is complete", async () => {
    const world = new World()
    const ben = await world.peer({ user: "ben", clientId: 20 })
    ben.isSpeaking = false
    // Client 77's third letter, of which nobody has the first two.
    ben.say({ type: "update", update: forge(2, "x") })
    await world.quiet()
    ben.say({ type: "step2", update: forge(2, "x") })
    await world.quiet()
    expect(world.events).toContain("room.quarantined")
    const anna = await world.peer({ clientId: 77, user: "anna" })
    anna.type("my")
    await world.commit()
    expect(world.events).toContain("room.quarantine-dropped")
    anna.type("!", 2)
    await world.commit()
    expect((await world.peer()).text()).toBe("my!")
  })

  it("[I3] takes what others hand back of somebody who has not come back", async () => {
    const world = new World()
    const anna = await world.peer({ clientId: 77, user: "anna" })
    const ben = await world.peer({ user: "ben" })
    anna.type("lost")
    await world.quiet()
    world.log.crash()
    const after = new World(world.log)
    const benAgain = await after.peer({ user: "ben", content: Y.encodeStateAsUpdate(ben.ydoc) })
    await after.commit()
    expect(benAgain.of("acknowledge").at(-1)?.through).toBe(1)
    expect((await after.peer()).text()).toBe("lost")
  })

  it("[I3] asks who handed back another's structs again, once that other has brought them", async () => {
    const world = new World()
    const anna = await world.peer({ clientId: 77, user: "anna" })
    const ben = await world.peer({ user: "ben", clientId: 20 })
    anna.type("lost")
    await world.quiet()
    ben.type(" and found", 4)
    await world.quiet()
    world.log.crash()
    const after = new World(world.log)
    // Anna's line is open, and her answer is still on its way.
    const back = await after.peer({ user: "anna", clientId: 77, isJoining: false })
    const asked = back.of("step1").length
    expect(asked).toBe(1)
    const late = await after.peer({ user: "ben", clientId: 20, content: Y.encodeStateAsUpdate(ben.ydoc) })
    await after.commit()
    expect(late.of("acknowledge")).toEqual([])
    expect(after.log.documents.size).toBe(0)
    back.say({ type: "step2", update: Y.encodeStateAsUpdate(anna.ydoc) })
    await after.commit()
    expect(late.of("acknowledge").at(-1)?.through).toBe(2)
    expect((await after.peer()).text()).toBe("lost and found")
  })

  it("[I3] heals what two people wrote by turns, when both come back at once", async () => {
    const world = new World()
    const anna = await world.peer({ clientId: 77, user: "anna" })
    const ben = await world.peer({ user: "ben", clientId: 20 })
    for (const [peer, word] of [
      [anna, "one "],
      [ben, "two "],
      [anna, "three "],
      [ben, "four"],
    ] as const) {
      peer.type(word, peer.text().length)
      await world.quiet()
    }
    world.log.crash()
    const after = new World(world.log)
    const back = ([anna, ben] as const).map(({ ydoc }) => {
      const user = ydoc === anna.ydoc ? "anna" : "ben"
      const peer = new Peer(after, { user, clientId: ydoc.clientID, isJoining: false })
      peer.isSpeaking = false
      peer.sync()
      return { peer, content: Y.encodeStateAsUpdate(ydoc) }
    })
    await after.quiet()
    // Both have been asked before either has answered, so each answer holds what is the other's.
    for (const { peer, content } of back) {
      Y.applyUpdate(peer.ydoc, content, "server")
      peer.isSpeaking = true
      peer.say({ type: "step2", update: content })
    }
    await after.commit()
    await after.commit()
    const reader = await after.peer()
    expect(reader.text()).toBe("one two three four")
    for (const { peer } of back) expect(peer.of("acknowledge").at(-1)?.through).toBeGreaterThan(1)
  })

  it("[I3] asks again when that other has left without bringing them", async () => {
    const world = new World()
    const squatter = await world.peer({ clientId: 77, user: "eve" })
    const lost = new Y.Doc()
    lost.clientID = 77
    lost.getText("t").insert(0, "lost")
    const ben = await world.peer({ user: "ben", content: Y.encodeStateAsUpdate(lost) })
    await world.commit()
    expect(ben.of("acknowledge")).toEqual([])
    squatter.cut()
    await world.commit()
    expect(ben.of("acknowledge").at(-1)?.through).toBe(2)
    expect((await world.peer()).text()).toBe("lost")
  })

  it("[P4] leaves a client id that is announced to the connection that speaks for it, however high the clock", async () => {
    const world = new World()
    const native = await world.peer({ user: "anna" })
    const plain = await world.peer({ dialect: "plain", clientId: 30 })
    announce(plain, 1, '"plain"')
    await pass(world)
    const forger = await world.peer({ dialect: "plain" })
    announce(forger, 1_000, '"forged"', native.ydoc.clientID)
    announce(forger, 1_000, '"forged"', 30)
    await pass(world)
    announce(native, 1, '"native"')
    announce(plain, 2, '"plain again"')
    await pass(world)
    const states = (await world.peer()).presence().map(({ state }) => state)
    expect(states.sort()).toEqual(['"native"', '"plain again"'])
  })

  it("[P4] lets a plain client have its id back from a line of its own that is long silent", async () => {
    const world = new World()
    const older = await world.peer({ dialect: "plain", clientId: 30 })
    announce(older, 1, '"there"')
    await pass(world, 20_000)
    const newer = await world.peer({ dialect: "plain", clientId: 30 })
    announce(newer, 2, '"back"')
    await pass(world)
    older.cut()
    await pass(world)
    expect((await world.peer()).presence().map(({ state }) => state)).toEqual(['"back"'])
  })

  it("[P5] never tells the others that a client left which came back on a newer connection", async () => {
    const world = new World()
    const older = await world.peer({ clientId: 77, user: "anna" })
    announce(older, 5, '"here"')
    const ben = await world.peer({ user: "ben" })
    await pass(world)
    const newer = await world.peer({ clientId: 77, user: "anna" })
    announce(newer, 5, '"here"')
    older.cut()
    await pass(world)
    expect(ben.presence().map(({ state }) => state)).not.toContain("null")
    newer.cut()
    await pass(world)
    expect(ben.presence().at(-1)?.state).toBe("null")
  })
})

describe("clocks", () => {
  const MOST = LIMITS.clockAdvance

  it("[R8] takes an update that carries a client on by 2^24 clocks, and none that does by more", async () => {
    for (const [length, isTaken] of [
      [MOST - 1, true],
      [MOST, true],
      [MOST + 1, false],
      [MOST * 10, false],
    ] as const) {
      const world = new World()
      const ben = await world.peer()
      ben.isSpeaking = false
      ben.say({ type: "update", update: collected(77, 0, length) })
      await world.commit()
      expect(world.log.documents.size).toBe(isTaken ? 1 : 0)
      expect(ben.of("notice").map(({ code }) => code)).toEqual(isTaken ? [] : ["QUIRE_CLOCK_JUMP"])
      expect(ben.of("acknowledge").length).toBe(isTaken ? 2 : 1)
      expect(ben.closed).toBeUndefined()
    }
  })

  it("[R8] counts from what the room has", async () => {
    const world = new World()
    const ben = await world.peer()
    ben.isSpeaking = false
    ben.say({ type: "update", update: collected(77, 0, MOST) })
    ben.say({ type: "update", update: collected(77, MOST, MOST) })
    ben.say({ type: "update", update: collected(77, 2 * MOST, MOST + 1) })
    await world.commit()
    expect(world.log.documents.get(DOCUMENT)?.records.length).toBe(2)
    expect(ben.of("notice").length).toBe(1)
  })

  it("[R8] closes a plain session that does it with 4400", async () => {
    const world = new World()
    const plain = await world.peer({ dialect: "plain" })
    plain.say({ type: "update", update: collected(77, 0, MOST + 1) })
    expect(plain.closed?.code).toBe(CloseCode.Malformed)
    expect(plain.closed?.reason).toMatch(/^QUIRE_CLOCK_JUMP/)
  })
})
