import { QuireError } from "@quire/base"
import { FakeClock, SeededRandom, settle } from "@quire/testing"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { TITLE_MAX } from "../../src/api/client.js"
import { UnsavedGuard } from "../../src/device/unsaved.js"
import { copyTitle, Keeping } from "../../src/document/keep-as-new.js"
import type { PageSession } from "../../src/document/page-session.js"
import { PageSessions } from "../../src/document/page-sessions.js"

/** What comes of a socket: nothing, until the test says so. */
class SilentSocket {
  binaryType = ""
  readonly protocol = ""
  onopen = null
  onmessage = null
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null
  onerror = null
  constructor() {
    sockets.push(this)
  }
  send(): void {
    throw new Error("nothing is open")
  }
  close(): void {
    // Nobody is at the other end.
  }
}
let sockets: SilentSocket[] = []

beforeEach(() => {
  sockets = []
  vi.stubGlobal("WebSocket", SilentSocket)
})
afterEach(() => vi.unstubAllGlobals())

function createWorld() {
  const clock = new FakeClock()
  const random = new SeededRandom(1)
  const copy = {
    load: async () => ({ updates: [], isKnown: false, resume: undefined, waiting: [] }),
    write: async () => undefined,
    subscribe: () => () => undefined,
  }
  const sessions = new PageSessions({
    syncUrl: "ws://127.0.0.1/sync",
    person: () => ({ name: "Anna", color: "#000000" }),
    token: () => "",
    random,
    unsaved: new UnsavedGuard(new EventTarget(), clock),
    copies: { of: () => copy },
  })
  const made: string[] = []
  let refusal: QuireError | undefined
  const api = {
    createDocument: async (title: string) => {
      if (refusal !== undefined) throw refusal
      made.push(title)
      return { id: `new${made.length}`, kind: "page", title, createdMs: 1, changedMs: 1 } as const
    },
  }
  const opened: PageSession[] = []
  const open = (id: string): PageSession => {
    const session = sessions.open(id)
    opened.push(session)
    return session
  }
  const former = sessions.open("plan")
  const keeping = new Keeping(former, "Plan", { api, sessions: { open }, random, clock })
  const refuse = (error: QuireError | undefined): void => {
    refusal = error
  }
  return { clock, keeping, made, opened, refuse, former }
}

it("gives up after 20 s, and goes on with the same document at the next try", async () => {
  const { clock, keeping, made, opened, former } = createWorld()
  for (let tries = 1; tries <= 2; tries++) {
    let failure: unknown
    void keeping.try().catch((error: unknown) => {
      failure = error
    })
    await settle()
    clock.advance(19_999)
    await settle()
    expect(failure).toBeUndefined()
    clock.advance(1)
    await settle()
    expect(failure).toMatchObject({ code: "QUIRE_NOT_KEPT", message: "the server does not answer" })
  }
  expect(made).toEqual(["Plan (my copy)"])
  expect(opened).toHaveLength(1)
  expect(clock.pending).toBe(0)
  for (const session of [...opened, former]) session.leave()
})

it("makes nothing where the server makes no document, and can be tried again", async () => {
  const { keeping, made, opened, refuse, former, clock } = createWorld()
  refuse(new QuireError("QUIRE_UNREACHABLE", "there was no answer"))
  await expect(keeping.try()).rejects.toMatchObject({ code: "QUIRE_UNREACHABLE" })
  expect([made, opened]).toEqual([[], []])
  refuse(undefined)
  const again = keeping.try()
  await settle()
  expect(opened).toHaveLength(1)
  clock.advance(20_000)
  await expect(again).rejects.toMatchObject({ code: "QUIRE_NOT_KEPT" })
  for (const session of [...opened, former]) session.leave()
})

it("opens the same document anew after the server has refused it", async () => {
  const { keeping, made, opened, former, clock } = createWorld()
  const first = keeping.try()
  await settle()
  sockets.at(-1)?.onclose?.({ code: 4403, reason: "QUIRE_FORBIDDEN: not yours" })
  await expect(first).rejects.toMatchObject({ code: "QUIRE_NOT_KEPT", message: expect.stringContaining("not yours") })
  const second = keeping.try()
  await settle()
  clock.advance(20_000)
  await expect(second).rejects.toMatchObject({ code: "QUIRE_NOT_KEPT" })
  expect(made).toHaveLength(1)
  expect(opened).toHaveLength(2)
  for (const session of [...opened, former]) session.leave()
})

it("calls a copy one, within the longest title and never with half a character", () => {
  expect(copyTitle("Plan")).toBe("Plan (my copy)")
  expect(copyTitle("")).toBe("Untitled (my copy)")
  for (const title of ["x".repeat(TITLE_MAX), `${"x".repeat(TITLE_MAX - 11)}🧶🧶🧶🧶🧶`]) {
    const copy = copyTitle(title)
    expect(copy.length).toBeLessThanOrEqual(TITLE_MAX)
    expect(copy.isWellFormed()).toBe(true)
    expect(copy).toMatch(/ \(my copy\)$/)
  }
})
