import { readdir, readFile } from "node:fs/promises"
import { asClientId, asUserId } from "@quire/base"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { decodeCatalogueEntry, encodeCatalogueEntry } from "../src/catalogue-entry.js"
import {
  auditKey,
  decodeAuditEntry,
  decodeDirectoryRecord,
  directoryKey,
  encodeAuditEntry,
  encodeDirectoryRecord,
} from "../src/directory-format.js"
import { placeOf } from "../src/directory-record.js"
import {
  decodeAuthorship,
  decodeChunk,
  decodeSnapshot,
  encodeAuthorship,
  encodeChunk,
  encodeSnapshot,
} from "../src/folded.js"
import { bornHead, decodeHead, encodeHead, headAfter } from "../src/head.js"
import { DIRECTORY_LIMITS, type DirectoryRecord, type NewRecord, StorageError } from "../src/index.js"
import { decodeMark, encodeMark } from "../src/mark.js"
import { decodeRecord, encodeRecord } from "../src/record.js"
import { bodyRecord, feedRecord, name, ORIGIN, seq } from "./world.js"

const notes = name("notes")
const at = (sequence: number) => ({ document: notes, sequence: seq(sequence) })
const record = encodeRecord(bodyRecord(7), 3).value

const head = {
  ...headAfter(bornHead(notes, ORIGIN), bodyRecord(7), { checksum: 0xdeadbeef, sizeBytes: 70, batch: 3 }),
  snapshotSequence: seq(5),
  snapshotBytes: 4_000,
  retainedFrom: seq(2),
  foldedFeedRecords: 1,
}

const entry = { document: notes, kind: "plain", title: "Große Pläne", createdMs: 1, changedMs: 2 } as const

const id = (byte: number): string => Buffer.alloc(16, byte).toString("base64url")
const secretHash = new Uint8Array(32).fill(7)
const directoryKeyOf = (one: DirectoryRecord): Uint8Array => directoryKey(placeOf(one))
const directory: readonly DirectoryRecord[] = [
  {
    kind: "account",
    id: id(1),
    email: "ada@example.org",
    name: "Ada Lovelace",
    color: "#8a5a00",
    passwordHash: "$argon2id$…",
    external: "",
    isAdmin: true,
    isSuspended: false,
    createdMs: 1,
  },
  {
    kind: "sign-in",
    id: id(2),
    secretHash,
    account: id(1),
    name: "",
    color: "",
    createdMs: 2,
    seenMs: 3,
    agent: "Firefox",
    links: [id(5)],
  },
  { kind: "invitation", id: id(3), secretHash, email: "", invitedBy: id(1), createdMs: 4, expiresMs: 5 },
  {
    kind: "access",
    document: notes,
    members: [
      { user: `account:${id(1)}`, role: "owner" },
      { user: `account:${id(9)}`, role: "commenter" },
    ],
  },
  {
    kind: "link",
    id: id(5),
    secretHash,
    document: notes,
    role: "viewer",
    passwordHash: "",
    expiresMs: 6,
    maxViews: 0,
    views: 7,
    createdMs: 8,
    madeBy: `account:${id(1)}`,
    label: "for the board",
  },
  {
    kind: "publication",
    document: notes,
    address: id(6),
    isIndexed: true,
    createdMs: 9,
    madeBy: `account:${id(1)}`,
  },
  { kind: "reset", id: id(1), secretHash, madeBy: `account:${id(9)}`, createdMs: 9, expiresMs: 10 },
]
const audited = {
  timeMs: 9,
  who: `account:${id(1)}`,
  name: "Ada",
  what: "role.given",
  whom: "bob@example.org",
  detail: "editor",
}

