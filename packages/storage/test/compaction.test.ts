import { describe, expect, it } from "vitest"
import { COMPACTION, headAfterFold, planFold, shouldCompact } from "../src/compaction.js"
import { bornHead } from "../src/head.js"
import type { DocumentHead, NewRecord } from "../src/index.js"
import { decodeRecord, encodeRecord } from "../src/record.js"
import { bodyRecord, feedRecord, name, ORIGIN, seq } from "./world.js"

const born = bornHead(name("a"), ORIGIN)
const head = (part: Partial<DocumentHead>): DocumentHead => ({ ...born, ...part })
const raw = (record: NewRecord) => {
  const { value } = encodeRecord(record, 1)
  return { value, record: decodeRecord(value, { document: name("a"), sequence: record.sequence }) }
}

describe("shouldCompact", () => {
  it("waits for 64 KiB, or for as much as the snapshot has", () => {
    expect(shouldCompact(head({ tailRecords: 1, tailBytes: 65_535 }), COMPACTION)).toBe(false)
    expect(shouldCompact(head({ tailRecords: 1, tailBytes: 65_536 }), COMPACTION)).toBe(true)
    expect(shouldCompact(head({ tailRecords: 9, tailBytes: 65_536, snapshotBytes: 65_537 }), COMPACTION)).toBe(false)
    expect(shouldCompact(head({ tailRecords: 9, tailBytes: 65_537, snapshotBytes: 65_537 }), COMPACTION)).toBe(true)
  })

  it("waits no longer than 2,000 body records", () => {
    expect(shouldCompact(head({ tailRecords: 1_999, tailBytes: 9 }), COMPACTION)).toBe(false)
    expect(shouldCompact(head({ tailRecords: 2_000, tailBytes: 9, snapshotBytes: 1e9 }), COMPACTION)).toBe(true)
    expect(shouldCompact(head({ tailRecords: 0, sequence: seq(5_000) }), COMPACTION)).toBe(false)
  })
})

describe("planFold", () => {
  const records = [bodyRecord(1), bodyRecord(2), feedRecord(3), bodyRecord(4), bodyRecord(5)].map(raw)
  const size = records[0]?.value.length ?? 0
  const retaining = (retainedBytes: number) => ({ ...COMPACTION, retainedBytes })

  it("counts what is folded and what is passed over", () => {
    const now = head({ sequence: seq(5), snapshotSequence: seq(1) })
    expect(planFold(now, records, COMPACTION)).toEqual({
      foldedThrough: 5,
      retainedFrom: 1,
      foldedRecords: 3,
      foldedBytes: 3 * size,
      passedFeedRecords: 1,
    })
  })

  it("keeps the newest body records up to its bound, and no more", () => {
    const now = head({ sequence: seq(5) })
    expect(planFold(now, records, retaining(0)).retainedFrom).toBe(6)
    expect(planFold(now, records, retaining(size)).retainedFrom).toBe(5)
    expect(planFold(now, records, retaining(2 * size)).retainedFrom).toBe(3)
    expect(planFold(now, records, retaining(3 * size - 1)).retainedFrom).toBe(3)
    expect(planFold(now, records, retaining(3 * size)).retainedFrom).toBe(2)
  })

  it("leaves what came during the fold as the new tail", () => {
    const then = head({ sequence: seq(5), tailRecords: 4, tailBytes: 4 * size })
    const now = head({ sequence: seq(7), tailRecords: 6, tailBytes: 6 * size, batch: 8 })
    const after = headAfterFold(now, planFold(then, records, COMPACTION), { snapshotBytes: 30, batch: 9 })
    expect(after).toMatchObject({
      sequence: 7,
      snapshotSequence: 5,
      snapshotBytes: 30,
      tailRecords: 2,
      tailBytes: 2 * size,
      foldedFeedRecords: 1,
      batch: 9,
    })
  })
})
