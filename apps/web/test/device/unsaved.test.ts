import { expect, it } from "vitest"
import { UnsavedGuard } from "../../src/device/unsaved.js"

/** Whether a browser would ask before it leaves. */
function asks(window: EventTarget): boolean {
  return !window.dispatchEvent(new Event("beforeunload", { cancelable: true }))
}

it("asks while anything is held, however often one release is called", () => {
  const window = new EventTarget()
  const guard = new UnsavedGuard(window)
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
