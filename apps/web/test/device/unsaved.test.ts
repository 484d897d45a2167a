import { FakeClock } from "@quire/testing"
import { expect, it } from "vitest"
import { UnsavedGuard } from "../../src/device/unsaved.js"

/** Whether a browser would ask before it leaves. */
function asks(window: EventTarget): boolean {
  return !window.dispatchEvent(new Event("beforeunload", { cancelable: true }))
}

it("asks while anything is held, however often one release is called", () => {
  const window = new EventTarget()
  const guard = new UnsavedGuard(window, new FakeClock())
  expect(asks(window)).toBe(false)
  const [releaseText, releaseTitle] = [guard.hold(), guard.hold()]
  expect(asks(window)).toBe(true)
  releaseText()
  releaseText()
  expect(asks(window)).toBe(true)
  releaseTitle()
  expect(asks(window)).toBe(false)
  guard.hold()
  expect(asks(window)).toBe(true)
})

it("listens once for a run of keys, and no longer soon after the last", () => {
  const listeners = new Set<unknown>()
  let changes = 0
  class CountedWindow extends EventTarget {
    override addEventListener(_type: string, listener: unknown): void {
      listeners.add(listener)
      changes++
    }
    override removeEventListener(_type: string, listener: unknown): void {
      listeners.delete(listener)
      changes++
    }
  }
  const clock = new FakeClock()
  const guard = new UnsavedGuard(new CountedWindow(), clock)
  for (let key = 0; key < 10; key++) {
    const release = guard.hold()
    clock.advance(20)
    release()
    clock.advance(180)
  }
  expect([listeners.size, changes]).toEqual([1, 1])
  clock.advance(10_000)
  expect([listeners.size, changes, clock.pending]).toEqual([0, 2, 0])
  const release = guard.hold()
  clock.advance(10_000)
  expect(listeners.size).toBe(1)
  release()
  clock.advance(10_000)
  expect(listeners.size).toBe(0)
})
