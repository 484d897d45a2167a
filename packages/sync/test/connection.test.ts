import type { DocumentId } from "@quire/base"
import { CloseCode, encodeMessage } from "@quire/protocol"
import { describe, expect, it } from "vitest"
import { Connection, type Gate } from "../src/index.js"
import { DOCUMENT, HeldLog, Peer, World } from "./world.js"

describe("a connection", () => {
  it("[C1] wants a hello first from a native client, within ten seconds", async () => {
    const world = new World()
    const rude = new Peer(world, { isJoining: false, dialect: "plain" })
    const link = Object.assign(Object.create(Peer.prototype), rude) as Peer
    const connection = new Connection(world.setting, link, DOCUMENT, "native", { token: "", cookie: "" })
    connection.receive(encodeMessage({ type: "query-presence" }))
    expect(link.closed).toMatchObject({ code: CloseCode.Malformed })
    expect(link.closed?.reason).toMatch(/^QUIRE_FRAME_OUT_OF_ORDER/)
    const silent = Object.assign(Object.create(Peer.prototype), rude, { closed: undefined }) as Peer
    new Connection(world.setting, silent, DOCUMENT, "native", { token: "", cookie: "" })
    world.clock.advance(10_000)
    expect(silent.closed?.code).toBe(CloseCode.Deadline)
  })

  it("[C2] reads nothing while the gate is asked and the document loads, and loses no frame that came meanwhile", async () => {
    const log = new HeldLog()
    log.isInstant = true
    const world = new World(log)
    const open = log.holdLoads()
    const peer = new Peer(world, { dialect: "plain" })
    expect(peer.isPaused).toBe(true)
    peer.type("early")
    open()
    await world.quiet()
    expect(peer.isPaused).toBe(false)
    expect((await world.peer()).text()).toBe("early")
  })

  it("[C3] ends only the session that sent nonsense", async () => {
    const hostile = [
      Uint8Array.of(),
      Uint8Array.of(9),
      Uint8Array.of(0, 7, 0),
      Uint8Array.of(0, 2, 255, 255, 255, 255, 15),
      Uint8Array.of(0, 2, 3, 1, 1, 1),
      Uint8Array.of(1, 200, 1),
      Uint8Array.of(100, 1, 0, 0, 0),
    ]
    const world = new World()
    const good = await world.peer()
    for (const dialect of ["plain", "native"] as const) {
      for (const frame of hostile) {
        const bad = await world.peer({ dialect })
        bad.connection.receive(frame)
        expect(bad.closed?.code).toBe(CloseCode.Malformed)
        expect(bad.closed?.reason).toMatch(/^QUIRE_[A-Z_]+: /)
      }
    }
    good.type("still here")
    await world.commit()
    expect((await world.peer()).text()).toBe("still here")
  })

  it("[C4] asks the gate with the token of the hello and the cookie of the request", async () => {
    const world = new World()
    const asked: unknown[] = []
    const gate: Gate = async (document, credentials) => {
      asked.push([document, credentials])
      return { ok: false, close: CloseCode.Forbidden, reason: "no" }
    }
    Object.assign(world, { setting: { ...world.setting, gate } })
    await world.peer({ user: "from hello", cookie: "quire=abc" })
    await world.peer({ user: "from address", dialect: "plain" })
    expect(asked).toEqual([
      [DOCUMENT, { token: "from hello", cookie: "quire=abc" }],
      [DOCUMENT, { token: "from address", cookie: "" }],
    ])
  })

  it("[C4] closes with the gate's reason", async () => {
    const world = new World()
    const peer = new Peer(
      Object.assign(world, {
        setting: {
          ...world.setting,
          gate: async () => ({ ok: false as const, close: CloseCode.Unauthorized, reason: "sign in" }),
        },
      }),
      {},
    )
    await world.quiet()
    expect(peer.closed).toEqual({ code: CloseCode.Unauthorized, reason: "sign in" })
  })

  it("[C5] refuses a document that cannot be loaded, and never shows it empty", async () => {
    const world = new World()
    world.log.load = async () => Promise.reject(new Error("damaged"))
    const peer = await world.peer()
    expect(peer.closed?.code).toBe(CloseCode.ServerFault)
    expect(peer.of("step2")).toEqual([])
    expect(world.events).toContain("connection.failed")
  })
})

describe("rooms", () => {
  it("[O1] opens a room once for a crowd, and forgets it some time after the last has left", async () => {
    const world = new World()
    world.log.isInstant = true
    const peers = await Promise.all([world.peer(), world.peer(), world.peer()])
    expect(world.rooms.counts).toEqual({ rooms: 1, sessions: 3 })
    for (const peer of peers) peer.cut()
    world.clock.advance(5_000)
    expect(world.rooms.counts.rooms).toBe(1)
    world.clock.advance(10_000)
    expect(world.rooms.counts.rooms).toBe(0)
  })

  it("[O2] never forgets a room with unsaved edits", async () => {
    const world = new World()
    const anna = await world.peer()
    anna.type("x")
    anna.cut()
    world.clock.advance(600_000)
    expect(world.rooms.counts.rooms).toBe(1)
    expect((await world.peer()).text()).toBe("x")
  })

  it("[O3] stops: waits for the disk, acknowledges, and says when to come back", async () => {
    const world = new World()
    const anna = await world.peer()
    anna.type("x")
    await world.quiet()
    const closing = world.rooms.close(new Promise(() => undefined))
    await world.quiet()
    expect(anna.closed).toBeUndefined()
    expect(anna.isPaused).toBe(true)
    world.log.commit()
    await world.quiet()
    world.clock.advance(20)
    expect(await closing).toEqual({ unsaved: [] })
    expect(anna.of("acknowledge").at(-1)?.through).toBe(2)
    expect(anna.closed?.code).toBe(CloseCode.Restart)
    expect(anna.closed?.reason).toMatch(/^retry=\d+ /)
    expect((await world.peer({ document: "later" as DocumentId })).closed?.code).toBe(CloseCode.Restart)
    world.clock.advance(100_000)
    expect(world.clock.pending).toBe(0)
  })

  it("[O3] says that it stops to whoever comes while the log closes underneath", async () => {
    const world = new World()
    let closeLog: () => void = () => undefined
    world.log.load = () =>
      new Promise((_, reject) => {
        closeLog = () => reject(new Error("the log is closed"))
      })
    const late = await world.peer()
    await world.rooms.close(new Promise(() => undefined))
    closeLog()
    await world.quiet()
    expect(late.closed?.code).toBe(CloseCode.Restart)
    expect(world.events).toEqual([])
  })

  it("[O3] names what it could not write when the deadline comes", async () => {
    const world = new World()
    const anna = await world.peer()
    anna.type("x")
    const closed = await world.rooms.close(Promise.resolve())
    expect(closed.unsaved.map(({ document }) => document)).toEqual([DOCUMENT])
    expect(anna.closed?.code).toBe(CloseCode.Restart)
  })
})
