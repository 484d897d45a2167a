import { QuireError } from "@quire/base"
import { settle } from "@quire/testing"
import { expect, it } from "vitest"
import * as Y from "yjs"
import type { DeviceCopy } from "../src/index.js"
import { createCopy, type NO_COPY } from "./fake-copy.js"
import { ack, createWorld, EMPTY_VECTOR, EPOCH, foreignUpdate, NOTHING, seq, textOf } from "./fake-network.js"

const TOKEN = { epoch: EPOCH, sequence: seq(7), checksum: 99 }
const WAITING = { writer: 5, edits: 3, through: 8 }

it("calls offline edits safe on the device once the copy has written them", async () => {
  const { copy, text, finish } = createCopy()
  const { provider, type, clock } = createWorld({ deviceCopy: copy })
  provider.open()
  await settle()
  type("offline")
  expect(provider.getStatus().save).toEqual({ kind: "saving", edits: 1 })
  clock.advance(5_000)
  expect(provider.getStatus().save.kind).toBe("not-saved")
  await finish()
  expect(provider.getStatus().save).toEqual({ kind: "on-device", edits: 1 })
  expect(text()).toBe("offline")
  provider.close()
})

it("has one write under way, and then writes all that came meanwhile at once", async () => {
  const { copy, written, underWay, finish } = createCopy()
  const { provider, type } = createWorld({ deviceCopy: copy })
  provider.open()
  await settle()
  for (const key of "abc") type(key)
  expect(underWay()).toBe(1)
  await finish()
  expect(provider.getStatus().save).toEqual({ kind: "saving", edits: 3 })
  await finish()
  expect(written.map(({ updates }) => updates.length)).toEqual([1, 2])
  expect(written.map(({ own }) => own.edits)).toEqual([1, 3])
  expect(provider.getStatus().save).toEqual({ kind: "on-device", edits: 3 })
  provider.close()
})

it("says why a write failed, and makes up for it with everything", async () => {
  const { copy, written, text, finish, fail } = createCopy()
  const { provider, type, join, socket, clock } = createWorld({ deviceCopy: copy })
  provider.open()
  await settle()
  const first = join({ update: foreignUpdate("theirs ") })
  type("ours ")
  await fail("no room")
  expect(provider.getStatus().notices).toEqual([{ code: "device-copy-failed", text: "no room" }])
  expect(provider.getStatus().save.kind).toBe("saving")
  first.say(ack(1))
  socket().hangUp()
  type("more")
  expect(provider.getStatus().save.kind).toBe("not-saved")
  clock.advance(10_000)
  await fail("no room")
  clock.advance(10_000)
  await finish()
  expect(provider.getStatus().notices).toHaveLength(1)
  expect(provider.getStatus().save.kind).toBe("on-device")
  expect(written.map(({ isWhole }) => isWhole)).toEqual([true])
  expect(text()).toBe("theirs ours more")
  provider.close()
})

it("loads the copy before it speaks to the server, which is asked only for the difference", async () => {
  const { copy, written } = createCopy({ updates: [foreignUpdate("from before")], isKnown: true, resume: TOKEN })
  const { provider, socket, text } = createWorld({ deviceCopy: copy })
  provider.open()
  socket().accept()
  expect(socket().take()).toEqual([])
  await settle()
  expect(text()).toBe("from before")
  expect(provider.getStatus()).toMatchObject({ isReadable: true, hasSynced: false, save: { kind: "saved" } })
  expect(socket().take()[0]).toMatchObject({ type: "hello", resume: TOKEN })
  expect(written).toEqual([])
  provider.close()
})

it("counts the edits that wait in the copy, and settles their counts with the acknowledgement", async () => {
  const update = foreignUpdate("from before")
  const { copy, written, finish } = createCopy({ updates: [update], isKnown: true, waiting: [WAITING] })
  const { provider, socket, type, clock } = createWorld({ deviceCopy: copy })
  provider.open()
  let isSaved = false
  const saved = provider.whenSaved().then(() => {
    isSaved = true
  })
  await settle()
  expect(provider.getStatus().save).toEqual({ kind: "on-device", edits: 3 })
  type("!")
  await finish()
  expect(provider.getStatus().save).toEqual({ kind: "on-device", edits: 4 })
  expect(written.at(-1)).toMatchObject({ own: { edits: 1, through: 1 }, settled: [] })
  socket().accept()
  socket().say(
    { type: "welcome", epoch: EPOCH, grant: "write", schema: 0, isResumed: false },
    { type: "step1", stateVector: EMPTY_VECTOR },
    { type: "step2", update: NOTHING },
  )
  expect(textOf(socket().takeContent())).toContain("from before")
  await settle()
  expect(isSaved).toBe(false)
  socket().say(ack(1))
  await saved
  clock.advance(1_000)
  await finish()
  expect(written.at(-1)).toMatchObject({ updates: [], isKnown: true, own: { edits: 0 }, settled: [WAITING] })
  provider.close()
})

