import { readFileSync } from "node:fs"
import { asClientId, asSequence } from "@quire/base"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  type ClientMessage,
  CloseCode,
  chooseDialect,
  decodeClientMessage,
  decodeCloseReason,
  decodePresence,
  decodeServerMessage,
  decodeStateVector,
  encodeCloseReason,
  encodeMessage,
  encodePresence,
  encodeStateVector,
  isPermanentClose,
  KEEP_ALIVE,
  LIMITS,
  type Message,
  ProtocolError,
  type ServerMessage,
} from "../src/index.js"

const bytes = fc.uint8Array({ maxLength: 40 })
const whole = fc.maxSafeNat()
const text = fc.string({ unit: "grapheme", maxLength: 20 })
const checksum = fc.nat(2 ** 32 - 1)
const epoch = fc.stringMatching(/^[0-9a-f]{16}$/)
const sequence = whole.map(asSequence)
const grant = fc.constantFrom("read" as const, "comment" as const, "write" as const)
const plain: fc.Arbitrary<Message>[] = [
  fc.record({ type: fc.constant("step1" as const), stateVector: bytes }),
  fc.record({ type: fc.constant("step2" as const), update: bytes }),
  fc.record({ type: fc.constant("update" as const), update: bytes }),
  fc.record({ type: fc.constant("presence" as const), entries: bytes }),
  fc.constant({ type: "query-presence" as const }),
]
const clientMessages: fc.Arbitrary<ClientMessage> = fc.oneof(
  ...(plain as fc.Arbitrary<ClientMessage>[]),
  fc.record({
    type: fc.constant("hello" as const),
    clientId: whole.map(asClientId),
    schema: whole,
    token: text,
    resume: fc.option(fc.record({ epoch, sequence, checksum }), { nil: undefined }),
  }),
  fc.record({ type: fc.constant("token" as const), token: text }),
)
const serverMessages: fc.Arbitrary<ServerMessage> = fc.oneof(
  ...(plain as fc.Arbitrary<ServerMessage>[]),
  fc.record({ type: fc.constant("denied" as const), reason: text }),
  fc.record({ type: fc.constant("welcome" as const), epoch, grant, schema: whole, isResumed: fc.boolean() }),
  fc.record({ type: fc.constant("acknowledge" as const), through: whole, sequence }),
  fc.record({ type: fc.constant("durable" as const), sequence, checksum, head: sequence }),
  fc.record({ type: fc.constant("rights" as const), grant, reason: text }),
  fc.record({ type: fc.constant("refused" as const), number: whole, code: text, reason: text }),
  fc.record({ type: fc.constant("notice" as const), code: text, text }),
  fc.record({ type: fc.constant("trouble" as const), isFailing: fc.boolean(), text }),
)

describe("round trip", () => {
  it("decodes every client message it encodes", () => {
    fc.assert(
      fc.property(clientMessages, (m) => void expect(decodeClientMessage(encodeMessage(m), "native")).toEqual(m)),
    )
  })

  it("decodes every server message it encodes", () => {
    fc.assert(fc.property(serverMessages, (m) => void expect(decodeServerMessage(encodeMessage(m))).toEqual(m)))
  })

  it("decodes state vectors and presence it encodes", () => {
    const vector = fc.array(fc.tuple(whole, fc.nat(2 ** 31 - 1))).map((entries) => new Map(entries))
    fc.assert(fc.property(vector, (v) => void expect(decodeStateVector(encodeStateVector(v))).toEqual(v)))
    const entry = fc.record({ client: whole, clock: fc.nat(2 ** 31 - 1), state: text })
    fc.assert(fc.property(fc.array(entry), (list) => void expect(decodePresence(encodePresence(list))).toEqual(list)))
  })
})