/** Every kind of stored value: an example, and what reads it back. */
const formats: { name: string; value: Uint8Array; decode: (value: Uint8Array) => unknown }[] = [
  { name: "record", value: record, decode: (value) => decodeRecord(value, at(7)) },
  { name: "head", value: encodeHead(head), decode: (value) => decodeHead(value, notes) },
  {
    name: "snapshot",
    value: encodeSnapshot({
      sequence: seq(5),
      update: Uint8Array.of(1, 2, 3),
      stateVector: Uint8Array.of(4),
      deleteSet: Uint8Array.of(),
    }),
    decode: (value) => decodeSnapshot(value, at(5)),
  },
  {
    name: "history-chunk",
    value: encodeChunk(seq(6), seq(8), [record, encodeRecord(feedRecord(8), 4).value]),
    decode: (value) => decodeChunk(value, at(8)),
  },
  {
    name: "authorship",
    value: encodeAuthorship({ first: seq(1), last: seq(5), authorship: Uint8Array.of(9, 9) }),
    decode: (value) => decodeAuthorship(value, at(5)),
  },
  {
    name: "catalogue-entry",
    value: encodeCatalogueEntry(entry),
    decode: (value) => decodeCatalogueEntry(value, notes),
  },
  ...directory.map((one) => ({
    name: `directory-${one.kind}`,
    value: encodeDirectoryRecord(one),
    decode: (value: Uint8Array) => decodeDirectoryRecord(directoryKeyOf(one), value),
  })),
  {
    name: "directory-audit",
    value: encodeAuditEntry(audited, 10),
    decode: (value) => decodeAuditEntry(auditKey(notes, 10), value),
  },
  { name: "mark", value: encodeMark({ format: 1, batch: 42 }), decode: decodeMark },
]

describe.each(formats)("the format of a $name", (format) => {
  it("is the golden one, which FORMAT.md shows", async () => {
    const golden = (await readFile(new URL(`golden/${format.name}.hex`, import.meta.url), "utf8")).trim()
    expect(Buffer.from(format.value).toString("hex")).toBe(golden)
    const paper = await readFile(new URL("../FORMAT.md", import.meta.url), "utf8")
    expect(paper.replace(/\s+/g, "")).toContain(golden)
  })

  it("shows every single flipped bit, and every cut", () => {
    for (let i = 0; i < format.value.length; i++) {
      for (let bit = 0; bit < 8; bit++) {
        const flipped = Uint8Array.from(format.value)
        flipped[i] = (flipped[i] ?? 0) ^ (1 << bit)
        expect(() => format.decode(flipped)).toThrow(StorageError)
      }
      expect(() => format.decode(format.value.subarray(0, i))).toThrow(StorageError)
    }
  })

  it("refuses hostile bytes with a StorageError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => format.decode(bytes)).toThrow(StorageError)
      }),
    )
  })

  it("refuses hostile fields under a right checksum with a StorageError, or reads them", async () => {
    const { crc32 } = await import("node:zlib")
    fc.assert(
      fc.property(fc.nat(format.value.length - 5), fc.uint8Array({ minLength: 1, maxLength: 8 }), (start, bytes) => {
        const value = Buffer.from(format.value)
        value.set(bytes.subarray(0, value.length - 4 - start), start)
        value.writeUInt32BE(crc32(value.subarray(0, -4)), value.length - 4)
        try {
          format.decode(value)
        } catch (error) {
          expect(error).toBeInstanceOf(StorageError)
        }
      }),
    )
  })
})

it("every golden file is tested", async () => {
  const files = await readdir(new URL("golden", import.meta.url))
  expect(files.sort()).toEqual(formats.map((format) => `${format.name}.hex`).sort())
})

