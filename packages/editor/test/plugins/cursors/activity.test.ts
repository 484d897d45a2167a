import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { Activity, IDLE_MS, NAME_MS, REST_MS, stageAfter } from "../../../src/plugins/cursors/activity.js"
import type { RemoteCursor } from "../../../src/plugins/cursors/remote-cursor.js"

function cursorOf(clientId: number, place: string, isAway = false): RemoteCursor {
  const position = new Y.RelativePosition(null, "body", null)
  return { clientId, place, isAway, anchor: position, head: position, person: { name: "Grace", color: "#0f766e" } }
}

const hasMoved = (): boolean => false

describe("stageAfter", () => {
  it.each([
    [0, "active"],
    [NAME_MS, "present"],
    [REST_MS, "resting"],
    [IDLE_MS, "idle"],
  ] as const)("says after %i ms: %s", (quietMs, stage) => {
    expect(stageAfter(quietMs)).toBe(stage)
  })
})

describe("activity", () => {
  it("begins when somebody comes, and again when they move, not when others do", () => {
    const activity = new Activity()
    activity.note([cursorOf(1, "a"), cursorOf(2, "a")], 0, hasMoved)
    activity.note([cursorOf(1, "b"), cursorOf(2, "a")], REST_MS, hasMoved)
    expect(activity.stageOf(cursorOf(1, "b"), REST_MS)).toBe("active")
    expect(activity.stageOf(cursorOf(2, "a"), REST_MS)).toBe("resting")
  })

  it("does not begin when a place is told anew and is where it was", () => {
    const activity = new Activity()
    activity.note([cursorOf(1, "a")], 0, hasMoved)
    activity.note([cursorOf(1, "b")], REST_MS, () => true)
    expect(activity.stageOf(cursorOf(1, "b"), REST_MS)).toBe("resting")
  })

  it("ends at once for who is away, and begins when they come back", () => {
    const activity = new Activity()
    activity.note([cursorOf(1, "a")], 0, hasMoved)
    activity.note([cursorOf(1, "a", true)], 1, hasMoved)
    expect(activity.stageOf(cursorOf(1, "a", true), 1)).toBe("idle")
    activity.note([cursorOf(1, "a")], IDLE_MS, hasMoved)
    expect(activity.stageOf(cursorOf(1, "a"), IDLE_MS)).toBe("active")
  })

  it("says when the next of them becomes quieter, and nothing when all are quiet, away or gone", () => {
    const activity = new Activity()
    expect(activity.nextChangeInMs(0)).toBeUndefined()
    activity.note([cursorOf(1, "a"), cursorOf(2, "a", true)], 0, hasMoved)
    expect(activity.nextChangeInMs(500)).toBe(NAME_MS - 500)
    expect(activity.nextChangeInMs(NAME_MS)).toBe(REST_MS - NAME_MS)
    expect(activity.nextChangeInMs(IDLE_MS)).toBeUndefined()
    activity.note([cursorOf(3, "a")], 0, hasMoved)
    activity.note([], 0, hasMoved)
    expect(activity.nextChangeInMs(0)).toBeUndefined()
  })
})
