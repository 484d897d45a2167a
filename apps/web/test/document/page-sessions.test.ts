import { FakeClock, SeededRandom } from "@quire/testing"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { UnsavedGuard } from "../../src/device/unsaved.js"
import { PageSessions } from "../../src/document/page-sessions.js"

/** The addresses that sockets were made for. */
let asked: string[] = []

class SilentSocket {
  binaryType = ""
  readonly protocol = ""
  onopen = null
  onmessage = null
  onclose = null
  onerror = null
  constructor(url: string) {
    asked.push(url)
  }
  send(): void {
    throw new Error("nothing is open")
  }
  close(): void {
    // Nobody is at the other end.
  }
}

beforeEach(() => {
  asked = []
  vi.stubGlobal("WebSocket", SilentSocket)
})
afterEach(() => vi.unstubAllGlobals())

function createSessions(): PageSessions {
  const copy = {
    load: async () => ({ updates: [], isKnown: false, resume: undefined, waiting: [] }),
    write: async () => undefined,
    subscribe: () => () => undefined,
  }
  return new PageSessions({
    syncUrl: "ws://127.0.0.1/sync",
    person: () => ({ name: "Anna", color: "#000000" }),
    token: () => "a secret of this device",
    random: new SeededRandom(1),
    unsaved: new UnsavedGuard(new EventTarget(), new FakeClock()),
    copies: { of: () => copy },
  })
}

it("opens a document before anybody asks for it, and hands it over once", () => {
  const sessions = createSessions()
  sessions.prepare("plan")
  expect(asked).toEqual(["ws://127.0.0.1/sync/plan"])
  const first = sessions.open("plan")
  expect(asked).toHaveLength(1)
  const second = sessions.open("plan")
  expect(second).not.toBe(first)
  expect(asked).toHaveLength(2)
  for (const session of [first, second]) session.leave()
})

it("leaves what it prepared when another document is asked for", () => {
  const sessions = createSessions()
  sessions.prepare("plan")
  const other = sessions.open("letter")
  expect(asked).toEqual(["ws://127.0.0.1/sync/plan", "ws://127.0.0.1/sync/letter"])
  const plan = sessions.open("plan")
  expect(asked).toHaveLength(3)
  for (const session of [other, plan]) session.leave()
})
