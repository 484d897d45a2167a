import { settle } from "@quire/testing"
import { expect, it } from "vitest"
import { Awareness } from "y-protocols/awareness"
import * as Y from "yjs"
import { createCopy } from "./fake-copy.js"
import { ack, createWorld, EMPTY_VECTOR, EPOCH, foreignUpdate, NOTHING, textOf } from "./fake-network.js"

it("makes the line while the copy is loaded, is silent until then, and hears what came meanwhile", async () => {
  const ydoc = new Y.Doc()
  const awareness = new Awareness(ydoc)
  const { copy } = createCopy({ updates: [foreignUpdate("from before ")], isKnown: true })
  const { provider, socket, text } = createWorld({ deviceCopy: copy, ydoc, awareness })
  provider.open()
  socket().accept("")
  awareness.setLocalState({ user: "early" })
  socket().say({ type: "step1", stateVector: EMPTY_VECTOR }, { type: "step2", update: foreignUpdate("theirs ") })
  expect(socket().take()).toEqual([])
  expect(provider.getStatus()).toMatchObject({ connection: { kind: "live", isSynced: false }, isReadable: false })
  await settle()
  expect(text()).toContain("theirs ")
  expect(text()).toContain("from before ")
  expect(provider.getStatus().connection).toMatchObject({ kind: "live", isSynced: true })
  const said = socket().take()
  expect(said.map(({ type }) => type)).toEqual(expect.arrayContaining(["step1", "presence", "step2"]))
  provider.close()
  awareness.destroy()
})

it("makes another line when the first breaks before the copy is there, and hears nothing of the first", async () => {
  const { copy } = createCopy({ updates: [foreignUpdate("from before")], isKnown: true })
  const { provider, sockets, socket, clock, text } = createWorld({ deviceCopy: copy })
  provider.open()
  socket().accept("")
  socket().say({ type: "step1", stateVector: EMPTY_VECTOR })
  socket().hangUp()
  await settle()
  expect(provider.getStatus().connection.kind).toBe("waiting")
  clock.advance(5_000)
  expect(sockets).toHaveLength(2)
  socket().accept()
  expect(socket().take()[0]?.type).toBe("hello")
  expect(text()).toBe("from before")
  provider.close()
})

it("stays away from a server that refuses before the copy is there", async () => {
  const { copy } = createCopy()
  const { provider, sockets, socket, clock } = createWorld({ deviceCopy: copy })
  provider.open()
  socket().accept()
  socket().hangUp(4403, "not for you")
  await settle()
  clock.advance(60_000)
  expect(provider.getStatus().connection.kind).toBe("refused")
  expect(sockets).toHaveLength(1)
  provider.close()
})

it("keeps what an opening brings as it came, and what comes later as what is new of it", async () => {
  const { copy, written, finish } = createCopy()
  const { provider, join } = createWorld({ deviceCopy: copy })
  provider.open()
  await settle()
  const whole = inTwoPieces()
  const socket = join({ update: whole })
  const later = new Y.Doc()
  Y.applyUpdate(later, whole)
  later.getText("body").insert(0, "again ")
  socket.say({ type: "update", update: Y.encodeStateAsUpdate(later) })
  await finish()
  await finish()
  expect(written.flatMap(({ updates }) => updates)[0]).toEqual(whole)
  expect(written.flatMap(({ updates }) => updates).map((update) => update.length < whole.length)).toEqual([false, true])
  expect(textOf(written.flatMap(({ updates }) => updates))).toBe(`again ${"theirs".repeat(20)}`)
  provider.close()
})

it("sends and keeps an edit with which the page answers the opening", async () => {
  for (const isFromCopy of [false, true]) {
    const update = foreignUpdate("theirs")
    const { copy, text: kept, finish } = createCopy(isFromCopy ? { updates: [update], isKnown: true } : {})
    const { provider, ydoc, join, socket, clock } = createWorld({ deviceCopy: copy })
    let isAnswered = false
    ydoc.on("afterTransaction", () => {
      if (isAnswered || ydoc.getText("body").length === 0) return
      isAnswered = true
      ydoc.getText("body").insert(0, "mine, ")
    })
    provider.open()
    await settle()
    join({ update: isFromCopy ? NOTHING : update })
    clock.advance(0)
    expect(provider.getStatus().save).toEqual({ kind: "saving", edits: 1 })
    await finish()
    await finish()
    expect(kept()).toBe("mine, theirs")
    socket().say(ack(1), ack(2))
    expect(provider.getStatus().save.kind).toBe("saved")
    provider.close()
  }
})

it("is not held to have edited by a Yjs transaction that changes nothing", async () => {
  const { provider, ydoc, join } = createWorld()
  let isAnswered = false
  ydoc.on("afterTransaction", () => {
    if (isAnswered) return
    isAnswered = true
    ydoc.transact(() => undefined, "somebody")
  })
  provider.open()
  join({ update: foreignUpdate("theirs") })
  expect(isAnswered).toBe(true)
  expect(provider.getStatus().save).toEqual({ kind: "saved" })
  provider.close()
})

it("writes a large text of others once the page has been shown, and with it whatever is typed before", async () => {
  const { copy, written, underWay, finish } = createCopy()
  const { provider, join, type, clock } = createWorld({ deviceCopy: copy })
  provider.open()
  await settle()
  const large = foreignUpdate("x".repeat(70_000))
  join({ update: large })
  expect(underWay()).toBe(0)
  clock.advance(500)
  expect(underWay()).toBe(1)
  await finish()
  expect(written.map(({ updates }) => updates)).toEqual([[large]])
  provider.close()

  const second = createCopy()
  const world = createWorld({ deviceCopy: second.copy })
  world.provider.open()
  await settle()
  world.join({ update: large })
  world.type("y")
  await second.finish()
  expect(second.written.map(({ updates }) => updates.length)).toEqual([2])
  world.provider.close()
  type("")
})

it("forgets nothing of an opening that breaks half-way", async () => {
  const { copy, finish, written } = createCopy()
  const { provider, socket } = createWorld({ deviceCopy: copy })
  provider.open()
  await settle()
  socket().accept()
  socket().say({ type: "welcome", epoch: EPOCH, grant: "write", schema: 0, isResumed: false })
  const damaged = Uint8Array.of(...foreignUpdate("theirs"), 1)
  socket().say({ type: "step2", update: damaged.slice(0, -3) })
  expect(provider.getStatus().notices.map(({ code }) => code)).toContain("frame-unreadable")
  await finish()
  expect(() => textOf(written.flatMap(({ updates }) => updates))).not.toThrow()
  provider.close()
})

/** An update of two pieces, which Yjs would write as one. */
function inTwoPieces(): Uint8Array {
  const other = new Y.Doc()
  const pieces: Uint8Array[] = []
  other.on("update", (update: Uint8Array) => pieces.push(update))
  for (let count = 0; count < 2; count++) other.getText("body").insert(60 * count, "theirs".repeat(10))
  return Y.mergeUpdates(pieces)
}
