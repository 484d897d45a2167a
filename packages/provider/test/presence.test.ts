import type { ClientMessage } from "@quire/protocol"
import { afterEach, expect, it } from "vitest"
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from "y-protocols/awareness"
import * as Y from "yjs"
import { createWorld, type World } from "./fake-network.js"

const owned: Awareness[] = []
afterEach(() => {
  for (const awareness of owned.splice(0)) awareness.destroy()
})

function createAwareness(): Awareness {
  const awareness = new Awareness(new Y.Doc())
  owned.push(awareness)
  return awareness
}

function createPresentWorld(): World & { readonly awareness: Awareness } {
  const awareness = createAwareness()
  return { ...createWorld({ ydoc: awareness.doc, awareness }), awareness }
}

/** A remote person's newest state, as a frame. */
function present(person: Awareness, state: object): { type: "presence"; entries: Uint8Array } {
  person.setLocalState({ ...state })
  return { type: "presence", entries: encodeAwarenessUpdate(person, [person.clientID]) }
}

/** The states in what the client said, by client id. */
function statesIn(said: readonly ClientMessage[]): [number, unknown][] {
  return said.flatMap((message) => {
    if (message.type !== "presence") return []
    const awareness = createAwareness()
    awareness.setLocalState(null)
    const seen: [number, unknown][] = []
    awareness.on("update", ({ added }: { added: number[] }) => {
      for (const client of added) seen.push([client, awareness.getStates().get(client)])
    })
    applyAwarenessUpdate(awareness, message.entries, "test")
    return seen
  })
}

it("sends the first change at once, then the newest, ten a second at most", () => {
  const { provider, awareness, clock, join } = createPresentWorld()
  provider.open()
  const socket = join()
  clock.advance(100)
  for (let caret = 1; caret <= 50; caret++) {
    awareness.setLocalState({ caret })
    clock.advance(10)
  }
  clock.advance(100)
  const states = statesIn(socket.take()).map(([, state]) => state)
  expect(states.slice(0, 2)).toEqual([{ caret: 1 }, { caret: 10 }])
  expect(states.at(-1)).toEqual({ caret: 50 })
  expect(states).toHaveLength(6)
  provider.close()
})

it("announces itself again after a reconnect, and nobody else ever", () => {
  const { provider, awareness, clock, join, socket } = createPresentWorld()
  const bob = createAwareness()
  awareness.setLocalState({ name: "Ada" })
  provider.open()
  join().say(present(bob, { name: "Bob" }))
  expect(awareness.getStates().get(bob.clientID)).toEqual({ name: "Bob" })
  clock.advance(1_000)
  expect(socket().take()).toEqual([])
  socket().hangUp()
  clock.advance(1_000)
  socket().accept()
  expect(statesIn(socket().take())).toEqual([[awareness.clientID, { name: "Ada" }]])
  provider.close()
})

it("keeps others for 5 s without a line, then lets them go, and takes them back with the clock they had", () => {
  const { provider, awareness, clock, socket, join } = createPresentWorld()
  const bob = createAwareness()
  const frame = present(bob, { name: "Bob" })
  const isHere = (): boolean => awareness.getStates().has(bob.clientID)
  provider.open()
  join().say(frame)
  socket().hangUp()
  clock.advance(500)
  join()
  clock.advance(10_000)
  expect(isHere()).toBe(true)
  socket().hangUp()
  clock.advance(4_999)
  expect(isHere()).toBe(true)
  clock.advance(1)
  expect(isHere()).toBe(false)
  clock.advance(30_000)
  join().say(frame)
  expect(isHere()).toBe(true)
  provider.close()
  expect(isHere()).toBe(false)
  expect(awareness.getLocalState()).not.toBeNull()
})

it("says that it is gone when the page says so or it is closed", () => {
  const { provider, awareness, clock, join } = createPresentWorld()
  awareness.setLocalState({ name: "Ada" })
  provider.open()
  const socket = join()
  const bob = createAwareness()
  applyAwarenessUpdate(bob, encodeAwarenessUpdate(awareness, [awareness.clientID]), "test")
  expect(bob.getStates().has(awareness.clientID)).toBe(true)
  clock.advance(100)
  provider.close()
  for (const message of socket.take()) {
    if (message.type === "presence") applyAwarenessUpdate(bob, message.entries, "test")
  }
  expect(bob.getStates().has(awareness.clientID)).toBe(false)
})

it("lets nobody else set its own state, and survives states that are no JSON", () => {
  const { provider, awareness, join } = createPresentWorld()
  awareness.setLocalState({ name: "Ada" })
  provider.open()
  const socket = join()
  const forged = { clientID: awareness.clientID, meta: new Map([[awareness.clientID, { clock: 900, lastUpdated: 0 }]]) }
  const states = new Map([[awareness.clientID, { name: "Mallory" }]])
  socket.say({
    type: "presence",
    entries: encodeAwarenessUpdate(forged as unknown as Awareness, [awareness.clientID], states), // only `meta` is read
  })
  expect(awareness.getLocalState()).toEqual({ name: "Ada" })
  socket.say({ type: "presence", entries: Uint8Array.of(1, 5, 1, 1, 0x7b) })
  expect(provider.getStatus().connection.kind).toBe("live")
  provider.close()
})

it("answers a server that asks who is here", () => {
  const { provider, awareness, clock, join } = createPresentWorld()
  awareness.setLocalState({ name: "Ada" })
  provider.open()
  const socket = join()
  clock.advance(100)
  socket.say({ type: "query-presence" })
  expect(statesIn(socket.take())).toEqual([[awareness.clientID, { name: "Ada" }]])
  provider.close()
})

it("does not send a state that the server would refuse, and says so", () => {
  const { provider, awareness, clock, join } = createPresentWorld()
  provider.open()
  const socket = join()
  clock.advance(100)
  awareness.setLocalState({ name: "x".repeat(3_000) })
  expect(socket.take()).toEqual([])
  expect(provider.getStatus().notices.at(-1)?.code).toBe("presence-too-large")
  provider.close()
})
