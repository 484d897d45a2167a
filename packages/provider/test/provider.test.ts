import { encodeCloseReason, encodeMessage, SUBPROTOCOL } from "@quire/protocol"
import { settle } from "@quire/testing"
import { afterEach, expect, it, vi } from "vitest"
import { Awareness } from "y-protocols/awareness"
import * as Y from "yjs"
import { MAX_UPDATE_BYTES } from "../src/exchange.js"
import { type Environment, Provider, type Signal } from "../src/index.js"
import {
  ack,
  createWorld,
  EMPTY_VECTOR,
  EPOCH,
  type FakeSocket,
  foreignUpdate,
  NOTHING,
  seq,
  textOf,
  type World,
} from "./fake-network.js"

const owned: Awareness[] = []
afterEach(() => {
  for (const awareness of owned.splice(0)) awareness.destroy()
})

const welcome = { type: "welcome", epoch: EPOCH, grant: "write", schema: 0, isResumed: false } as const
const step1 = { type: "step1", stateVector: EMPTY_VECTOR } as const
const step2 = { type: "step2", update: NOTHING } as const

it("starts nothing until it is opened", () => {
  const { provider, sockets, clock } = createWorld()
  expect([sockets.length, clock.pending]).toEqual([0, 0])
  expect(provider.getStatus()).toEqual({
    connection: { kind: "idle" },
    hasSynced: false,
    isReadable: false,
    save: { kind: "saved" },
    grant: undefined,
    isSchemaBehind: false,
    notices: [],
  })
})

it("refuses what cannot work when it is made", () => {
  const ydoc = new Y.Doc()
  const awareness = new Awareness(new Y.Doc())
  owned.push(awareness)
  expect(() => createWorld({ document: "" })).toThrow(TypeError)
  expect(() => createWorld({ document: "x".repeat(257) })).toThrow(TypeError)
  expect(() => createWorld({ url: "http://h/sync" })).toThrow(TypeError)
  expect(() => createWorld({ ydoc, awareness })).toThrow("another ydoc")
  expect(() => new Provider({ url: "ws://h", document: "a", ydoc })).toThrow(
    typeof WebSocket === "function" ? undefined : "no WebSocket",
  )
})

it("says hello, then step 1, then presence; answers step 1; is in sync at the first step 2", () => {
  const ydoc = new Y.Doc()
  const awareness = new Awareness(ydoc)
  owned.push(awareness)
  awareness.setLocalState({ name: "Ada" })
  const { provider, socket, ydoc: same } = createWorld({ ydoc, awareness, schema: 3, token: "secret" })
  provider.open()
  expect(socket().url).toBe("ws://127.0.0.1:4400/sync/my-doc")
  expect(socket().offered).toEqual([SUBPROTOCOL])
  expect(socket().binaryType).toBe("arraybuffer")
  socket().accept()
  const said = socket().take()
  expect(said.map((message) => message.type)).toEqual(["hello", "step1", "presence"])
  expect(said[0]).toEqual({ type: "hello", clientId: same.clientID, schema: 3, token: "secret", resume: undefined })
  socket().say(welcome, step1)
  expect(socket().take()).toEqual([{ type: "step2", update: NOTHING }])
  expect(provider.getStatus()).toMatchObject({ connection: { kind: "live", isSynced: false }, hasSynced: false })
  socket().say({ type: "update", update: foreignUpdate("hi") }, step2)
  expect(same.getText("body").toString()).toBe("hi")
  expect(provider.getStatus()).toMatchObject({
    connection: { kind: "live", isSynced: true, attempt: 0 },
    hasSynced: true,
    grant: "write",
    save: { kind: "saved" },
  })
  provider.close()
})

it("asks for a token before each attempt, and waits like after any failure when there is none", async () => {
  const token = vi.fn<() => Promise<string>>().mockRejectedValueOnce(new Error("signed out")).mockResolvedValue("t2")
  const { provider, sockets, socket, clock } = createWorld({ token })
  provider.open()
  await settle()
  expect(sockets).toHaveLength(0)
  expect(provider.getStatus().connection).toMatchObject({ kind: "waiting", attempt: 1 })
  clock.advance(500)
  await settle()
  socket().accept()
  expect(socket().take()[0]).toMatchObject({ type: "hello", token: "t2" })
  provider.close()
})

