import { FakeClock } from "@quire/testing"
import { describe, expect, it } from "vitest"
import { Host } from "../../src/embed/host.js"
import { endOfToken, readFromHost } from "../../src/embed/host-message.js"

/** A token that ends then, as far as it says so itself. */
function tokenUntil(endMs: number, name = "a"): string {
  return `h.${btoa(JSON.stringify({ exp: endMs / 1_000, name }))}.s`
}

/** A frame, and the window around it. */
function framed() {
  const said: { readonly message: unknown; readonly to: string }[] = []
  const parent = { postMessage: (message: unknown, to: string) => said.push({ message, to }) }
  let hear: (event: object) => void = () => undefined
  const window = { parent, addEventListener: (_: string, listener: (event: object) => void) => (hear = listener) }
  const clock = new FakeClock()
  const host = new Host({ window: window as never, clock }) // as much of a window as it uses
  const send = (data: unknown, origin = "https://app.example", source: unknown = parent): void => {
    hear({ data, origin, source })
  }
  return { host, clock, said, send, parent }
}

describe("the application around a frame", () => {
  it("is told at once that the frame listens, whoever it is, and nothing else", () => {
    expect(framed().said).toEqual([{ message: { quire: 1, kind: "ready" }, to: "*" }])
  })

  it("sends a token, and is the only one who is spoken with from then on", async () => {
    const { host, send, said } = framed()
    send({ quire: 1, kind: "token", token: "one" })
    await host.whenKnown()
    expect(host.token()).toBe("one")
    host.tellSaved(true)
    expect(said.at(-1)).toEqual({ message: { quire: 1, kind: "status", isSaved: true }, to: "https://app.example" })
    send({ quire: 1, kind: "token", token: "two" }, "https://other.example")
    expect(host.token()).toBe("one")
  })

  it("is not another window that sends messages", () => {
    const { host, send } = framed()
    send({ quire: 1, kind: "token", token: "one" }, "https://app.example", {})
    expect(host.token()).toBe("")
  })

  it("is asked for another token a minute before the end, or halfway, and again until one comes", () => {
    const { clock, send, said } = framed()
    send({ quire: 1, kind: "token", token: tokenUntil(clock.now() + 300_000) })
    clock.advance(239_999)
    expect(said).toHaveLength(1)
    clock.advance(1)
    expect(said.at(-1)?.message).toEqual({ quire: 1, kind: "token-wanted" })
    clock.advance(10_000)
    expect(said).toHaveLength(3)
    send({ quire: 1, kind: "token", token: tokenUntil(clock.now() + 20_000, "b") })
    clock.advance(9_999)
    expect(said).toHaveLength(3)
    clock.advance(1)
    expect(said).toHaveLength(4)
  })

  it("tells of each new token once", () => {
    const { host, send } = framed()
    let count = 0
    const stop = host.subscribe(() => count++)
    send({ quire: 1, kind: "token", token: "one" })
    send({ quire: 1, kind: "token", token: "one" })
    send({ quire: 1, kind: "token", token: "two" })
    stop()
    send({ quire: 1, kind: "token", token: "three" })
    expect(count).toBe(2)
  })
})

describe("messages to a frame", () => {
  it.each([
    undefined,
    null,
    "token",
    7,
    [],
    {},
    { quire: 2, kind: "token", token: "t" },
    { quire: "1", kind: "token", token: "t" },
    { quire: 1, kind: "other", token: "t" },
    { quire: 1, kind: "token" },
    { quire: 1, kind: "token", token: 7 },
    { quire: 1, kind: "token", token: "" },
    { quire: 1, kind: "token", token: "x".repeat(8_193) },
  ])("that are none of ours are not read: %j", (data) => {
    expect(readFromHost(data)).toBeUndefined()
  })

  it.each(["", "a", "a.b.c", `a.${btoa("null")}.c`, `a.${btoa('{"exp":"9"}')}.c`, `a.${btoa('{"exp":1e999}')}.c`])(
    "with a token that does not say when it ends lead to no plan: %j",
    (token) => {
      expect(endOfToken(token)).toBeUndefined()
    },
  )
})
