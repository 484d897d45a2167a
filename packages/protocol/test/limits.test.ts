import { asClientId, parseDocumentId } from "@quire/base"
import { writeUpdate } from "@quire/testing"
import { describe, expect, it } from "vitest"
import {
  type ClientMessage,
  CloseCode,
  decodeClientMessage,
  decodePresence,
  encodeMessage,
  encodePresence,
  LIMITS,
  ProtocolError,
  walkUpdate,
} from "../src/index.js"

/**
 * Every number of `LIMITS` one below, at, one above, and at ten times itself. What is within is taken; what is over ends
 * its sender's connection with a code and a sentence that names the limit. `clock-limit.test.ts` has the clocks.
 */

const NOTHING = new Uint8Array(0)
const encoder = new TextEncoder()

interface Case {
  readonly what: string
  readonly limit: number
  /** Makes something of this size and reads it. */
  readonly read: (size: number) => unknown
  /** How what is over is told. */
  readonly over: { readonly code: string; readonly close: number; readonly says: RegExp }
  /** Ten times as much says the same, but for what is caught before. */
  readonly far?: { readonly code: string; readonly close: number; readonly says: RegExp }
}

const TOO_LARGE = CloseCode.TooLarge
const CASES: readonly Case[] = [
  {
    what: "bytes of one message",
    limit: LIMITS.frameBytes,
    read: (size) => decodeClientMessage(frameOf(size), "plain"),
    over: { code: "QUIRE_FRAME_TOO_LARGE", close: TOO_LARGE, says: /bytes, limit 16777216/ },
  },
  {
    what: "bytes of one presence message",
    limit: LIMITS.presenceBytes,
    read: (size) => decodePresence(presenceOf(size)),
    over: { code: "QUIRE_PRESENCE_TOO_LARGE", close: TOO_LARGE, says: /bytes, limit 65536/ },
  },
  {
    what: "bytes of a token",
    limit: LIMITS.tokenBytes,
    read: (size) => decodeClientMessage(encodeMessage(hello("t".repeat(size))), "native"),
    over: { code: "QUIRE_FRAME_MALFORMED", close: TOO_LARGE, says: /bytes, limit 4096/ },
  },
  {
    what: "structs in one update",
    limit: LIMITS.updateStructs,
    read: (size) => walkUpdate(collected(1, size)),
    over: { code: "QUIRE_UPDATE_TOO_LARGE", close: TOO_LARGE, says: /structs, limit 200000/ },
  },
  {
    what: "structs in one update, of two clients",
    limit: LIMITS.updateStructs,
    read: (size) => walkUpdate(collected(2, size)),
    over: { code: "QUIRE_UPDATE_TOO_LARGE", close: TOO_LARGE, says: /structs, limit 200000/ },
  },
  {
    what: "client ids in one update",
    limit: LIMITS.updateClients,
    read: (size) => walkUpdate(collected(size, size)),
    over: { code: "QUIRE_UPDATE_TOO_LARGE", close: TOO_LARGE, says: /clients, limit 10000/ },
  },
  {
    what: "client ids in a delete set",
    limit: LIMITS.updateClients,
    read: (size) => walkUpdate(deleted(size, size)),
    over: { code: "QUIRE_UPDATE_TOO_LARGE", close: TOO_LARGE, says: /clients in its delete set, limit 10000/ },
  },
  {
    what: "deletion ranges in one update",
    limit: LIMITS.updateDeletions,
    read: (size) => walkUpdate(deleted(1, size)),
    over: { code: "QUIRE_UPDATE_TOO_LARGE", close: TOO_LARGE, says: /deletions, limit 200000/ },
  },
  {
    what: "deletion ranges in one update, of two clients",
    limit: LIMITS.updateDeletions,
    read: (size) => walkUpdate(deleted(2, size)),
    over: { code: "QUIRE_UPDATE_TOO_LARGE", close: TOO_LARGE, says: /deletions, limit 200000/ },
  },
  {
    what: "bytes of one string in an update",
    limit: LIMITS.stringBytes,
    read: (size) => walkUpdate(longText(size)),
    over: { code: "QUIRE_UPDATE_MALFORMED", close: TOO_LARGE, says: /a string is \d+ bytes, limit 16777216/ },
  },
  {
    what: "bytes of a key",
    limit: LIMITS.keyBytes,
    read: (size) => walkUpdate(content(4, bytes("x"), "k".repeat(size))),
    over: { code: "QUIRE_UPDATE_MALFORMED", close: TOO_LARGE, says: /a string is \d+ bytes, limit 1024/ },
  },
  {
    what: "nesting of JSON",
    limit: LIMITS.jsonDepth,
    read: (size) => walkUpdate(content(5, bytes("[".repeat(size) + "]".repeat(size)))),
    over: { code: "QUIRE_UPDATE_MALFORMED", close: CloseCode.Malformed, says: /JSON is nested deeper than 32/ },
  },
  {
    what: "nesting of values",
    limit: LIMITS.jsonDepth,
    read: (size) => walkUpdate(content(8, raw([1, ...Array.from({ length: size }, () => [117, 1]).flat(), 126]))),
    over: { code: "QUIRE_UPDATE_MALFORMED", close: CloseCode.Malformed, says: /a value is nested deeper than 32/ },
  },
]