it("sends the transactions of one turn as one frame, and is saved when it is acknowledged", async () => {
  const { provider, ydoc, clock, join } = createWorld()
  provider.open()
  const socket = join()
  const body = ydoc.getText("body")
  body.insert(0, "a")
  body.insert(1, "b")
  body.insert(2, "c")
  expect(socket.take()).toEqual([])
  const saved = provider.whenSaved()
  expect(provider.getStatus().save).toEqual({ kind: "saving", edits: 3 })
  clock.advance(0)
  expect(textOf(socket.takeContent())).toBe("abc")
  socket.say(ack(1))
  expect(provider.getStatus().save).toEqual({ kind: "saving", edits: 3 })
  socket.say(ack(2))
  expect(provider.getStatus().save).toEqual({ kind: "saved" })
  await saved
  provider.close()
})

it("never sends back what others wrote", () => {
  const { provider, clock, join } = createWorld()
  provider.open()
  const socket = join()
  socket.say({ type: "update", update: foreignUpdate("theirs") })
  clock.advance(1_000)
  expect(socket.take()).toEqual([])
  expect(provider.getStatus().save).toEqual({ kind: "saved" })
  provider.close()
})

it("sends everything unacknowledged again after a reconnect, with what was edited meanwhile", () => {
  const { provider, clock, join, type, sockets } = createWorld()
  provider.open()
  const first = join()
  type("sent ")
  first.hangUp()
  type("offline ")
  expect(provider.getStatus().save).toMatchObject({ kind: "not-saved", edits: 2 })
  clock.advance(30_000)
  const second = sockets.at(-1) as FakeSocket // made by the retry
  second.accept()
  type("early ")
  expect(second.takeContent()).toEqual([])
  second.say(welcome, step1)
  expect(textOf(second.takeContent())).toBe("sent offline early ")
  second.say(step2)
  expect(provider.getStatus().save).toMatchObject({ edits: 3 })
  second.say(ack(1))
  expect(provider.getStatus().save).toEqual({ kind: "saved" })
  provider.close()
})

it("answers every step 1: what the server lacked goes again, and settles with that answer", () => {
  const { provider, join, type } = createWorld()
  provider.open()
  const socket = join()
  type("x")
  socket.take()
  socket.say(step1)
  expect(textOf(socket.takeContent())).toBe("x")
  socket.say(ack(2))
  expect(provider.getStatus().save).toMatchObject({ edits: 1 })
  socket.say(ack(3))
  expect(provider.getStatus().save).toEqual({ kind: "saved" })
  provider.close()
})

it("counts what the ydoc held before it was opened as one edit until the server has it", () => {
  const ydoc = new Y.Doc()
  ydoc.getText("body").insert(0, "before")
  const { provider, socket } = createWorld({ ydoc })
  provider.open()
  expect(provider.getStatus().save).toMatchObject({ kind: "not-saved", edits: 1 })
  socket().accept()
  socket().say(welcome, step1, step2, ack(1))
  expect(provider.getStatus().save).toEqual({ kind: "saved" })
  provider.close()
})

it("stops at 44xx, and tells those who wait", async () => {
  const { provider, clock, join, sockets, type } = createWorld()
  provider.open()
  const socket = join()
  type("x")
  const saved = provider.whenSaved()
  socket.hangUp(4403, encodeCloseReason("not yours"))
  expect(provider.getStatus()).toMatchObject({
    connection: { kind: "refused", code: 4403, reason: "not yours" },
    save: { kind: "not-saved", edits: 1, reason: "not yours" },
  })
  await expect(saved).rejects.toMatchObject({ code: "QUIRE_PROVIDER_REFUSED" })
  await expect(provider.whenSynced()).rejects.toMatchObject({ code: "QUIRE_PROVIDER_REFUSED" })
  clock.advance(600_000)
  expect(sockets).toHaveLength(1)
  provider.close()
  expect(clock.pending).toBe(0)
})

