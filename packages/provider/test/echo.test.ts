import { expect, it } from "vitest"
import * as Y from "yjs"
import { EchoWatch } from "../src/echo.js"

/** A stock server in small: applies what it gets and sends to everybody what changed. */
function stockServer(ydoc = new Y.Doc()): { ydoc: Y.Doc; receive(update: Uint8Array): Uint8Array[] } {
  return {
    ydoc,
    receive: (update) => {
      const echoes: Uint8Array[] = []
      const note = (echo: Uint8Array): number => echoes.push(echo)
      ydoc.on("update", note)
      Y.applyUpdate(ydoc, update)
      ydoc.off("update", note)
      return echoes
    },
  }
}

it("takes a message for received once its content has come back, in the order of sending", () => {
  const server = stockServer()
  const own = new Y.Doc()
  const updates: Uint8Array[] = []
  own.on("update", (update: Uint8Array) => updates.push(update))
  own.getText().insert(0, "hello")
  own.getText().delete(1, 2)
  const watch = new EchoWatch()
  updates.forEach((update, i) => {
    watch.expect(i + 1, update)
  })
  const echoes = updates.flatMap((update) => server.receive(update))
  expect(echoes.map((echo) => watch.received(echo))).toEqual([1, 2])
})

it("waits for a deletion to be named, though no state vector shows it", () => {
  const own = new Y.Doc()
  own.getText().insert(0, "hello")
  const before = Y.encodeStateAsUpdate(own)
  const server = stockServer()
  server.receive(before)
  const watch = new EchoWatch()
  const vector = Y.encodeStateVector(server.ydoc)
  own.getText().delete(0, 1)
  const deletion = Y.encodeStateAsUpdate(own, vector)
  watch.expect(1, deletion)
  expect(watch.received(before)).toBe(0)
  expect(server.receive(deletion).map((echo) => watch.received(echo))).toEqual([1])
})

it("counts what the server said before the first message left", () => {
  const own = new Y.Doc()
  own.getText().insert(0, "hello")
  own.getText().delete(0, 2)
  const server = stockServer()
  server.receive(Y.encodeStateAsUpdate(own))
  const watch = new EchoWatch()
  expect(watch.received(Y.encodeStateAsUpdate(server.ydoc))).toBe(0)
  watch.expect(1, Y.encodeStateAsUpdate(own, Y.encodeStateVector(server.ydoc)))
  expect(watch.received(Uint8Array.of(0, 0))).toBe(1)
})

it("takes a collected struct for the deletion it stands for", () => {
  const own = new Y.Doc()
  const map = own.getMap<Y.Text>()
  map.set("a", new Y.Text("some words"))
  map.delete("a")
  own.getText("t").insert(0, "x")
  const whole = Y.encodeStateAsUpdate(own)
  const watch = new EchoWatch()
  watch.expect(1, whole)
  const server = stockServer()
  expect(server.receive(whole).map((echo) => watch.received(echo))).toEqual([1])
})

it("does not take others' updates for its own", () => {
  const own = new Y.Doc()
  own.getText().insert(0, "hello")
  const other = new Y.Doc()
  other.getText().insert(0, "other")
  const watch = new EchoWatch()
  watch.expect(1, Y.encodeStateAsUpdate(own))
  expect(watch.received(Y.encodeStateAsUpdate(other))).toBe(0)
})