describe("round trips", () => {
  const whole = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
  const records: fc.Arbitrary<NewRecord> = fc.record({
    sequence: whole.map((n) => seq(Math.max(n, 1))),
    kind: fc.constantFrom("body", "feed"),
    author: fc.string({ unit: "grapheme" }).map(asUserId),
    clientId: whole.map(asClientId),
    timeMs: whole,
    schema: fc.integer({ min: 0, max: 0xffffffff }),
    payload: fc.uint8Array({ maxLength: 300 }),
  })

  it("a record comes back with its batch and its checksum", () => {
    fc.assert(
      fc.property(records, whole, (one, batch) => {
        const { value, checksum } = encodeRecord(one, batch)
        const back = decodeRecord(value, { document: notes, sequence: one.sequence })
        expect({ ...back, payload: [...back.payload] }).toEqual({
          ...one,
          payload: [...one.payload],
          batch,
          checksum,
        })
      }),
    )
  })

  it("a record under another sequence's key is refused", () => {
    expect(() => decodeRecord(record, at(8))).toThrow(/record 8 of "notes".*record 7/)
  })

  it("a head comes back, and only for its own document", () => {
    expect(decodeHead(encodeHead(head), notes)).toEqual(head)
    expect(() => decodeHead(encodeHead(head), name("other"))).toThrow(/"other".*"notes"/)
  })

  it("a name and a title come back as they are, a byte order mark at their beginning too", () => {
    const marked = { ...entry, document: name("\ufeffnotes"), title: "\ufeffPlan" }
    expect(decodeCatalogueEntry(encodeCatalogueEntry(marked), marked.document)).toEqual(marked)
    expect(decodeHead(encodeHead({ ...head, document: marked.document }), marked.document).document).toBe("\ufeffnotes")
  })

  it("a head whose numbers do not fit together is refused", () => {
    for (const wrong of [{ sequence: seq(0) }, { snapshotSequence: seq(8) }, { retainedFrom: seq(7) }]) {
      expect(() => decodeHead(encodeHead({ ...head, ...wrong }), notes)).toThrow(/do not fit together/)
    }
  })

  it("a history chunk comes back in order", () => {
    const chunk = decodeChunk(encodeChunk(seq(6), seq(9), [record, encodeRecord(bodyRecord(9), 4).value]), at(9))
    expect(chunk.records.map((one) => one.sequence)).toEqual([7, 9])
    const shuffled = encodeChunk(seq(6), seq(9), [encodeRecord(bodyRecord(9), 4).value, record])
    expect(() => decodeChunk(shuffled, at(9))).toThrow(/stands after/)
  })

  it("a catalogue entry comes back, and only for its own document", () => {
    expect(decodeCatalogueEntry(encodeCatalogueEntry(entry), notes)).toEqual(entry)
    expect(() => decodeCatalogueEntry(encodeCatalogueEntry(entry), name("other"))).toThrow(StorageError)
  })

  it("every record of the directory comes back, and only under its own key", () => {
    for (const one of directory) {
      expect(decodeDirectoryRecord(directoryKeyOf(one), encodeDirectoryRecord(one))).toEqual(one)
      for (const other of directory.filter(({ kind }) => kind !== one.kind)) {
        expect(() => decodeDirectoryRecord(directoryKeyOf(other), encodeDirectoryRecord(one))).toThrow(StorageError)
      }
    }
    expect(decodeAuditEntry(auditKey(notes, 10), encodeAuditEntry(audited, 10))).toEqual(audited)
    expect(() => decodeAuditEntry(auditKey(notes, 11), encodeAuditEntry(audited, 10))).toThrow(/entry 10/)
  })

  it("the directory takes texts and lists up to their bounds, and none beyond", () => {
    const [, , , access] = directory
    if (access?.kind !== "access") throw new Error("the fourth example is a document's access")
    const members = (count: number): DirectoryRecord => ({
      ...access,
      members: Array.from({ length: count }, (_, i) => ({ user: `u${i}`, role: "viewer" })),
    })
    const named = (bytes: number): DirectoryRecord => ({
      ...access,
      members: [{ user: "é".repeat(bytes / 2), role: "viewer" }],
    })
    for (const one of [members(DIRECTORY_LIMITS.members), named(DIRECTORY_LIMITS.textBytes)]) {
      expect(decodeDirectoryRecord(directoryKeyOf(access), encodeDirectoryRecord(one))).toEqual(one)
    }
    for (const one of [members(DIRECTORY_LIMITS.members + 1), named(DIRECTORY_LIMITS.textBytes + 2)]) {
      expect(() => encodeDirectoryRecord(one)).toThrow(TypeError)
    }
  })
})
