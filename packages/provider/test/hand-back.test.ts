import type { encodeMessage } from "@quire/protocol"
import { expect, it } from "vitest"
import * as Y from "yjs"
import { createWorld, EPOCH, foreignUpdate, NOTHING, seq } from "./fake-network.js"

/** What a server's room holds, and the frames it starts a session with. */
function greet(room: Y.Doc): Parameters<typeof encodeMessage>[0][] {
  return [
    { type: "welcome", epoch: EPOCH, grant: "write", schema: 0, isResumed: false },
    { type: "step1", stateVector: Y.encodeStateVector(room) },
    { type: "step2", update: NOTHING },
  ]
}

it("returns to a restarted server what it sent on and lost, though nothing was ever edited here", () => {
  const durable = foreignUpdate("kept")
  const room = new Y.Doc()
  Y.applyUpdate(room, durable)
  const restarted = new Y.Doc()
  Y.applyUpdate(restarted, durable)

  const { provider, clock, socket, text } = createWorld()
  provider.open()
  socket().accept()
  socket().say(...greet(room), { type: "update", update: durable })
  socket().say({ type: "durable", sequence: seq(1), checksum: 5, head: seq(1) })
  // Sent on at once, in the server's memory only: two insertions and a deletion.
  const lost: Uint8Array[] = []
  room.on("update", (update: Uint8Array) => lost.push(update))
  room.getText("body").insert(4, " and lost")
  room.getText("body").delete(0, 1)
  for (const update of lost) socket().say({ type: "update", update })
  expect(text()).toBe("ept and lost")
  socket().hangUp()

  clock.advance(1_000)
  socket().accept()
  expect(socket().take()[0]).toMatchObject({ type: "hello", resume: { sequence: 1, checksum: 5 } })
  socket().say(...greet(restarted))
  for (const update of socket().takeContent()) Y.applyUpdate(restarted, update)
  expect(restarted.getText("body").toString()).toBe("ept and lost")
  expect(provider.getStatus().save).toEqual({ kind: "saved" })
  provider.close()
})

it("returns also what still waits here for something it builds on", () => {
  const author = new Y.Doc()
  const updates: Uint8Array[] = []
  author.on("update", (update: Uint8Array) => updates.push(update))
  author.getText("body").insert(0, "one ")
  author.getText("body").insert(4, "two")
  const [first = NOTHING, second = NOTHING] = updates

  const { provider, clock, socket, text } = createWorld()
  provider.open()
  socket().accept()
  socket().say(...greet(new Y.Doc()), { type: "update", update: second })
  expect(text()).toBe("")
  socket().hangUp()
  clock.advance(1_000)
  const restarted = new Y.Doc()
  Y.applyUpdate(restarted, first)
  socket().accept()
  socket().say(...greet(restarted))
  for (const update of socket().takeContent()) Y.applyUpdate(restarted, update)
  expect(restarted.getText("body").toString()).toBe("one two")
  provider.close()
})
