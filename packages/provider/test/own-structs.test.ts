import { writeUpdate } from "@quire/testing"
import { expect, it } from "vitest"
import * as Y from "yjs"
import { ack, createWorld, EPOCH, type FakeSocket, NOTHING, textOf, type World } from "./fake-network.js"

const FORGED = { kind: "refused", code: 4409 }

/** A page that has saved "mine", lost its line, and typed on. */
function away(): World & { readonly saved: Uint8Array } {
  const world = createWorld()
  world.provider.open()
  const socket = world.join()
  socket.say(ack(1))
  world.type("mine")
  socket.say(ack(2))
  expect(world.provider.getStatus().save).toEqual({ kind: "saved" })
  const saved = Y.encodeStateAsUpdate(world.ydoc)
  socket.hangUp()
  world.type(", more")
  world.clock.advance(30_000)
  return { ...world, saved }
}

/** The server's side of a new connection, up to its step 1: it has this. */
function greet(world: World, stored: Uint8Array): FakeSocket {
  const socket = world.socket()
  socket.accept()
  socket.say(
    { type: "welcome", epoch: EPOCH, grant: "write", schema: 0, isResumed: false },
    { type: "step1", stateVector: Y.encodeStateVectorFromUpdate(stored) },
  )
  return socket
}

/** What the server answers to the newest step 1. */
function answer(socket: FakeSocket, stored: Uint8Array): void {
  const asked = socket.take().findLast((message) => message.type === "step1")
  if (asked?.type !== "step1") throw new Error("it did not ask")
  socket.say({ type: "step2", update: Y.diffUpdate(stored, asked.stateVector) })
}

/** The stored update, and what somebody wrote behind it under the same client id. */
function forge({ ydoc, saved }: { readonly ydoc: Y.Doc; readonly saved: Uint8Array }, text: string): Uint8Array {
  const forger = new Y.Doc()
  Y.applyUpdate(forger, saved)
  forger.clientID = ydoc.clientID
  forger.getText("body").insert(4, text)
  return Y.encodeStateAsUpdate(forger)
}

/** A collected struct behind the stored update. */
function silence({ ydoc, saved }: { readonly ydoc: Y.Doc; readonly saved: Uint8Array }, length: number): Uint8Array {
  const structs = [{ header: 0, fields: [{ kind: "number" as const, role: "length" as const, value: length }] }]
  const blocks = [{ client: ydoc.clientID, clock: 4, structs }]
  return Y.mergeUpdates([saved, writeUpdate({ blocks, deletions: [], rest: new Uint8Array(0) })])
}

it("stops, and keeps the text, when the server has other text in the place of unsaved edits", () => {
  for (const text of [", evil", "x", ", more and more"]) {
    const world = away()
    const stored = forge(world, text)
    answer(greet(world, stored), stored)
    expect(world.provider.getStatus().connection).toMatchObject(FORGED)
    expect(world.provider.getStatus().save).toMatchObject({ kind: "not-saved", edits: 1 })
    expect(world.text()).toBe("mine, more")
    world.provider.close()
  }
})

it("stops when somebody made the server take unsaved edits for collected ones, be it a single clock", () => {
  for (const length of [1, 6, 2 ** 20]) {
    const world = away()
    const stored = silence(world, length)
    answer(greet(world, stored), stored)
    expect(world.provider.getStatus().connection).toMatchObject(FORGED)
    expect(world.text()).toBe("mine, more")
    world.provider.close()
  }
})

it("calls nothing saved before it has seen that what the server has is its own", () => {
  const world = away()
  const stored = silence(world, 100)
  const socket = greet(world, stored)
  socket.say(ack(1))
  expect(world.provider.getStatus().save.kind).not.toBe("saved")
  answer(socket, stored)
  expect(world.provider.getStatus().save.kind).toBe("not-saved")
  world.provider.close()
})

it("goes on when the server has what was sent and never acknowledged", () => {
  const world = away()
  const first = greet(world, world.saved)
  answer(first, world.saved)
  const stored = Y.encodeStateAsUpdate(world.ydoc)
  first.hangUp()
  world.type(", and more")
  world.clock.advance(30_000)
  const socket = greet(world, stored)
  socket.say(ack(1))
  answer(socket, stored)
  expect(world.provider.getStatus()).toMatchObject({ connection: { kind: "live" }, save: { kind: "saved" } })
  world.provider.close()
})

it("goes on when somebody has deleted what was sent and never acknowledged", () => {
  const world = away()
  answer(greet(world, world.saved), world.saved)
  const other = new Y.Doc()
  Y.applyUpdate(other, Y.encodeStateAsUpdate(world.ydoc))
  other.getText("body").delete(4, 6)
  const stored = Y.encodeStateAsUpdate(other)
  world.socket().hangUp()
  world.clock.advance(30_000)
  const socket = greet(world, stored)
  answer(socket, stored)
  socket.say(ack(1))
  expect(world.provider.getStatus()).toMatchObject({ connection: { kind: "live" }, save: { kind: "saved" } })
  expect(world.text()).toBe("mine")
  world.provider.close()
})

it("asks only for what it lacks while everything is saved", () => {
  const world = createWorld()
  world.provider.open()
  const socket = world.join()
  socket.say(ack(1))
  world.type("mine")
  socket.say(ack(2))
  socket.hangUp()
  world.clock.advance(30_000)
  const again = greet(world, Y.encodeStateAsUpdate(world.ydoc))
  const asked = again.take().find((message) => message.type === "step1")
  expect(asked).toMatchObject({ stateVector: Y.encodeStateVector(world.ydoc) })
  again.say({ type: "step2", update: NOTHING })
  world.provider.close()
})

it("sends an edit that nobody has touched as before", () => {
  const world = away()
  const socket = greet(world, world.saved)
  expect(textOf([world.saved, ...socket.takeContent()])).toBe("mine, more")
  world.provider.close()
})
