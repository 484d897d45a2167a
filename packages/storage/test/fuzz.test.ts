import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { crc32 } from "node:zlib"
import { FakeClock, mutateBytes, type SeededRandom } from "@quire/testing"
import { describe, expect, it } from "vitest"
import { fuzz, PATIENCE_MS } from "../../protocol/test/fuzz/runs.js"
import { BatchLedger } from "../src/batch-ledger.js"
import { decodeCatalogueEntry, encodeCatalogueEntry } from "../src/catalogue-entry.js"
import {
  decodeAuthorship,
  decodeChunk,
  decodeSnapshot,
  encodeAuthorship,
  encodeChunk,
  encodeSnapshot,
} from "../src/folded.js"
import { bornHead, decodeHead, encodeHead, headAfter } from "../src/head.js"
import { StorageError } from "../src/index.js"
import { decodeMark, encodeMark } from "../src/mark.js"
import { decodeRecord, encodeRecord } from "../src/record.js"
import { bodyRecord, feedRecord, name, ORIGIN, seq, temporaryFolder } from "./world.js"

/** Inputs for each reader in `npm test`. */
const INPUTS = 3_000

const notes = name("notes")
const at = (sequence: number) => ({ document: notes, sequence: seq(sequence) })
const records = [6, 7, 8].map((n) => encodeRecord(n === 7 ? feedRecord(n) : bodyRecord(n), n).value)
const head = headAfter(bornHead(notes, ORIGIN), bodyRecord(7), { checksum: 0xdeadbeef, sizeBytes: 70, batch: 3 })
const snapshot = {
  sequence: seq(5),
  update: Uint8Array.of(1, 2, 3),
  stateVector: Uint8Array.of(4),
  deleteSet: Uint8Array.of(0, 0),
}
const part = { first: seq(1), last: seq(5), authorship: Uint8Array.of(9, 9) }
const entry = { document: notes, kind: "plain", title: "Große Pläne", createdMs: 1, changedMs: 2 } as const

/** Every reader of stored bytes: values to begin with, and the reader followed by its writer. */
const READERS: readonly [string, readonly Uint8Array[], (bytes: Uint8Array) => Uint8Array][] = [
  ["records", records, (bytes) => again(decodeRecord(bytes, at(7)))],
  [
    "heads",
    [encodeHead(head), encodeHead({ ...head, kind: "plain" })],
    (bytes) => encodeHead(decodeHead(bytes, notes)),
  ],
  ["snapshots", [encodeSnapshot(snapshot)], (bytes) => encodeSnapshot(decodeSnapshot(bytes, at(5)))],
  [
    "history chunks",
    [encodeChunk(seq(6), seq(8), records), encodeChunk(seq(6), seq(8), [])],
    (bytes) => {
      const chunk = decodeChunk(bytes, at(8))
      return encodeChunk(chunk.first, chunk.last, chunk.records.map(again))
    },
  ],
  ["authorship", [encodeAuthorship(part)], (bytes) => encodeAuthorship(decodeAuthorship(bytes, at(5)))],
  [
    "catalogue entries",
    [encodeCatalogueEntry(entry), encodeCatalogueEntry({ ...entry, title: "" })],
    (bytes) => encodeCatalogueEntry(decodeCatalogueEntry(bytes, notes)),
  ],
  ["marks", [encodeMark({ format: 1, batch: 42 })], (bytes) => encodeMark(decodeMark(bytes))],
]

function again(record: ReturnType<typeof decodeRecord>): Uint8Array {
  return encodeRecord(record, record.batch).value
}

/** Changed bytes; every other one under a right checksum, so that the fields behind it are looked at. */
function changed(random: SeededRandom, seeds: readonly Uint8Array[]): Uint8Array {
  const seed = random.pick(seeds)
  const isResealed = random.below(2) === 0
  if (!isResealed) return mutateBytes(random, seed, seeds)
  const content = mutateBytes(random, seed.subarray(0, -4), seeds)
  const sealed = Buffer.alloc(content.length + 4)
  sealed.set(content)
  sealed.writeUInt32BE(crc32(content), content.length)
  return sealed
}

describe("any stored bytes are a value or a StorageError", { timeout: PATIENCE_MS }, () => {
  it.each(READERS)("%s", async (target, seeds, readAndWrite) => {
    const tally = await fuzz(`stored ${target}`, INPUTS, {
      input: (random) => changed(random, seeds),
      check: (bytes) => {
        let written: Uint8Array
        try {
          written = readAndWrite(bytes)
        } catch (error) {
          if (!(error instanceof StorageError)) throw error
          expect(error.code).toBe("QUIRE_STORAGE_CORRUPT")
          return "refused"
        }
        // One value has one encoding: so a value that is read is the one that was written.
        expect(Buffer.from(written).equals(bytes)).toBe(true)
        return "read"
      },
    })
    expect(tally.get("refused")).toBeGreaterThan(INPUTS / 4)
    expect(tally.get("read")).toBeGreaterThan(INPUTS / 500)
  })

  it("a ledger is read as far as it is whole, and made anew", async () => {
    const path = join(await temporaryFolder(), "ledger")
    const ports = { clock: new FakeClock(), onTrouble: () => undefined }
    const written = await BatchLedger.open(path, ports)
    written.ledger.note(1, [{ id: new Uint8Array(16).fill(7), sequence: seq(3) }])
    written.ledger.note(2, [])
    await written.ledger.close()
    // A change far behind what is written would be one of zeros: the changes are made at the beginning.
    const seed = await readFile(path)
    const [start, rest] = [seed.subarray(0, 160), seed.subarray(160)]
    const tally = await fuzz("ledgers", 150, {
      input: (random) =>
        Buffer.concat(
          [mutateBytes(random, start, [start]), random.below(4) === 0 ? [] : rest].map((b) => Buffer.from(b)),
        ),
      check: async (bytes) => {
        await writeFile(path, bytes)
        const { ledger, entries, trouble } = await BatchLedger.open(path, ports)
        await ledger.close()
        for (const one of entries) expect([3, 0]).toContain(one.sequence)
        if (trouble === undefined) expect(Buffer.from(bytes).length).toBe(seed.length)
        return trouble ?? "whole"
      },
    })
    expect(tally.get("damaged")).toBeGreaterThan(75)
  })
})