describe.each(CASES)("$what", ({ limit, read, over, far = over }) => {
  it.each([limit - 1, limit])("are taken up to the limit: %d", (size) => {
    expect(() => read(size)).not.toThrow()
  })

  it.each([
    [limit + 1, over],
    [limit * 10, far],
  ])("are refused over it, with the code and the limit in words: %d", (size, { code, close, says }) => {
    const error = caught(() => read(size))
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error).toMatchObject({ code, close, message: expect.stringMatching(says) })
  })
})

describe("a document's name", () => {
  it.each([
    [0, false],
    [1, true],
    [255, true],
    [256, true],
    [257, false],
    [2_560, false],
  ])("of %d bytes", (size, isGood) => {
    expect(parseDocumentId("n".repeat(size)).ok).toBe(isGood)
  })
})

describe("presence clocks", () => {
  it.each([LIMITS.clock - 1, LIMITS.clock])("are read up to the limit: %d", (clock) => {
    expect(decodePresence(encodePresence([{ client: 1, clock, state: "{}" }]))).toHaveLength(1)
  })

  it.each([LIMITS.clock + 1, LIMITS.clock * 10])("are refused over it: %d", (clock) => {
    const error = caught(() => decodePresence(encodePresence([{ client: 1, clock, state: "{}" }])))
    expect(error).toMatchObject({ code: "QUIRE_FRAME_MALFORMED", close: CloseCode.Malformed })
  })
})

it("leaves no number of LIMITS out", () => {
  const driven = new Set([
    ...CASES.map(({ limit }) => limit),
    LIMITS.clock,
    LIMITS.clockAdvance,
    LIMITS.presenceStateBytes,
    LIMITS.helloBytes, // a connection's: packages/sync/test/limits.test.ts
  ])
  expect(Object.entries(LIMITS).filter(([, limit]) => !driven.has(limit))).toEqual([])
})

function caught(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}

/** A sync step 1 of so many bytes in all. */
function frameOf(size: number): Uint8Array {
  const head = 2 + (size - 2 > 268_435_456 ? 5 : size - 2 > 2_097_152 + 4 ? 4 : 3)
  return encodeMessage({ type: "step1", stateVector: new Uint8Array(size - head) })
}

/** Presence of so many bytes in all: one entry of a relayed client. */
function presenceOf(size: number): Uint8Array {
  const entry = (length: number): Uint8Array =>
    encodePresence([{ client: 1, clock: 1, state: JSON.stringify("x".repeat(length)) }])
  return entry(size - (entry(size).length - size))
}

function hello(token: string): ClientMessage {
  return { type: "hello", clientId: asClientId(1), schema: 0, resume: undefined, token }
}

/** So many collected structs, spread over so many clients. */
function collected(clients: number, structs: number): Uint8Array {
  const struct = { header: 0, fields: [{ kind: "number" as const, role: "length" as const, value: 1 }] }
  const blocks = spread(clients, structs).map((count, i) => ({
    client: clients - i,
    clock: 0,
    structs: Array.from({ length: count }, () => struct),
  }))
  return writeUpdate({ blocks, deletions: [], rest: NOTHING })
}

/** So many deletions, spread over so many clients. */
function deleted(clients: number, deletions: number): Uint8Array {
  const lists = spread(clients, deletions).map((count, i) => ({
    client: clients - i,
    ranges: Array.from({ length: count }, (_, at) => ({ clock: 2 * at, length: 1 })),
  }))
  return writeUpdate({ blocks: [], deletions: lists, rest: NOTHING })
}

function spread(over: number, count: number): number[] {
  const each = Math.floor(count / over)
  return Array.from({ length: over }, (_, i) => (i === 0 ? count - each * (over - 1) : each))
}

/** One struct of a kind below a root. */
function content(kind: number, field: ReturnType<typeof bytes> | ReturnType<typeof raw>, root = "t"): Uint8Array {
  const parent = [{ kind: "number" as const, role: "flag" as const, value: 1 }, bytes(root)]
  return writeUpdate({
    blocks: [{ client: 1, clock: 0, structs: [{ header: kind, fields: [...parent, field] }] }],
    deletions: [],
    rest: NOTHING,
  })
}

/** One struct of text, made of whole pieces: it may be of 160 MiB. */
function longText(sizeBytes: number): Uint8Array {
  const model = content(4, bytes(""))
  // Behind the text's length, which is 0 there, only the empty delete set follows.
  const head = model.subarray(0, model.length - 2)
  return Buffer.concat([head, Uint8Array.from(varUint(sizeBytes)), Buffer.alloc(sizeBytes, "x"), Buffer.of(0)])
}

function varUint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varUint(Math.floor(value / 128))]
}

function bytes(text: string): { kind: "bytes"; bytes: Uint8Array } {
  return { kind: "bytes", bytes: encoder.encode(text) }
}

function raw(values: readonly number[]): { kind: "raw"; bytes: Uint8Array } {
  return { kind: "raw", bytes: Uint8Array.from(values) }
}
