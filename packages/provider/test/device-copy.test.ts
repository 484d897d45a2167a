import { settle } from "@quire/testing"
import { expect, it } from "vitest"
import * as Y from "yjs"
import type { DeviceCopy } from "../src/index.js"
import { ack, createWorld, foreignUpdate, NOTHING, textOf } from "./fake-network.js"

/** A copy in memory whose writes end when the test says so. */
function createCopy(loaded?: Uint8Array) {
  const written: Uint8Array[] = []
  const underWay: { update: Uint8Array; resolve: () => void; reject: (error: Error) => void }[] = []
  const copy: DeviceCopy = {
    load: async () => loaded,
    append: (update) => new Promise((resolve, reject) => underWay.push({ update, resolve, reject })),
  }
  return {
    copy,
    written,
    finish: async () => {
      for (const { update, resolve } of underWay.splice(0)) {
        written.push(update)
        resolve()
      }
      await settle()
    },
    fail: async () => {
      for (const { reject } of underWay.splice(0)) reject(new Error("quota"))
      await settle()
    },
  }
}

it("calls offline edits safe on the device once the copy has written them", async () => {
  const { copy, written, finish } = createCopy()
  const { provider, type } = createWorld({ deviceCopy: copy })
  provider.open()
  await settle()
  type("offline")
  expect(provider.getStatus().save.kind).toBe("not-saved")
  await finish()
  expect(provider.getStatus().save).toEqual({ kind: "on-device", edits: 1 })
  expect(textOf(written)).toBe("offline")
  provider.close()
})

it("writes others' edits too, and everything after a failed write", async () => {
  const { copy, written, finish, fail } = createCopy()
  const { provider, type, join, socket } = createWorld({ deviceCopy: copy })
  provider.open()
  await settle()
  join({ update: foreignUpdate("theirs ") })
  type("ours ")
  await fail()
  socket().hangUp()
  expect(provider.getStatus().save.kind).toBe("not-saved")
  type("more")
  await finish()
  expect(provider.getStatus().save).toEqual({ kind: "on-device", edits: 2 })
  expect(textOf(written)).toBe("theirs ours more")
  provider.close()
})

it("loads the copy, and does not call it saved before the server has it", async () => {
  const { copy, written } = createCopy(foreignUpdate("from before"))
  const { provider, socket, text } = createWorld({ deviceCopy: copy })
  provider.open()
  let isSaved = false
  const saved = provider.whenSaved().then(() => {
    isSaved = true
  })
  await settle()
  expect(text()).toBe("from before")
  expect(provider.getStatus().save).toEqual({ kind: "on-device", edits: 1 })
  expect(written).toEqual([])
  socket().accept()
  socket().say(
    { type: "welcome", epoch: "0011223344556677", grant: "write", schema: 0, isResumed: false },
    { type: "step1", stateVector: Uint8Array.of(0) },
    { type: "step2", update: NOTHING },
  )
  expect(textOf(socket().takeContent())).toBe("from before")
  await settle()
  expect(isSaved).toBe(false)
  socket().say(ack(1))
  await saved
  provider.close()
})

it("sends a copy that was loaded after the connection was in sync", async () => {
  const { copy } = createCopy(foreignUpdate("slow"))
  const { provider, join, ydoc } = createWorld({ deviceCopy: copy })
  provider.open()
  const socket = join()
  await settle()
  expect(ydoc.getText("body").toString()).toBe("slow")
  expect(textOf(socket.takeContent())).toBe("slow")
  socket.say(ack(2))
  expect(provider.getStatus().save).toEqual({ kind: "saved" })
  provider.close()
})

it("goes on without a copy that cannot be read", async () => {
  const broken: DeviceCopy = { load: async () => Uint8Array.of(1, 255, 255), append: async () => undefined }
  const { provider, join } = createWorld({ deviceCopy: broken })
  provider.open()
  await settle()
  expect(provider.getStatus().notices.at(-1)?.code).toBe("device-copy-unreadable")
  join()
  await provider.whenSaved()
  expect(provider.getStatus().hasSynced).toBe(true)
  provider.close()
})

it("keeps what the ydoc held before it was opened", async () => {
  const { copy, written, finish } = createCopy()
  const ydoc = new Y.Doc()
  ydoc.getText("body").insert(0, "before")
  const { provider } = createWorld({ deviceCopy: copy, ydoc })
  provider.open()
  await finish()
  expect(textOf(written)).toBe("before")
  expect(provider.getStatus().save).toEqual({ kind: "on-device", edits: 1 })
  provider.close()
})