it("goes on where it was when it is told to try again after a refusal, and not otherwise", async () => {
  const { provider, join, sockets, type, text } = createWorld()
  provider.open()
  const first = join()
  type("before ")
  provider.retry()
  expect(sockets).toHaveLength(1)
  first.hangUp(4401, encodeCloseReason("signed out"))
  type("meanwhile ")
  await expect(provider.whenSaved()).rejects.toMatchObject({ code: "QUIRE_PROVIDER_REFUSED" })
  provider.retry()
  expect(provider.getStatus().connection).toEqual({ kind: "connecting", attempt: 1 })
  provider.retry()
  const second = join()
  expect(sockets).toHaveLength(2)
  const saved = provider.whenSaved()
  second.say(ack(1))
  await saved
  expect(provider.getStatus().save).toEqual({ kind: "saved" })
  expect(text()).toBe("before meanwhile ")
  provider.close()
  expect(() => provider.retry()).toThrow("closed")
})

it("stays away for as long as the server asks", () => {
  const { provider, clock, join, sockets } = createWorld()
  provider.open()
  join().hangUp(1012, encodeCloseReason("restarting", 20_000))
  expect(provider.getStatus().connection).toMatchObject({ kind: "waiting", retryAtMs: clock.now() + 22_500 })
  clock.advance(22_499)
  expect(sockets).toHaveLength(1)
  clock.advance(1)
  expect(sockets).toHaveLength(2)
  provider.close()
})

it("tries early, once, when the page or the network comes back", () => {
  let hear: (signal: Signal) => void = () => undefined
  let isOnline = true
  const stop = vi.fn()
  const environment: Environment = {
    isOnline: () => isOnline,
    subscribe: (listener) => {
      hear = listener
      return stop
    },
  }
  const { provider, clock, sockets, type } = createWorld({ environment })
  provider.open()
  for (let i = 0; i < 6; i++) {
    sockets.at(-1)?.hangUp()
    clock.advance(16_000)
  }
  sockets.at(-1)?.hangUp()
  const before = sockets.length
  isOnline = false
  type("x")
  hear("offline")
  expect(provider.getStatus().save).toMatchObject({ kind: "not-saved", reason: "this device is offline" })
  clock.advance(2_000)
  hear("visible")
  expect(sockets).toHaveLength(before)
  isOnline = true
  hear("online")
  hear("visible")
  hear("restored")
  expect(sockets).toHaveLength(before + 1)
  provider.close()
  expect(stop).toHaveBeenCalledOnce()
})

it("gives up an attempt that does not open, and a line that falls silent", () => {
  const { provider, clock, join, sockets, socket } = createWorld()
  provider.open()
  clock.advance(15_000)
  expect(socket().closedWith).toBeDefined()
  expect(provider.getStatus().connection.kind).toBe("waiting")
  clock.advance(500)
  const live = join()
  clock.advance(44_999)
  live.say({ type: "presence", entries: Uint8Array.of(0) })
  clock.advance(44_999)
  expect(live.closedWith).toBeUndefined()
  clock.advance(1)
  expect(live.closedWith).toBeDefined()
  clock.advance(1_000)
  expect(sockets).toHaveLength(3)
  provider.close()
})

it("notices a dead line within 10 s while an acknowledgement is due, but not while the store is known to fail", () => {
  const { provider, clock, join, type } = createWorld()
  provider.open()
  const socket = join()
  socket.say(ack(1))
  clock.advance(20_000)
  type("x")
  clock.advance(9_999)
  socket.say({ type: "trouble", isFailing: true, text: "disk full" })
  clock.advance(44_999)
  expect(socket.closedWith).toBeUndefined()
  socket.say({ type: "trouble", isFailing: false, text: "" })
  clock.advance(9_999)
  expect(socket.closedWith).toBeUndefined()
  clock.advance(1)
  expect(socket.closedWith).toBeDefined()
  provider.close()
})