it("notes the point to resume from with all that the ydoc holds up to it", async () => {
  const { copy, written, finish } = createCopy()
  const { provider, join, clock } = createWorld({ deviceCopy: copy })
  provider.open()
  await settle()
  const socket = join({ update: foreignUpdate("theirs") })
  socket.say({ type: "durable", sequence: seq(7), checksum: 99, head: seq(7) })
  await finish()
  expect(written.at(-1)?.resume).toBeUndefined()
  clock.advance(1_000)
  await finish()
  expect(written.at(-1)).toMatchObject({ updates: [], isKnown: true, resume: TOKEN })
  provider.close()
})

it("writes the copy anew as one update when it has become long", async () => {
  const { copy, written, text, finish } = createCopy({ updates: [foreignUpdate("loaded ")], isKnown: true })
  const { provider, type } = createWorld({ deviceCopy: copy })
  provider.open()
  await settle()
  for (let i = 0; i < 201; i++) {
    type(String(i % 10))
    await finish()
  }
  const whole = written.filter(({ isWhole }) => isWhole)
  expect(whole).toHaveLength(1)
  expect(textOf(whole[0]?.updates ?? [])).toHaveLength("loaded ".length + 200)
  expect(text()).toHaveLength("loaded ".length + 201)
  provider.close()
})

it("does not wait for a copy that hangs, and takes it in when it comes", async () => {
  let answer: (copy: typeof NO_COPY) => void = () => undefined
  const slow: DeviceCopy = {
    ...createCopy().copy,
    load: () =>
      new Promise((resolve) => {
        answer = resolve
      }),
  }
  const { provider, socket: newest, join, text, clock } = createWorld({ deviceCopy: slow })
  provider.open()
  await settle()
  expect(newest().take()).toEqual([])
  clock.advance(3_000)
  const socket = join()
  answer({ updates: [foreignUpdate("slow")], isKnown: true, resume: TOKEN, waiting: [WAITING] })
  await settle()
  expect(text()).toBe("slow")
  expect(textOf(socket.takeContent())).toBe("slow")
  socket.say(ack(2))
  expect(provider.getStatus().save).toEqual({ kind: "saved" })
  provider.close()
})

it("goes on without a copy, or a part of it, that cannot be read, and never drops that part", async () => {
  const updates = [Uint8Array.of(1, 255, 255), foreignUpdate("readable")]
  const { copy, written, finish } = createCopy({ updates, isKnown: true, resume: TOKEN })
  const { provider, join, text, type } = createWorld({ deviceCopy: copy })
  provider.open()
  await settle()
  expect(provider.getStatus()).toMatchObject({ isReadable: false, notices: [{ code: "device-copy-unreadable" }] })
  expect(text()).toBe("readable")
  join().say(ack(1))
  await provider.whenSaved()
  expect(provider.getStatus().hasSynced).toBe(true)
  for (let i = 0; i < 201; i++) {
    type("x")
    await finish()
  }
  expect(written.some(({ isWhole }) => isWhole)).toBe(false)
  provider.close()
})

it("syncs without a copy where there is none to be had, and says so once", async () => {
  const none: DeviceCopy = {
    load: () => Promise.reject(new Error("no database here")),
    write: () => Promise.reject(new Error("no database here")),
    subscribe: () => () => undefined,
  }
  const { provider, join, type, clock } = createWorld({ deviceCopy: none })
  provider.open()
  await settle()
  const socket = join()
  type("x")
  socket.say(ack(2))
  clock.advance(10_000)
  await settle()
  expect(provider.getStatus().notices).toEqual([{ code: "device-copy-failed", text: "no database here" }])
  await provider.whenSaved()
  socket.hangUp()
  type("y")
  expect(provider.getStatus().save.kind).toBe("not-saved")
  provider.close()
})

it("writes everything anew when the copy is deleted, also while a write is under way", async () => {
  const updates = [foreignUpdate("loaded ")]
  const { copy, written, lose, finish } = createCopy({ updates, isKnown: true, resume: TOKEN, waiting: [WAITING] })
  const { provider, type } = createWorld({ deviceCopy: copy })
  provider.open()
  await settle()
  type("one ")
  await finish()
  type("two")
  lose()
  expect(provider.getStatus().notices.at(-1)?.code).toBe("device-copy-lost")
  await finish()
  expect(provider.getStatus().save.kind).toBe("not-saved")
  await finish()
  expect(provider.getStatus().save).toEqual({ kind: "on-device", edits: 5 })
  expect(textOf(written.at(-1)?.updates ?? [])).toBe("loaded one two")
  // What the deleted copy said of the document is said anew, the count of whoever made the loaded edits included.
  expect(written.at(-1)).toMatchObject({ isWhole: true, isKnown: true, resume: TOKEN, own: { edits: 5 } })
  provider.close()
})

