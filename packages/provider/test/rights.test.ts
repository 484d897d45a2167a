import { expect, it } from "vitest"
import { ack, createWorld, textOf } from "./fake-network.js"

const READER = { type: "rights", grant: "read", reason: "you may read this document, not change it" } as const
const REFUSED = { type: "refused", number: 2, code: "QUIRE_READ_ONLY", reason: "you may read this, not write" } as const

it("keeps what is written after the right to write was lost, sends nothing, and says that it is not saved", () => {
  const { provider, join, type, text } = createWorld()
  provider.open()
  const socket = join()
  socket.say(ack(1), READER)
  expect(provider.getStatus().save.kind).toBe("saved")
  type("mine")
  expect(socket.takeContent()).toEqual([])
  expect(provider.getStatus()).toMatchObject({
    grant: "read",
    save: { kind: "not-saved", edits: 1, reason: "your rights changed: these edits are not sent" },
  })
  expect(text()).toBe("mine")
  provider.close()
})

it("calls a refused edit not saved, and waits for nothing: the line stays", () => {
  const { provider, join, type, clock } = createWorld()
  provider.open()
  const socket = join()
  socket.say(ack(1))
  type("mine")
  expect(provider.getStatus().save.kind).toBe("saving")
  socket.say(REFUSED, ack(1))
  expect(provider.getStatus().save).toMatchObject({
    kind: "not-saved",
    reason: "QUIRE_READ_ONLY: you may read this, not write",
  })
  clock.advance(30_000)
  expect(socket.closedWith).toBeUndefined()
  expect(provider.getStatus().save.kind).toBe("not-saved")
  provider.close()
})

it("acknowledges what was taken before the refusal, and only that", () => {
  const { provider, join, type } = createWorld()
  provider.open()
  const socket = join()
  type("taken")
  type("refused")
  socket.say(READER, { ...REFUSED, number: 3 }, ack(2))
  expect(provider.getStatus().save).toMatchObject({ kind: "not-saved", edits: 1 })
  provider.close()
})

it("brings what was refused when it may write again, and calls it saved once that is acknowledged", () => {
  const { provider, join, type } = createWorld()
  provider.open()
  const socket = join()
  socket.say(ack(1))
  type("mine ")
  const sent = socket.takeContent()
  socket.say(READER, REFUSED)
  type("more")
  const stateVector = Uint8Array.of(0)
  socket.say({ type: "step1", stateVector }, { type: "rights", grant: "write", reason: "" })
  const [answer, ...others] = socket.takeContent()
  expect(others).toEqual([])
  expect(textOf([answer ?? new Uint8Array()])).toBe("mine more")
  expect(sent).toHaveLength(1)
  expect(provider.getStatus().save.kind).toBe("saving")
  socket.say(ack(3))
  expect(provider.getStatus().save.kind).toBe("saved")
  provider.close()
})

it("gives up a connection that refuses what was never sent", () => {
  const { provider, join } = createWorld()
  provider.open()
  const socket = join()
  socket.say({ ...REFUSED, number: 9 })
  expect(socket.closedWith).toBeDefined()
  provider.close()
})

it("shows a new token on an open native connection, and nowhere else", () => {
  const { provider, join, socket } = createWorld()
  provider.renewToken("too early")
  provider.open()
  socket().accept()
  provider.renewToken("before the welcome")
  socket().take()
  const joined = join()
  provider.renewToken("second")
  expect(joined.take()).toEqual([{ type: "token", token: "second" }])
  joined.hangUp()
  provider.renewToken("too late")
  expect(joined.take()).toEqual([])
  provider.close()
})
