import { settle } from "@quire/testing"
import { expect, it } from "vitest"
import { createCopy } from "./fake-copy.js"
import { createWorld, EMPTY_VECTOR, EPOCH, foreignUpdate, NOTHING, seq } from "./fake-network.js"

const welcome = { type: "welcome", epoch: EPOCH, grant: "write", schema: 2, isResumed: false } as const
const NOTICE = { type: "notice", code: "QUIRE_SCHEMA_BEHIND", text: "reload the page to update" } as const

it.each([
  ["older", 1, true],
  ["as old", 2, false],
  ["newer", 3, false],
  ["of none", 0, false],
])("says whether the document needs a newer editor: one that is %s", (_what, schema, expected) => {
  const { provider, socket } = createWorld({ schema })
  provider.open()
  expect(provider.getStatus().isSchemaBehind).toBe(false)
  socket().accept()
  socket().say({ ...welcome, grant: expected ? "read" : "write" })
  expect(provider.getStatus().isSchemaBehind).toBe(expected)
  provider.close()
})

it("says so too when a newer editor begins to write, sends nothing more, and goes on reading", () => {
  const { provider, join, type, text } = createWorld({ schema: 1 })
  provider.open()
  const socket = join()
  socket.say({ type: "rights", grant: "read", reason: "newer" }, NOTICE)
  expect(provider.getStatus()).toMatchObject({ isSchemaBehind: true, grant: "read" })
  type("mine")
  expect(socket.takeContent()).toEqual([])
  expect(provider.getStatus().save.kind).toBe("not-saved")
  socket.say({ type: "update", update: foreignUpdate("theirs") })
  expect(text()).toContain("theirs")
  provider.close()
})

it("believes the next welcome: the document may have been taken back", () => {
  const { provider, join, socket, clock } = createWorld({ schema: 2 })
  provider.open()
  join().say({ type: "rights", grant: "read", reason: "newer" }, NOTICE)
  socket().hangUp()
  clock.advance(1_000)
  socket().accept()
  socket().say(welcome, { type: "step1", stateVector: EMPTY_VECTOR })
  expect(provider.getStatus()).toMatchObject({ isSchemaBehind: false, grant: "write" })
  provider.close()
})

it("does not let the device's copy say that it holds what it was not given", async () => {
  const { copy, written, finish } = createCopy()
  const { provider, socket, clock } = createWorld({ deviceCopy: copy, schema: 1 })
  provider.open()
  await settle()
  socket().accept()
  socket().say(
    { ...welcome, grant: "read" },
    { type: "update", update: foreignUpdate("of a newer editor") },
    { type: "step2", update: NOTHING },
    { type: "durable", sequence: seq(7), head: seq(7), checksum: 9 },
  )
  clock.advance(10_000)
  await settle()
  await finish()
  // Neither a place to resume from, nor that the document is known: the next build would begin with an empty page.
  expect(written).toEqual([])
  provider.close()
})
