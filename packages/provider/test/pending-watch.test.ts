import { expect, it } from "vitest"
import * as Y from "yjs"
import { PENDING_MAX_MS, PENDING_MS } from "../src/pending-watch.js"
import { createWorld, EPOCH, type FakeSocket } from "./fake-network.js"

/** Two updates of somebody else, the second of which builds on the first. */
function story(): readonly [Uint8Array, Uint8Array] {
  const updates: Uint8Array[] = []
  const other = new Y.Doc()
  other.on("update", (update) => updates.push(update))
  const body = other.getText("body")
  body.insert(0, "first ")
  body.insert(6, "second")
  return updates as [Uint8Array, Uint8Array] // one for each of the two writes
}

/** How often the client has asked for what it lacks since the last look, and nothing else. */
function asked(socket: FakeSocket): number {
  const said = socket.take()
  expect(said.filter(({ type }) => type !== "step1")).toEqual([])
  return said.length
}

function codes(provider: ReturnType<typeof createWorld>["provider"]): readonly string[] {
  return provider.getStatus().notices.map(({ code }) => code)
}

it("asks again for what received edits build on, once they have waited for it", () => {
  const { provider, join, clock, text, ydoc } = createWorld()
  const [first, second] = story()
  provider.open()
  const socket = join()
  socket.say({ type: "update", update: second })
  clock.advance(PENDING_MS - 1)
  expect(asked(socket)).toBe(0)
  clock.advance(1)
  const [question] = socket.take()
  expect(question).toEqual({ type: "step1", stateVector: Y.encodeStateVector(ydoc) })
  socket.say({ type: "step2", update: first })
  expect(text()).toBe("first second")
  clock.advance(PENDING_MAX_MS)
  expect(asked(socket)).toBe(0)
  expect(codes(provider)).toEqual([])
  provider.close()
})

it("asks less and less often, says that edits have not arrived, and takes that back when they have", () => {
  const { provider, join, clock, text } = createWorld()
  const [first, second] = story()
  provider.open()
  const socket = join()
  socket.say({ type: "update", update: second })
  const waits: number[] = []
  let waited = 0
  // The server keeps the line alive, and answers with nothing that helps.
  while (waits.length < 7) {
    clock.advance(PENDING_MS)
    waited += PENDING_MS
    socket.say({ type: "presence", entries: Uint8Array.of(0) })
    if (asked(socket) === 0) continue
    waits.push(waited)
    waited = 0
    expect(codes(provider)).toEqual(waits.length > 1 ? ["edits-missing"] : [])
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30].map((times) => times * PENDING_MS))
  socket.say({ type: "update", update: first })
  expect(text()).toBe("first second")
  expect(codes(provider)).toEqual([])
  provider.close()
})

it("asks for deletions' targets too", () => {
  const { provider, join, clock } = createWorld()
  const updates: Uint8Array[] = []
  const other = new Y.Doc()
  other.on("update", (update) => updates.push(update))
  other.getText("body").insert(0, "gone")
  other.getText("body").delete(0, 4)
  provider.open()
  const socket = join()
  socket.say({ type: "update", update: updates[1] ?? new Uint8Array() })
  clock.advance(PENDING_MS)
  expect(asked(socket)).toBe(1)
  provider.close()
})

it("does not ask while nothing is missing, before the document is in sync, or without a connection", () => {
  const { provider, socket, join, clock } = createWorld()
  const [, second] = story()
  provider.open()
  socket().accept()
  socket().say(
    { type: "welcome", epoch: EPOCH, grant: "write", schema: 0, isResumed: false },
    { type: "update", update: second },
  )
  socket().take()
  clock.advance(PENDING_MS)
  expect(asked(socket())).toBe(0)
  socket().hangUp()
  clock.advance(PENDING_MS)
  // The next connection begins with a question of its own, and then waits as long as the first.
  const again = join()
  clock.advance(PENDING_MS - 1)
  expect(asked(again)).toBe(0)
  clock.advance(1)
  expect(asked(again)).toBe(1)
  provider.close()
  expect(clock.pending).toBe(0)
})