it("says not saved after 5 s, and while the store fails; notices are kept", () => {
  const { provider, clock, join, type } = createWorld()
  provider.open()
  const socket = join()
  type("x")
  clock.advance(4_999)
  expect(provider.getStatus().save.kind).toBe("saving")
  clock.advance(1)
  expect(provider.getStatus().save.kind).toBe("not-saved")
  socket.say(ack(2), { type: "trouble", isFailing: true, text: "disk full" })
  type("y")
  expect(provider.getStatus().save).toEqual({ kind: "not-saved", edits: 1, reason: "disk full" })
  socket.say({ type: "trouble", isFailing: false, text: "" }, { type: "notice", code: "quarantine", text: "see" })
  expect(provider.getStatus()).toMatchObject({
    save: { kind: "saving", edits: 1 },
    notices: [{ code: "quarantine", text: "see" }],
  })
  provider.close()
})

it("sends nothing of a reader's, and all of it once writing is allowed", () => {
  const { provider, join, type } = createWorld()
  provider.open()
  const socket = join({ grant: "read" })
  type("x")
  expect(socket.take()).toEqual([])
  expect(provider.getStatus()).toMatchObject({
    grant: "read",
    save: { kind: "not-saved", edits: 1, reason: "read-only: these edits are not sent" },
  })
  socket.say({ type: "rights", grant: "write", reason: "shared" })
  expect(textOf(socket.takeContent())).toBe("x")
  socket.say(ack(1))
  expect(provider.getStatus().save).toEqual({ kind: "saved" })
  socket.say({ type: "rights", grant: "comment", reason: "" })
  type("y")
  expect(socket.take()).toEqual([])
  provider.close()
})

it("calls a reader saved whose ydoc held only what the server has", () => {
  const ydoc = new Y.Doc()
  Y.applyUpdate(ydoc, foreignUpdate("known"))
  const { provider, join } = createWorld({ ydoc })
  provider.open()
  join({ grant: "read", vector: Y.encodeStateVector(ydoc) })
  expect(provider.getStatus().save).toEqual({ kind: "saved" })
  provider.close()
})

it("refuses to send what no frame can carry, and says so", () => {
  const { provider, join, type, clock, ydoc } = createWorld()
  provider.open()
  const socket = join()
  ydoc.getMap("files").set("paste", new Uint8Array(MAX_UPDATE_BYTES))
  clock.advance(0)
  type("after")
  expect(socket.take()).toEqual([])
  const { save } = provider.getStatus()
  expect(save).toMatchObject({ kind: "not-saved", edits: 2 })
  expect(save.kind === "not-saved" && save.reason).toMatch(/^document too large: \d+ bytes to send, limit 16776192$/)
  ydoc.getMap("files").delete("paste")
  clock.advance(5_000)
  socket.say({ type: "presence", entries: Uint8Array.of(0) })
  type(" all")
  expect(textOf(socket.takeContent())).toBe("after all")
  socket.say(ack(2))
  expect(provider.getStatus().save).toEqual({ kind: "saved" })
  provider.close()
})

it("drops a connection whose frames cannot be read, and never throws at the page", () => {
  const bad: Uint8Array[] = [
    Uint8Array.of(0, 9, 0),
    Uint8Array.of(),
    encodeMessage({ type: "update", update: Uint8Array.of(1, 255, 255, 3) }),
    encodeMessage({ type: "step1", stateVector: Uint8Array.of(9) }),
    encodeMessage(ack(77)),
  ]
  for (const frame of bad) {
    const { provider, join, clock, sockets } = createWorld()
    provider.open()
    const socket = join()
    socket.sayBytes(frame)
    expect(socket.closedWith?.code).toBe(4000)
    expect(provider.getStatus().connection.kind).toBe("waiting")
    expect(provider.getStatus().notices.at(-1)?.code).toBe("frame-unreadable")
    clock.advance(1_000)
    expect(sockets).toHaveLength(2)
    provider.close()
  }
})

