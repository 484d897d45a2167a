import { CloseCode, decodeCloseReason, encodePresence, LIMITS, walkUpdate } from "@quire/protocol"
import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { INTAKE_LIMITS, Intake, type IntakeVerdict, ROOM_LIMITS } from "../src/index.js"
import { Knowledge } from "../src/knowledge.js"
import { Quarantine } from "../src/quarantine.js"
import type { Session } from "../src/session.js"
import { type Peer, World } from "./world.js"

/** Limits that a room, its process and its connections have, one below, at, one above, and at ten times each. */

describe("what one connection sends", () => {
  const { framesBurst, framesPerSecond, bytesBurst, bytesPerSecond, strainedMs } = INTAKE_LIMITS

  /** What is said of the last of so many frames at one moment. */
  function lastOf(frames: number, sizeBytes: number): IntakeVerdict {
    const intake = new Intake(INTAKE_LIMITS, 0)
    let verdict: IntakeVerdict = "read"
    for (let i = 0; i < frames; i++) verdict = intake.count(sizeBytes, 0)
    return verdict
  }

  it.each<[number, IntakeVerdict]>([
    [framesBurst - 1, "read"],
    [framesBurst, "read"],
    [framesBurst + 1, "pause"],
    [framesBurst * 10, "pause"],
  ])("[C6] is read up to so many frames at once: %d", (frames, verdict) => {
    expect(lastOf(frames, 1)).toBe(verdict)
  })

  it.each<[number, IntakeVerdict]>([
    [bytesBurst - 1, "read"],
    [bytesBurst, "read"],
    [bytesBurst + 1, "pause"],
    [bytesBurst * 10, "pause"],
  ])("[C6] is read up to so many bytes at once: %d", (bytes, verdict) => {
    expect(lastOf(1, bytes)).toBe(verdict)
  })

  it.each([
    ["frames", framesBurst, framesPerSecond, 1],
    ["bytes", bytesBurst, bytesPerSecond, bytesBurst],
  ])("[C6] is read again as %s run in", (_what, burst, perSecond, sizeBytes) => {
    const intake = new Intake(INTAKE_LIMITS, 0)
    for (let sent = 0; sent < burst; sent += sizeBytes) intake.count(sizeBytes, 0)
    expect(intake.waitMs(0)).toBe(0)
    expect(intake.count(sizeBytes, 0)).toBe("pause")
    const dueMs = (sizeBytes / perSecond) * 1_000
    expect(intake.waitMs(dueMs - 0.5)).toBeGreaterThan(0)
    expect(intake.waitMs(dueMs + 0.001)).toBe(0)
    expect(intake.count(0, dueMs + 1_000 / framesPerSecond)).toBe("read")
  })

  it("[C6] is never held back below the rate: nobody who types, pastes, or brings what an absence left", () => {
    const intake = new Intake(INTAKE_LIMITS, 0)
    let held = 0
    const send = (sizeBytes: number, ms: number): void => {
      if (intake.count(sizeBytes, ms) !== "read") held++
    }
    for (let ms = 0; ms < 600_000; ms++) send(100, ms)
    // An offline queue of 100,000 edits, one by one, and then the whole document, asked for twice.
    for (let i = 0; i < 100_000; i++) send(30, 600_000)
    for (let i = 0; i < 2; i++) send(16_777_216, 600_000)
    expect(held).toBe(0)
  })

  it.each<[number, IntakeVerdict]>([
    [strainedMs - 1, "pause"],
    [strainedMs, "close"],
    [strainedMs + 1, "close"],
    [strainedMs * 10, "close"],
  ])("[C6] ends the connection that has been at the limit for so many milliseconds: %d", (ms, verdict) => {
    const intake = new Intake(INTAKE_LIMITS, 0)
    let last: IntakeVerdict = "read"
    for (let i = 0; i <= framesBurst; i++) last = intake.count(1, 0)
    expect(last).toBe("pause")
    // What runs in is used up as it comes.
    for (let now = 0; now <= ms; now++) {
      if (intake.waitMs(now) === 0) last = intake.count(1, now)
      if (now < ms && last === "read") last = intake.count(1, now)
    }
    while (last === "read") last = intake.count(1, ms)
    expect(last).toBe(verdict)
  })

  it("[C6] forgets that a connection was at the limit once it has left some of it unused", () => {
    const intake = new Intake(INTAKE_LIMITS, 0)
    for (let i = 0; i <= framesBurst; i++) intake.count(1, 0)
    const rested = 2_000
    for (let i = 0; i < framesPerSecond; i++) expect(intake.count(1, rested)).toBe("read")
    let last: IntakeVerdict = "read"
    for (let i = 0; i <= framesPerSecond; i++) last = intake.count(1, rested)
    expect(last).toBe("pause")
    for (let i = 0; last !== "close" && i < 100_000; i++) last = intake.count(1, rested + strainedMs - 1)
    expect(last).toBe("pause")
  })
})

