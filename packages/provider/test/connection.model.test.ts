import fc from "fast-check"
import { expect, it } from "vitest"
import { type ConnectionEffect, type ConnectionEvent, type ConnectionState, IDLE, next } from "../src/connection.js"

const at = (elapsedMs: number, fraction = 0.5) => ({ nowMs: 1_000_000 + elapsedMs, elapsedMs, fraction })

const events: fc.Arbitrary<ConnectionEvent> = fc.oneof(
  fc.constantFrom<ConnectionEvent>(
    { type: "open" },
    { type: "connected" },
    { type: "synced" },
    { type: "timer", at: at(0) },
    { type: "nudge", at: at(0) },
  ),
  fc.constant<ConnectionEvent>({ type: "close" }),
  fc.constantFrom([1006, ""], [1000, ""], [1012, "retry=5000 restart"], [4508, "late"], [4403, "no"], [4499, ""]).map(
    ([code, reason]): ConnectionEvent => ({
      type: "lost",
      code: Number(code),
      reason: String(reason),
      at: at(0),
    }),
  ),
)

/** What a real environment would hold: the sockets made and not given up, and whether a wake-up is due. */
function perform(world: { sockets: number; isDue: boolean }, effects: readonly ConnectionEffect[]): void {
  for (const effect of effects) {
    if (effect.type === "connect") world.sockets++
    if (effect.type === "disconnect") world.sockets = 0
    if (effect.type === "wake") world.isDue = effect.delayMs !== undefined
  }
}

it("holds one socket when connecting or live, one timer when connecting or waiting, and nothing else", () => {
  fc.assert(
    fc.property(fc.array(events, { maxLength: 60, size: "max" }), (script) => {
      const world = { sockets: 0, isDue: false }
      let state: ConnectionState = IDLE
      let elapsed = 0
      for (const made of script) {
        elapsed += 700
        const event = "at" in made ? { ...made, at: at(elapsed) } : made
        const before = state
        const [after, effects] = next(before, event)
        if (after === before) expect(effects).toEqual([])
        perform(world, effects)
        state = after
        const { kind } = state
        expect(world.sockets).toBe(kind === "connecting" || kind === "live" ? 1 : 0)
        expect(world.isDue).toBe(kind === "connecting" || kind === "waiting")
        if (before.kind === "refused" && event.type !== "close") expect(state).toBe(before)
        if (event.type === "close") expect(kind).toBe("idle")
      }
    }),
  )
})

it("counts attempts until a sync, not until the socket opens", () => {
  let [state] = next(IDLE, { type: "open" })
  for (let attempt = 1; attempt <= 3; attempt++) {
    expect(state).toEqual({ kind: "connecting", attempt })
    ;[state] = next(state, { type: "connected" })
    ;[state] = next(state, { type: "lost", code: 1006, reason: "", at: at(0) })
    expect(state).toMatchObject({ kind: "waiting", attempt })
    ;[state] = next(state, { type: "timer", at: at(60_000) })
  }
  ;[state] = next(state, { type: "connected" })
  ;[state] = next(state, { type: "synced" })
  ;[state] = next(state, { type: "lost", code: 1006, reason: "", at: at(0) })
  expect(state).toMatchObject({ kind: "waiting", attempt: 1 })
})

it("gives every event in every state an answer", () => {
  const waiting: ConnectionState = {
    kind: "waiting",
    attempt: 2,
    retryAtMs: 1_030_000,
    dueMs: 30_000,
    earliestMs: 1_000,
  }
  const states: ConnectionState[] = [
    IDLE,
    { kind: "connecting", attempt: 2 },
    { kind: "live", isSynced: false, attempt: 2 },
    { kind: "live", isSynced: true, attempt: 0 },
    waiting,
    { kind: "refused", code: 4403, reason: "no" },
  ]
  const table: [ConnectionEvent, string[]][] = [
    [{ type: "open" }, ["connecting 1", "=", "=", "=", "=", "="]],
    [{ type: "close" }, ["=", "idle", "idle", "idle", "idle", "idle"]],
    [{ type: "connected" }, ["=", "live 2", "=", "=", "=", "="]],
    [{ type: "synced" }, ["=", "=", "live 0", "=", "=", "="]],
    [{ type: "lost", code: 1006, reason: "", at: at(5_000) }, ["=", "waiting 2", "waiting 2", "waiting 1", "=", "="]],
    [{ type: "lost", code: 4403, reason: "", at: at(5_000) }, ["=", "refused", "refused", "refused", "=", "="]],
    [{ type: "timer", at: at(5_000) }, ["=", "waiting 2", "=", "=", "connecting 3", "="]],
    [{ type: "nudge", at: at(5_000) }, ["=", "=", "=", "=", "connecting 3", "="]],
    [{ type: "nudge", at: at(500) }, ["=", "=", "=", "=", "waiting 2", "="]],
  ]
  for (const [event, expected] of table) {
    const found = states.map((state) => {
      const [after] = next(state, event)
      if (after === state) return "="
      return "attempt" in after ? `${after.kind} ${after.attempt}` : after.kind
    })
    expect([event, found]).toEqual([event, expected])
  }
})

it("lets several signals bring one attempt forward, never below the server's hint", () => {
  const live: ConnectionState = { kind: "live", isSynced: true, attempt: 0 }
  const [waiting] = next(live, { type: "lost", code: 1012, reason: "retry=20000 restart", at: at(0) })
  expect(waiting).toMatchObject({ dueMs: 22_500, earliestMs: 20_000, retryAtMs: 1_022_500 })
  const [hurried, effects] = next(waiting, { type: "nudge", at: at(400) })
  expect(hurried).toMatchObject({ dueMs: 20_000, retryAtMs: 1_020_000 })
  expect(effects).toEqual([{ type: "wake", delayMs: 19_600 }])
  expect(next(hurried, { type: "nudge", at: at(500) })).toEqual([hurried, []])
})

it("reads the sentence for people out of a refusal's reason", () => {
  const [state] = next(
    { kind: "connecting", attempt: 1 },
    { type: "lost", code: 4403, reason: "retry=1 not yours", at: at(0) },
  )
  expect(state).toEqual({ kind: "refused", code: 4403, reason: "not yours" })
})
