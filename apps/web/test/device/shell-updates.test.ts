import { FakeClock } from "@quire/testing"
import { expect, it, vi } from "vitest"
import { ShellUpdates, WORKER_URL } from "../../src/device/shell-updates.js"

/** A browser's service workers, as far as the page meets them. */
function createWorkers(register: () => Promise<unknown>) {
  const target = new EventTarget()
  return {
    workers: Object.assign(target, { register: vi.fn(register), startMessages: vi.fn() }) as unknown as
      | ServiceWorkerContainer
      | undefined,
    say: (data: unknown) => target.dispatchEvent(Object.assign(new Event("message"), { data })),
  }
}

function createUpdates(register: () => Promise<unknown> = async () => ({})) {
  const { workers, say } = createWorkers(register)
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" }) as unknown as Document
  const clock = new FakeClock()
  const updates = new ShellUpdates({ workers, script: "/assets/index-own.js", document, clock })
  return { updates, workers, document, clock, say }
}

it("is ready once the files on the device are of another build, and says so once", () => {
  const { updates, say } = createUpdates()
  const heard = vi.fn()
  updates.subscribe(heard)
  const stop = updates.start()
  for (const other of [null, "x", {}, { type: "quire-shell", files: "all" }, { type: "other", files: [] }]) say(other)
  say({ type: "quire-shell", files: ["/", "/assets/index-own.js"] })
  expect([updates.isReady(), heard.mock.calls.length]).toEqual([false, 0])
  say({ type: "quire-shell", files: ["/", "/assets/index-new.js"] })
  say({ type: "quire-shell", files: ["/", "/assets/index-newer.js"] })
  expect([updates.isReady(), heard.mock.calls.length]).toEqual([true, 1])
  stop()
})

it("registers the one worker when the page has been opened, and hears nothing after it was stopped", () => {
  const { updates, workers, say, clock } = createUpdates()
  const stop = updates.start()
  expect(workers?.register).toHaveBeenCalledTimes(0)
  clock.advance(500)
  expect(workers?.register).toHaveBeenCalledExactlyOnceWith(WORKER_URL, { updateViaCache: "none" })
  stop()
  say({ type: "quire-shell", files: [] })
  expect(updates.isReady()).toBe(false)
})

it("looks for a new build when the person comes back, at most every ten minutes, whatever comes of it", async () => {
  const update = vi.fn(() => Promise.reject(new TypeError("no server")))
  const { updates, document, clock } = createUpdates(async () => ({ update }))
  const stop = updates.start()
  clock.advance(500)
  await Promise.resolve()
  document.dispatchEvent(new Event("visibilitychange"))
  expect(update).toHaveBeenCalledTimes(0)
  clock.advance(600_000)
  for (let i = 0; i < 3; i++) document.dispatchEvent(new Event("visibilitychange"))
  expect(update).toHaveBeenCalledTimes(1)
  stop()
})

it("does without where there are no service workers, or the browser refuses them", async () => {
  const none = new ShellUpdates({ workers: undefined, script: "/", document: {} as Document, clock: new FakeClock() })
  none.start()()
  const { updates, clock } = createUpdates(() => Promise.reject(new DOMException("insecure", "SecurityError")))
  updates.start()
  clock.advance(500)
  await Promise.resolve()
  expect([none.isReady(), updates.isReady()]).toEqual([false, false])
})