describe("any bytes", () => {
  it("give a message or a ProtocolError, from either side and in either dialect", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (frame) => {
        for (const decode of [
          () => decodeClientMessage(frame, "plain"),
          () => decodeClientMessage(frame, "native"),
          () => decodeServerMessage(frame),
          () => decodeStateVector(frame),
          () => decodePresence(frame),
        ]) {
          try {
            decode()
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError)
          }
        }
      }),
      { numRuns: 5_000 },
    )
  })

  it("are refused over the limit, with the code that says so", () => {
    expect(() => decodeClientMessage(new Uint8Array(LIMITS.frameBytes + 1), "plain")).toThrow(
      expect.objectContaining({ code: "QUIRE_FRAME_TOO_LARGE", close: CloseCode.TooLarge }),
    )
    expect(() => decodePresence(new Uint8Array(LIMITS.presenceBytes + 1))).toThrow(
      expect.objectContaining({ code: "QUIRE_PRESENCE_TOO_LARGE" }),
    )
  })

  it("of Quire's own types are unknown to a plain connection, and server types to any server", () => {
    const hello = encodeMessage({ type: "hello", clientId: asClientId(1), schema: 0, token: "", resume: undefined })
    const durable = encodeMessage({ type: "durable", sequence: asSequence(1), checksum: 1, head: asSequence(1) })
    const unknown = expect.objectContaining({ code: "QUIRE_FRAME_UNKNOWN_TYPE" })
    expect(() => decodeClientMessage(hello, "plain")).toThrow(unknown)
    expect(() => decodeClientMessage(durable, "native")).toThrow(unknown)
    expect(() => decodeClientMessage(encodeMessage({ type: "token", token: "t" }), "plain")).toThrow(unknown)
  })

  it("of a type a newer server has are ignored by a client", () => {
    expect(decodeServerMessage(Uint8Array.of(120, 1, 2, 3))).toBeUndefined()
  })
})

describe("golden frames", () => {
  const golden = JSON.parse(readFileSync(new URL("golden/quire.1.json", import.meta.url), "utf8")) as {
    readonly name: string
    readonly side: "client" | "server"
    readonly hex: string
    readonly message: Record<string, unknown>
  }[]

  for (const { name, side, hex, message } of golden) {
    it(`keep ${name} byte for byte`, () => {
      const frame = Uint8Array.from(Buffer.from(hex, "hex"))
      const decoded = side === "client" ? decodeClientMessage(frame, "native") : decodeServerMessage(frame)
      expect(decoded).toEqual(revive(message))
      expect(Buffer.from(encodeMessage(revive(message) as Message)).toString("hex")).toBe(hex)
    })
  }

  /** JSON has no bytes: they are written as {"hex": …}; a missing resume token as null. */
  function revive(message: Record<string, unknown>): unknown {
    return Object.fromEntries(
      Object.entries(message).map(([key, value]) => {
        if (value === null) return [key, undefined]
        const hex = (value as { hex?: string }).hex
        return [key, hex === undefined ? value : Uint8Array.from(Buffer.from(hex, "hex"))]
      }),
    )
  }
})

describe("closing", () => {
  it("stops at 44xx and retries after everything else", () => {
    expect([4400, 4413, 4499].map(isPermanentClose)).toEqual([true, true, true])
    expect([1000, 1006, 1012, 1013, 4399, 4500, 4508].map(isPermanentClose)).toEqual(Array(7).fill(false))
  })

  it("carries a hint when to come back", () => {
    expect(decodeCloseReason(encodeCloseReason("the server restarts", 1234.4))).toEqual({
      text: "the server restarts",
      retryMs: 1234,
    })
    expect(decodeCloseReason("retry=soon please")).toEqual({ text: "retry=soon please", retryMs: undefined })
  })
})

describe("dialects", () => {
  it("are native only when quire.1 was agreed", () => {
    expect([chooseDialect([]), chooseDialect(["yjs"]), chooseDialect(["yjs", "quire.1"])]).toEqual([
      "plain",
      "plain",
      "native",
    ])
  })

  it("share the keep-alive: presence without entries", () => {
    expect(decodeServerMessage(KEEP_ALIVE)).toEqual({ type: "presence", entries: Uint8Array.of(0) })
  })
})
