import { expect, it } from "vitest"
import * as Y from "yjs"
import { createWorld, EMPTY_VECTOR, type FakeSocket, NOTHING } from "./fake-network.js"

/** Lets a stock server take what the client said. @returns its echoes. */
function serve(socket: FakeSocket, server: Y.Doc): Uint8Array[] {
  const echoes: Uint8Array[] = []
  const note = (update: Uint8Array): number => echoes.push(update)
  server.on("update", note)
  for (const update of socket.takeContent()) Y.applyUpdate(server, update)
  server.off("update", note)
  return echoes
}

it.each([
  ["agrees on no subprotocol", ""],
  ["agrees on a subprotocol it does not know", "quire.1"],
])("works with a stock server that %s: an edit is saved once it has come back", (_, protocol) => {
  const server = new Y.Doc()
  server.getText("body").insert(0, "theirs ")
  const { provider, clock, socket, type, text } = createWorld()
  provider.open()
  socket().accept(protocol)
  socket().say({ type: "step1", stateVector: Y.encodeStateVector(server) })
  socket().say({ type: "step2", update: Y.encodeStateAsUpdate(server) })
  expect(provider.getStatus()).toMatchObject({ hasSynced: true, grant: undefined, save: { kind: "saved" } })
  serve(socket(), server)
  type("ours")
  expect(provider.getStatus().save).toEqual({ kind: "saving", edits: 1 })
  clock.advance(20_000)
  expect(socket().closedWith).toBeUndefined()
  expect(provider.getStatus().save).toMatchObject({ kind: "not-saved" })
  for (const update of serve(socket(), server)) socket().say({ type: "update", update })
  expect(provider.getStatus().save).toEqual({ kind: "saved" })
  expect(server.getText("body").toString()).toBe(text())
  provider.close()
})

it("settles offline edits on a stock server, also those that it had got before the line broke", () => {
  const server = new Y.Doc()
  const { provider, clock, socket, type, ydoc } = createWorld()
  provider.open()
  socket().accept("")
  socket().say({ type: "step1", stateVector: EMPTY_VECTOR }, { type: "step2", update: NOTHING })
  type("got")
  serve(socket(), server)
  socket().hangUp()
  ydoc.getText("body").delete(0, 1)
  type(" it")
  clock.advance(1_000)
  socket().accept("")
  socket().say({ type: "step2", update: Y.encodeStateAsUpdate(server) })
  socket().say({ type: "step1", stateVector: Y.encodeStateVector(server) })
  expect(provider.getStatus().save).toMatchObject({ edits: 3 })
  for (const update of serve(socket(), server)) socket().say({ type: "update", update })
  expect(provider.getStatus().save).toEqual({ kind: "saved" })
  expect(server.getText("body").toString()).toBe("ot it")
  provider.close()
})

it("offers no subprotocol when told to speak plainly", () => {
  const { provider, socket } = createWorld({ dialect: "plain", token: "secret" })
  provider.open()
  expect(socket().offered).toEqual([])
  socket().accept("")
  expect(
    socket()
      .take()
      .map((message) => message.type),
  ).toEqual(["step1"])
  provider.close()
})

it("tells a stock server's refusal as a notice", () => {
  const { provider, socket } = createWorld()
  provider.open()
  socket().accept("")
  socket().say({ type: "denied", reason: "not yours" })
  expect(provider.getStatus().notices).toEqual([{ code: "denied", text: "not yours" }])
  provider.close()
})
