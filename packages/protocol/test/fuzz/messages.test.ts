import { asClientId, asSequence } from "@quire/base"
import { mutateBytes } from "@quire/testing"
import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import {
  decodeClientMessage,
  decodePresence,
  decodeServerMessage,
  decodeStateVector,
  encodeMessage,
  encodePresence,
  encodeStateVector,
  isPermanentClose,
  type Message,
  ProtocolError,
} from "../../src/index.js"
import { CountedBytes } from "./counted-bytes.js"
import { writeDocument } from "./documents.js"
import { fuzz, PATIENCE_MS } from "./runs.js"

/** Inputs for each decoder in `npm test`. */
const INPUTS = 6_000
/** How often a decoder may look at a byte: a text is checked once, and read once. */
const READS_A_BYTE = 3
/** Reads beside those of the input's bytes: looking behind its end. */
const READS_MORE = 2

const { state, updates } = writeDocument(5)
const PRESENCE = encodePresence([
  { client: 7, clock: 3, state: '{"user":{"name":"Zoë","color":"#aa0000"},"cursor":null}' },
  { client: 2 ** 53 - 1, clock: 0, state: "null" },
])
const EPOCH = "00112233445566ff"
const PLAIN: readonly Message[] = [
  { type: "step1", stateVector: Y.encodeStateVectorFromUpdate(state) },
  { type: "step2", update: state },
  { type: "update", update: updates[3] ?? state },
  { type: "presence", entries: PRESENCE },
  { type: "query-presence" },
]
const FROM_CLIENTS: readonly Message[] = [
  ...PLAIN,
  { type: "hello", clientId: asClientId(2 ** 53 - 1), schema: 2, token: "", resume: undefined },
  {
    type: "hello",
    clientId: asClientId(5),
    schema: 0,
    token: "eyJ.🙂.x",
    resume: { epoch: EPOCH, sequence: asSequence(2 ** 40), checksum: 2 ** 32 - 1 },
  },
]
const FROM_SERVERS: readonly Message[] = [
  ...PLAIN,
  { type: "denied", reason: "QUIRE_READ_ONLY: no" },
  { type: "welcome", epoch: EPOCH, grant: "write", schema: 3, isResumed: true },
  { type: "acknowledge", through: 4, sequence: asSequence(9) },
  { type: "durable", sequence: asSequence(9), checksum: 77, head: asSequence(12) },
  { type: "rights", grant: "comment", reason: "revoked" },
  { type: "notice", code: "QUIRE_SCHEMA_BEHIND", text: "reload" },
  { type: "trouble", isFailing: true, text: "the disk is full" },
]

/** What a decoder makes of bytes: its result, or that it refused them as it may. Its work is bounded either way. */
function outcome<T>(bytes: Uint8Array, decode: (bytes: Uint8Array) => T): { readonly value: T } | string {
  const counted = new CountedBytes(bytes)
  try {
    decode(counted.bytes)
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    expect(isPermanentClose(error.close)).toBe(true)
    expect(error.code).toMatch(/^QUIRE_[A-Z_]+$/)
    expect(error.message.length).toBeLessThan(300)
    return `refused ${error.code}`
  } finally {
    expect(counted.reads).toBeLessThanOrEqual(READS_A_BYTE * bytes.length + READS_MORE)
  }
  return { value: decode(bytes) }
}

describe("any bytes are a message or a ProtocolError", { timeout: PATIENCE_MS }, () => {
  const decoders: [string, readonly Message[], (bytes: Uint8Array) => Message | undefined][] = [
    ["decodeClientMessage, plain", PLAIN, (bytes) => decodeClientMessage(bytes, "plain")],
    ["decodeClientMessage, native", FROM_CLIENTS, (bytes) => decodeClientMessage(bytes, "native")],
    ["decodeServerMessage", FROM_SERVERS, (bytes) => decodeServerMessage(bytes)],
  ]
  it.each(decoders)("%s", async (target, messages, decode) => {
    const seeds = messages.map(encodeMessage)
    const tally = await fuzz(target, INPUTS, {
      input: (random) => mutateBytes(random, random.pick(seeds), seeds),
      check: (frame) => {
        const decoded = outcome(frame, decode)
        if (typeof decoded === "string") return decoded
        const message = decoded.value
        if (message === undefined) return "passed over"
        // It means what it says: written again and read again it is the same.
        expect(decode(encodeMessage(message))).toEqual(message)
        return "read"
      },
    })
    expect(tally.get("read")).toBeGreaterThan(INPUTS / 20)
    expect(tally.get("refused QUIRE_FRAME_MALFORMED")).toBeGreaterThan(INPUTS / 20)
  })

  it("decodeStateVector reads what Yjs reads", async () => {
    const seeds = [...updates.map((update) => Y.encodeStateVectorFromUpdate(update)), Uint8Array.of(0)]
    const tally = await fuzz("decodeStateVector", INPUTS, {
      input: (random) => mutateBytes(random, random.pick(seeds), seeds),
      check: (bytes) => {
        const decoded = outcome(bytes, decodeStateVector)
        if (typeof decoded === "string") return decoded
        expect(decodeStateVector(encodeStateVector(decoded.value))).toEqual(decoded.value)
        if (bytes.length > 0) expect(Y.decodeStateVector(bytes)).toEqual(decoded.value)
        return "read"
      },
    })
    expect(tally.get("read")).toBeGreaterThan(INPUTS / 20)
  })

  it("decodePresence reads no more entries than there are bytes for", async () => {
    const seeds = [PRESENCE, encodePresence([]), encodePresence([{ client: 1, clock: 2 ** 31, state: "{}" }])]
    const tally = await fuzz("decodePresence", INPUTS, {
      input: (random) => mutateBytes(random, random.pick(seeds), seeds),
      check: (bytes) => {
        const decoded = outcome(bytes, decodePresence)
        if (typeof decoded === "string") return decoded
        expect(decoded.value.length).toBeLessThanOrEqual(bytes.length / 3)
        expect(decodePresence(encodePresence(decoded.value))).toEqual(decoded.value)
        return "read"
      },
    })
    expect(tally.get("read")).toBeGreaterThan(INPUTS / 20)
  })
})