it("writes everything anew, without a word, when the copy was taken away to make room", async () => {
  const { copy, written, finish, fail } = createCopy({ updates: [foreignUpdate("loaded ")], isKnown: true })
  const { provider, type } = createWorld({ deviceCopy: copy })
  provider.open()
  await settle()
  type("typed")
  await fail(new QuireError("QUIRE_COPY_EVICTED", "taken away"))
  expect(provider.getStatus().save.kind).toBe("not-saved")
  await finish()
  expect(provider.getStatus()).toMatchObject({ save: { kind: "on-device", edits: 1 }, notices: [] })
  expect(textOf(written.flatMap(({ updates }) => updates))).toBe("loaded typed")
  expect(written).toMatchObject([{ isWhole: true, isKnown: true }])
  provider.close()
})

it("writes what comes while everything is written anew after that", async () => {
  const { copy, written, text, finish, fail, lose } = createCopy()
  const { provider, type, clock } = createWorld({ deviceCopy: copy })
  provider.open()
  await settle()
  type("failed ")
  await fail("no room")
  type("behind ")
  clock.advance(10_000)
  type("meanwhile ")
  await finish()
  expect(provider.getStatus().save.kind).toBe("saving")
  await finish()
  expect(provider.getStatus().save).toEqual({ kind: "on-device", edits: 3 })
  expect(text()).toBe("failed behind meanwhile ")
  written.length = 0
  lose()
  type("lost")
  await finish()
  await finish()
  expect(provider.getStatus().save).toEqual({ kind: "on-device", edits: 4 })
  expect(text()).toBe("failed behind meanwhile lost")
  provider.close()
})

it("keeps what the ydoc held before it was opened", async () => {
  const { copy, text, finish } = createCopy()
  const ydoc = new Y.Doc()
  ydoc.getText("body").insert(0, "before")
  const { provider } = createWorld({ deviceCopy: copy, ydoc })
  provider.open()
  await settle()
  await finish()
  expect(text()).toBe("before")
  expect(provider.getStatus().save).toEqual({ kind: "on-device", edits: 1 })
  provider.close()
})

it("keeps nothing of what an editor of an older schema makes of the document", async () => {
  const { copy, written, underWay, finish } = createCopy()
  const { provider, socket, type } = createWorld({ deviceCopy: copy, schema: 1 })
  provider.open()
  await settle()
  socket().accept()
  socket().say({ type: "welcome", epoch: EPOCH, grant: "read", schema: 2, isResumed: false })
  type("what the editor made of it")
  expect(underWay()).toBe(0)
  await finish()
  expect(written).toEqual([])
  provider.close()
})

it("settles the counts of a copy that came while a write was under way", async () => {
  const { copy, written, finish } = createCopy({ updates: [foreignUpdate("loaded ")], waiting: [WAITING] })
  const ydoc = new Y.Doc()
  ydoc.getText("body").insert(0, "before ")
  const { provider, join, clock } = createWorld({ deviceCopy: copy, ydoc })
  provider.open()
  await settle()
  await finish()
  expect(written.at(-1)?.settled).toEqual([])
  join().say(ack(1))
  clock.advance(1_000)
  await finish()
  expect(written.at(-1)).toMatchObject({ own: { edits: 0 }, settled: [WAITING] })
  provider.close()
})

it("starts a last write when it is closed, and leaves no timer", async () => {
  const { copy, text, finish } = createCopy()
  const { provider, type, clock } = createWorld({ deviceCopy: copy })
  provider.open()
  await settle()
  type("one ")
  type("two")
  provider.close()
  await finish()
  await finish()
  expect(text()).toBe("one two")
  expect(clock.pending).toBe(0)
})

it("forgets the copy once its last write has ended, with the edits that it loaded and made", async () => {
  const { copy, written, forgotten, finish } = createCopy({ updates: [foreignUpdate("old")], waiting: [WAITING] })
  const { provider, type, ydoc } = createWorld({ deviceCopy: copy })
  provider.open()
  await settle()
  type("one ")
  type("two")
  await expect(provider.forgetDeviceCopy()).rejects.toThrow(TypeError)
  provider.close()
  const isForgotten = provider.forgetDeviceCopy()
  await finish()
  expect(forgotten).toEqual([])
  await finish()
  await isForgotten
  expect(written).toHaveLength(2)
  expect(forgotten).toEqual([[ydoc.clientID, WAITING.writer]])
})
