import type { Status } from "@quire/provider"
import { describe, expect, it } from "vitest"
import { saveWords } from "../../src/document/save-words.js"
import type { TitleState } from "../../src/document/title-keeper.js"

const LIVE: Status["connection"] = { kind: "live", isSynced: true, attempt: 0 }
const WAITING: Status["connection"] = { kind: "waiting", attempt: 2, retryAtMs: 1, dueMs: 1, earliestMs: 1 }

function statusWith(changes: Partial<Status>): Status {
  return {
    connection: LIVE,
    hasSynced: true,
    isReadable: true,
    save: { kind: "saved" },
    grant: "write",
    isSchemaBehind: false,
    notices: [],
    ...changes,
  }
}

const SAVED: TitleState["save"] = { kind: "saved" }
const SAVING: TitleState["save"] = { kind: "saving" }
const WAITS: TitleState["save"] = { kind: "on-device" }
const FAILED: TitleState["save"] = { kind: "not-saved", reason: "the title: no answer" }

describe("saveWords", () => {
  it.each<[string, Status["save"], TitleState["save"], string, string]>([
    ["both saved", { kind: "saved" }, SAVED, "saved", "Saved"],
    ["the title on its way", { kind: "saved" }, SAVING, "saving", "Saving…"],
    ["the title not saved", { kind: "saved" }, FAILED, "not-saved", "Not saved — the title: no answer"],
    ["the text on its way", { kind: "saving", edits: 3 }, SAVED, "saving", "Saving…"],
    ["both on their way", { kind: "saving", edits: 3 }, SAVING, "saving", "Saving…"],
    ["only the title failing", { kind: "saving", edits: 3 }, FAILED, "not-saved", "Not saved — the title: no answer"],
    ["one edit kept", { kind: "on-device", edits: 1 }, SAVED, "on-device", "Saved on this device, 1 edit waiting"],
    ["only the title kept", { kind: "saved" }, WAITS, "on-device", "Saved on this device, 1 edit waiting"],
    ["both kept", { kind: "on-device", edits: 2 }, WAITS, "on-device", "Saved on this device, 3 edits waiting"],
    ["the text on its way, the title kept", { kind: "saving", edits: 1 }, WAITS, "saving", "Saving…"],
    ["edits kept", { kind: "on-device", edits: 2 }, SAVING, "on-device", "Saved on this device, 2 edits waiting"],
    [
      "edits kept, the title not",
      { kind: "on-device", edits: 2 },
      FAILED,
      "not-saved",
      "Not saved — the title: no answer",
    ],
    [
      "the text not saved",
      { kind: "not-saved", edits: 1, reason: "offline" },
      SAVED,
      "not-saved",
      "Not saved — offline",
    ],
    ["neither saved", { kind: "not-saved", edits: 1, reason: "offline" }, FAILED, "not-saved", "Not saved — offline"],
  ])("tells the worse of text and title: %s", (_what, save, title, state, label) => {
    expect(saveWords(statusWith({ save }), title)).toMatchObject({ state, label })
  })

  it.each<[string, Status["connection"], string | undefined]>([
    ["in sync", LIVE, undefined],
    ["a first attempt", { kind: "connecting", attempt: 1 }, undefined],
    ["a second attempt", { kind: "connecting", attempt: 2 }, "Reconnecting…"],
    ["waiting", WAITING, "Reconnecting…"],
    ["refused", { kind: "refused", code: 4403, reason: "no" }, "Disconnected"],
  ])("says beside it how the connection is: %s", (_what, connection, aside) => {
    expect(saveWords(statusWith({ connection }), SAVED)).toMatchObject({ state: "saved", label: "Saved", aside })
  })

  it.each<[string, Status["connection"], string]>([
    ["not opened", { kind: "idle" }, ""],
    ["the first attempt", { kind: "connecting", attempt: 1 }, ""],
    ["a second attempt", { kind: "connecting", attempt: 2 }, "Connecting…"],
    ["waiting", WAITING, "Connecting…"],
    ["not in sync yet", { kind: "live", isSynced: false, attempt: 1 }, ""],
    ["refused", { kind: "refused", code: 4403, reason: "no" }, "Disconnected"],
  ])("claims nothing before the document is there: %s", (_what, connection, label) => {
    const words = saveWords(statusWith({ connection, hasSynced: false, isReadable: false }), SAVED)
    expect(words).toEqual({ state: "unknown", label, aside: undefined, spoken: label })
  })

  it.each<[string, Status["connection"], string, string]>([
    ["the first attempt", { kind: "connecting", attempt: 1 }, "unknown", ""],
    ["a second attempt", { kind: "connecting", attempt: 2 }, "on-device", "Offline, on this device"],
    ["waiting", WAITING, "on-device", "Offline, on this device"],
    ["refused", { kind: "refused", code: 4403, reason: "no" }, "unknown", "Disconnected"],
  ])("says of a document that the device has, with nothing waiting: %s", (_what, connection, state, label) => {
    const words = saveWords(statusWith({ connection, hasSynced: false, isReadable: true }), SAVED)
    expect(words).toMatchObject({ state, label, aside: undefined })
  })

  it("tells of a title before the document is there", () => {
    expect(saveWords(statusWith({ connection: WAITING, hasSynced: false }), SAVING)).toMatchObject({
      state: "saving",
      aside: "Connecting…",
    })
    expect(saveWords(statusWith({ hasSynced: false }), FAILED).state).toBe("not-saved")
  })

  it("leaves the server's code out of the reason", () => {
    const save: Status["save"] = { kind: "not-saved", edits: 1, reason: "QUIRE_NOT_A_PAGE: it is not a page" }
    expect(saveWords(statusWith({ save }), SAVED).label).toBe("Not saved — it is not a page")
    expect(saveWords(statusWith({ save: { ...save, reason: "QUIRE_X" } }), SAVED).label).toMatch(/does not say why$/)
  })

  it("says nothing beside a reason", () => {
    const status = statusWith({ connection: WAITING, save: { kind: "not-saved", edits: 1, reason: "not connected" } })
    expect(saveWords(status, SAVED).aside).toBeUndefined()
  })

  it("announces whole sentences", () => {
    const spoken = (save: Status["save"], title: TitleState["save"] = SAVED): string =>
      saveWords(statusWith({ save }), title).spoken
    expect(spoken({ kind: "saved" })).toBe("All changes are saved")
    expect(spoken({ kind: "saving", edits: 1 })).toBe("Saving changes")
    expect(spoken({ kind: "on-device", edits: 1 })).toBe("Saved on this device, 1 edit waiting for the connection")
    expect(spoken({ kind: "saved" }, FAILED)).toBe("Not saved: the title: no answer")
  })
})