describe("a presence state", () => {
  const limit = LIMITS.presenceStateBytes

  it.each([
    [limit - 1, true],
    [limit, true],
    [limit + 1, false],
    [limit * 10, false],
  ])("[P4] is passed on up to so many UTF-16 units, and dropped without a word beyond: %d", async (units, isTaken) => {
    const world = new World()
    const [speaker, reader] = [await world.peer(), await world.peer()]
    const client = speaker.ydoc.clientID
    const state = JSON.stringify("ü".repeat(units - 2))
    speaker.say({ type: "presence", entries: encodePresence([{ client, clock: 1, state }]) })
    world.clock.advance(1_000)
    expect(reader.presence().some((entry) => entry.state === state)).toBe(isTaken)
    expect(speaker.closed).toBeUndefined()
    // What is said next, within the limit, is heard.
    speaker.say({ type: "presence", entries: encodePresence([{ client, clock: 2, state: "{}" }]) })
    world.clock.advance(1_000)
    expect(reader.presence().at(-1)).toMatchObject({ client, state: "{}" })
  })
})

describe("what comes while a document opens", () => {
  const limit = LIMITS.frameBytes

  it.each([
    [limit - 1, true],
    [limit, true],
    [limit + 1, false],
    [limit * 10, false],
  ])("[C2] is kept up to so many bytes: %d", async (sizeBytes, isKept) => {
    const world = new World()
    const open = world.log.holdLoads()
    const peer = await world.peer({ isJoining: false })
    // Frames that are no messages: they are only counted until the document is open.
    const piece = new Uint8Array(1_048_576)
    for (let left = sizeBytes; left > 0; left -= piece.length) {
      // Each frame counts with 128 bytes more than it has.
      peer.connection.receive(piece.subarray(0, Math.max(0, Math.min(left, piece.length) - 128)))
    }
    expect(peer.closed?.code).toBe(isKept ? undefined : CloseCode.TooLarge)
    if (!isKept) expect(peer.closed?.reason).toMatch(/^QUIRE_FRAME_TOO_LARGE: \d+ bytes before the document was open/)
    open()
    await world.quiet()
    expect((await world.peer()).closed).toBeUndefined()
  })
})

describe("what comes before hello", () => {
  const limit = LIMITS.helloBytes

  it.each([
    [limit - 1, true],
    [limit, true],
    [limit + 1, false],
    [limit * 10, false],
  ])("[C1] is looked at up to so many bytes: %d", async (sizeBytes, isLookedAt) => {
    const peer = await new World().peer({ isJoining: false, isSilent: true })
    peer.connection.receive(new Uint8Array(sizeBytes).fill(100))
    // Neither is a hello: what is looked at is found malformed.
    expect(peer.closed?.reason).toMatch(
      isLookedAt ? /^QUIRE_FRAME_MALFORMED/ : /^QUIRE_FRAME_TOO_LARGE: \d+ bytes before/,
    )
    expect(peer.closed?.code).toBe(isLookedAt ? CloseCode.Malformed : CloseCode.TooLarge)
  })
})