it("ignores messages of types it does not know, and bad presence", () => {
  const ydoc = new Y.Doc()
  const awareness = new Awareness(ydoc)
  owned.push(awareness)
  const { provider, join } = createWorld({ ydoc, awareness })
  provider.open()
  const socket = join()
  socket.sayBytes(Uint8Array.of(120, 1, 2, 3))
  socket.say({ type: "presence", entries: Uint8Array.of(3, 1) })
  expect(provider.getStatus().connection.kind).toBe("live")
  provider.close()
})

it("drops a socket that speaks in text", () => {
  const { provider, join } = createWorld()
  provider.open()
  join().onmessage?.({ data: "hello" })
  expect(provider.getStatus().connection.kind).toBe("waiting")
  provider.close()
})

it("hears nothing from a socket it has given up", () => {
  const { provider, clock, join, socket, text } = createWorld()
  provider.open()
  const stale = socket()
  const { onopen, onmessage, onclose } = stale
  clock.advance(15_500)
  const fresh = join()
  onopen?.()
  onmessage?.({ data: encodeMessage({ type: "update", update: foreignUpdate("late") }).slice().buffer })
  onclose?.({ code: 4403, reason: "late" })
  expect(text()).toBe("")
  expect(fresh.take()).toEqual([])
  expect(provider.getStatus().connection).toMatchObject({ kind: "live", isSynced: true })
  provider.close()
})

it("resumes after what is durable, never after the head, and asks for everything after a fault or a new epoch", () => {
  const { provider, clock, join, socket } = createWorld()
  provider.open()
  join().say(
    { type: "update", update: foreignUpdate("a") },
    { type: "durable", sequence: seq(7), checksum: 99, head: seq(9) },
  )
  socket().hangUp()
  clock.advance(1_000)
  socket().accept()
  expect(socket().take()[0]).toMatchObject({ resume: { epoch: EPOCH, sequence: 7, checksum: 99 } })
  socket().sayBytes(encodeMessage({ type: "update", update: Uint8Array.of(1, 255, 255, 3) }))
  clock.advance(1_000)
  socket().accept()
  expect(socket().take()[0]).toMatchObject({ resume: undefined })
  socket().say(welcome, step1, step2, { type: "durable", sequence: seq(8), checksum: 98, head: seq(9) })
  socket().hangUp()
  clock.advance(1_000)
  socket().accept()
  socket().say({ ...welcome, epoch: "ffffffffffffffff" }, step1, step2)
  expect(provider.getStatus().notices.at(-1)?.code).toBe("epoch-changed")
  socket().hangUp()
  clock.advance(1_000)
  socket().accept()
  expect(socket().take()[0]).toMatchObject({ resume: undefined })
  provider.close()
})

it("closes for good: last edits leave, no timer stays, the ydoc is the page's again", async () => {
  const { provider, ydoc, clock, join, type } = createWorld()
  provider.open()
  const socket = join()
  ydoc.getText("body").insert(0, "last")
  const saved = provider.whenSaved()
  provider.close()
  provider.close()
  expect(textOf(socket.takeContent())).toBe("last")
  expect(socket.closedWith).toEqual({ code: 1000, reason: "" })
  expect(clock.pending).toBe(0)
  expect(provider.getStatus()).toMatchObject({ connection: { kind: "idle" }, save: { kind: "not-saved", edits: 1 } })
  await expect(saved).rejects.toMatchObject({ code: "QUIRE_PROVIDER_CLOSED" })
  await expect(provider.whenSynced()).rejects.toMatchObject({ code: "QUIRE_PROVIDER_CLOSED" })
  expect(() => provider.open()).toThrow("closed")
  type("more")
  expect([clock.pending, provider.getStatus().save]).toMatchObject([0, { edits: 1 }])
})

