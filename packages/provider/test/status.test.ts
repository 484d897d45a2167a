import { expect, it } from "vitest"
import type { ConnectionState } from "../src/index.js"
import {
  addNotice,
  keepStatus,
  MAX_NOTICES,
  type Notice,
  type SaveFacts,
  type Status,
  saveStatus,
} from "../src/status.js"

const live: ConnectionState = { kind: "live", isSynced: true, attempt: 0 }
const waiting: ConnectionState = { kind: "waiting", attempt: 1, retryAtMs: 0, dueMs: 0, earliestMs: 0 }
const refused: ConnectionState = { kind: "refused", code: 4403, reason: "not yours" }

const facts: SaveFacts = {
  edits: 2,
  ageMs: 0,
  connection: live,
  isOnline: true,
  grant: "write",
  hasLostWrite: false,
  refusal: undefined,
  blocked: undefined,
  trouble: undefined,
  isOnDevice: false,
  devicePendingMs: undefined,
}

it("is saved when nothing is unacknowledged, whatever else is wrong", () => {
  for (const connection of [live, waiting, refused]) {
    expect(saveStatus({ ...facts, edits: 0, connection, trouble: "disk full", grant: "read" })).toEqual({
      kind: "saved",
    })
  }
})

it.each<[string, Partial<SaveFacts>, string]>([
  ["live and young", {}, "saving"],
  ["live, nothing said of rights", { grant: undefined }, "saving"],
  ["live, just before the limit", { ageMs: 4_999 }, "saving"],
  ["live, the device holds it too", { isOnDevice: true }, "saving"],
  ["too old", { ageMs: 5_000 }, "not-saved: the server has not confirmed the edits yet"],
  ["store trouble", { trouble: "disk full" }, "not-saved: disk full"],
  ["store trouble without words", { trouble: "" }, "not-saved: the server cannot write to its store"],
  ["store trouble, on the device", { trouble: "disk full", isOnDevice: true }, "not-saved: disk full"],
  ["waiting", { connection: waiting }, "not-saved: not connected to the server"],
  ["waiting without a network", { connection: waiting, isOnline: false }, "not-saved: this device is offline"],
  ["waiting, on the device", { connection: waiting, isOnDevice: true }, "on-device"],
  ["waiting, on its way to the device", { connection: waiting, devicePendingMs: 4_999 }, "saving"],
  [
    "waiting, the device too slow",
    { connection: waiting, devicePendingMs: 5_000 },
    "not-saved: not connected to the server",
  ],
  ["idle, on the device", { connection: { kind: "idle" }, isOnDevice: true, ageMs: 9e9 }, "on-device"],
  ["refused, on the device", { connection: refused, isOnDevice: true }, "not-saved: not yours"],
  ["refused without words", { connection: { ...refused, reason: "" } }, "not-saved: refused with code 4403"],
  ["reader", { grant: "read" }, "not-saved: read-only: these edits are not sent"],
  ["commenter", { grant: "comment", isOnDevice: true }, "not-saved: read-only: these edits are not sent"],
  ["rights lost", { grant: "read", hasLostWrite: true }, "not-saved: your rights changed: these edits are not sent"],
  ["refused by the server", { refusal: "no space" }, "not-saved: no space"],
  ["too large", { blocked: "document too large" }, "not-saved: document too large"],
])("says where two edits are: %s", (_, some, expected) => {
  const save = saveStatus({ ...facts, ...some })
  expect(save.kind === "not-saved" ? `${save.kind}: ${save.reason}` : save.kind).toBe(expected)
  expect(save).toMatchObject({ edits: 2 })
})

it("keeps the old object while it says the same", () => {
  const notices: Notice[] = []
  const make = (some: Partial<Status> = {}): Status => ({
    connection: live,
    hasSynced: true,
    isReadable: true,
    save: { kind: "saving", edits: 1 },
    grant: "write",
    isSchemaBehind: false,
    notices,
    ...some,
  })
  const old = make()
  expect(keepStatus(old, make())).toBe(old)
  expect(keepStatus(old, make({ save: { kind: "saving", edits: 2 } }))).not.toBe(old)
  expect(keepStatus(old, make({ save: { kind: "not-saved", edits: 1, reason: "a" } })).save.kind).toBe("not-saved")
  expect(keepStatus(old, make({ grant: "read" })).save).toBe(old.save)
})

it("keeps the newest notices, and tells one only once in a row", () => {
  let notices: readonly Notice[] = []
  for (let i = 0; i < 50; i++) notices = addNotice(notices, { code: "n", text: String(i) })
  expect(notices).toHaveLength(MAX_NOTICES)
  expect(notices.at(-1)?.text).toBe("49")
  expect(addNotice(notices, { code: "n", text: "49" })).toBe(notices)
})