describe("what is put aside", () => {
  const limit = ROOM_LIMITS.quarantineBytes

  it.each([
    [limit - 1, true],
    [limit, true],
    [limit + 1, false],
    [limit * 10, false],
  ])("[R2] puts aside so many bytes, of one update: %d", (sizeBytes, isKept) => {
    const { knowledge, quarantine } = aside()
    quarantine.hold(heldOf(2, sizeBytes))
    expect(quarantine.release(knowledge)).toHaveLength(isKept ? 1 : 0)
  })

  it("[R2] puts aside so many bytes, of several: the oldest go", () => {
    const { knowledge, quarantine } = aside()
    const held = [2, 3, 4].map((client) => heldOf(client, limit / 2))
    for (const one of held) quarantine.hold(one)
    expect(quarantine.release(knowledge)).toEqual(held.slice(1))
  })

  function aside(): { readonly knowledge: Knowledge; readonly quarantine: Quarantine } {
    return { knowledge: Knowledge.ofUpdates([]), quarantine: new Quarantine(limit) }
  }

  function heldOf(client: number, sizeBytes: number): Parameters<Quarantine["hold"]>[0] {
    const sized = (length: number): Uint8Array => {
      const ydoc = new Y.Doc()
      ydoc.clientID = client
      ydoc.getText("t").insert(0, "x".repeat(length))
      return Y.encodeStateAsUpdate(ydoc)
    }
    // What is not its text is as long as in a text nearly as long.
    const update = sized(sizeBytes - (sized(sizeBytes - 32).length - (sizeBytes - 32)))
    expect(update.length).toBe(sizeBytes)
    return { update, summary: walkUpdate(update), session: NOBODY }
  }
})

/** Whoever brought it: the quarantine only keeps it. */
const NOBODY = {} as Session

describe("places", () => {
  it("[O7] are as many in a room as are allowed: the next is told when to come back, and all others go on", async () => {
    const world = new World(undefined, { sessions: 5 })
    world.log.isInstant = true
    const inside = await peers(world, 5)
    expect(inside.map(({ closed }) => closed)).toEqual(inside.map(() => undefined))
    for (const late of await peers(world, 50)) {
      expect(late.closed?.code).toBe(CloseCode.TryLater)
      const { text, retryMs } = decodeCloseReason(late.closed?.reason ?? "")
      expect(text).toBe("QUIRE_ROOM_FULL: 5 people are in this document, its limit")
      expect(retryMs).toBe(10_000)
      expect(late.received).toEqual([])
      late.cut()
    }
    inside[0]?.type("on")
    await world.quiet()
    expect(inside.map((peer) => peer.text())).toEqual(inside.map(() => "on"))
    inside[1]?.cut()
    const [next, further] = await peers(world, 2)
    expect(next?.text()).toBe("on")
    expect(further?.closed?.code).toBe(CloseCode.TryLater)
    // Another document has places of its own.
    expect((await world.peer({ document: "other" as never })).closed).toBeUndefined()
  })

  it("[O7] of a room are 2,000, and whoever comes back on another line takes that of the line before", async () => {
    const world = new World()
    const { sessions } = ROOM_LIMITS
    const inside = await peers(world, sessions - 1, false)
    const [last] = await peers(world, 1, false)
    expect([...inside, last].filter((peer) => peer?.closed !== undefined)).toEqual([])
    const [late] = await peers(world, 1, false)
    expect(late?.closed?.reason).toContain("QUIRE_ROOM_FULL: 2000 people")
    const again = await world.peer({ clientId: inside[7]?.ydoc.clientID ?? 0, isJoining: false })
    expect(again.closed).toBeUndefined()
    expect(inside[7]?.closed?.code).toBe(CloseCode.TakenOver)
    expect(world.rooms.counts.sessions).toBe(sessions)
  })

  it("[O7] are a hundred for a person in all rooms, and without end for nobody in particular", async () => {
    const world = new World()
    const { sessionsPerUser } = ROOM_LIMITS
    const own = []
    for (let i = 0; i < sessionsPerUser; i++) {
      own.push(await world.peer({ user: "anna", document: `document ${i % 7}` as never, isJoining: false }))
    }
    expect(own.filter(({ closed }) => closed !== undefined)).toEqual([])
    const late = await world.peer({ user: "anna", isJoining: false })
    expect(late.closed?.code).toBe(CloseCode.TryLater)
    expect(late.closed?.reason).toContain("QUIRE_USER_FULL: you have 100 documents open, the limit: close some")
    expect((await world.peer({ user: "ben", isJoining: false })).closed).toBeUndefined()
    expect((await peers(world, sessionsPerUser + 1, false)).filter(({ closed }) => closed !== undefined)).toEqual([])
    own[3]?.cut()
    expect((await world.peer({ user: "anna", isJoining: false })).closed).toBeUndefined()
  })
})

async function peers(world: World, count: number, isJoining = true): Promise<Peer[]> {
  const made: Promise<Peer>[] = []
  for (let i = 0; i < count; i++) made.push(world.peer({ isJoining }))
  return Promise.all(made)
}