it("leaves no timer in whatever state it is closed", () => {
  const open = (world: World): FakeSocket => {
    world.provider.open()
    return world.socket()
  }
  const stages: ((world: World) => void)[] = [
    () => undefined,
    (world) => open(world),
    (world) => open(world).accept(),
    (world) => open(world).hangUp(),
    (world) => open(world).hangUp(4401),
    (world) => {
      open(world)
      world.join()
      world.type("x")
    },
    (world) => {
      open(world)
      world.join().hangUp()
    },
  ]
  for (const stage of stages) {
    const awareness = new Awareness(new Y.Doc())
    owned.push(awareness)
    const world = createWorld({ ydoc: awareness.doc, awareness })
    stage(world)
    world.provider.close()
    expect(world.clock.pending).toBe(0)
  }
})

it("waits for what was edited before the call, not for what follows", async () => {
  const { provider, join, type } = createWorld()
  provider.open()
  const socket = join()
  type("a")
  const saved = provider.whenSaved()
  type("b")
  socket.say(ack(2))
  await saved
  expect(provider.getStatus().save).toMatchObject({ edits: 1 })
  provider.close()
})

it("stops waiting when the signal fires, and at once when it has fired", async () => {
  const { provider, join, type } = createWorld()
  provider.open()
  join()
  type("a")
  const stop = new AbortController()
  const saved = provider.whenSaved({ signal: stop.signal })
  await settle()
  stop.abort(new Error("enough"))
  await expect(saved).rejects.toThrow("enough")
  await expect(provider.whenSaved({ signal: stop.signal })).rejects.toThrow("enough")
  await expect(provider.whenSynced({ signal: stop.signal })).rejects.toThrow("enough")
  await provider.whenSynced()
  provider.close()
})

it("gives subscribers each new status until they leave", () => {
  const { provider, join, type } = createWorld()
  const kinds: string[] = []
  const undo = provider.subscribe(() => kinds.push(provider.getStatus().connection.kind))
  provider.open()
  const socket = join()
  expect(kinds).toEqual(["connecting", "live", "live", "live"])
  const before = provider.getStatus()
  socket.say({ type: "presence", entries: Uint8Array.of(0) })
  expect(provider.getStatus()).toBe(before)
  undo()
  type("x")
  expect(kinds).toHaveLength(4)
  provider.close()
})

it("neither counts nor sends it when Yjs removes superfluous marks in a reader's ydoc", () => {
  const { provider, ydoc, join } = createWorld()
  const grown: unknown[] = []
  ydoc.getText("body")
  provider.open()
  const [first, ...later] = superfluousMarks()
  const socket = join({ grant: "read", update: first as Uint8Array })
  ydoc.on("update", (_update: Uint8Array, origin: unknown) => grown.push(origin))
  for (const update of later) socket.say({ type: "update", update })
  // It did happen: something has changed the ydoc that came from nobody.
  expect(grown.filter((origin) => origin === null)).not.toEqual([])
  expect(provider.getStatus().save).toEqual({ kind: "saved" })
  expect(socket.take()).toEqual([])
  provider.close()
})

it("does so in a reader's document that is being opened", () => {
  const { provider, ydoc, join } = createWorld()
  provider.open()
  ydoc.getText("body")
  const socket = join({ grant: "read", update: Y.mergeUpdates(superfluousMarks()) })
  expect(provider.getStatus().save).toEqual({ kind: "saved" })
  expect(socket.take()).toEqual([])
  provider.close()
})

/** Two people mark the same words at the same time, each a little more: Yjs finds marks that say nothing new. */
function superfluousMarks(): Uint8Array[] {
  const [anna, ben] = [1, 2].map((clientID) => Object.assign(new Y.Doc(), { clientID })) as [Y.Doc, Y.Doc]
  const updates: Uint8Array[] = []
  for (const ydoc of [anna, ben]) {
    ydoc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin !== "other") updates.push(update)
    })
  }
  anna.getText("body").insert(0, "some words")
  Y.applyUpdate(ben, Y.encodeStateAsUpdate(anna), "other")
  ben.getText("body").format(0, 4, { strong: true })
  ben.getText("body").format(5, 3, { strong: true })
  anna.getText("body").format(5, 3, { strong: true })
  anna.getText("body").format(0, 1, { strong: true })
  return updates
}
