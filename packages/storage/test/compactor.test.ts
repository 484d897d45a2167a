import { FakeClock } from "@quire/testing"
import { describe, expect, it } from "vitest"
import { COMPACTION_RETRY_FIRST_MS, FOLD_REST_TIMES, URGENT_TIMES } from "../src/compaction.js"
import { decodeAuthorship, decodeChunk } from "../src/folded.js"
import type { DocumentLog, FoldInput } from "../src/index.js"
import { keyId, Range } from "../src/keys.js"
import { FakeDisk } from "./fake-disk.js"
import {
  bodyRecord,
  bodyText,
  concatenate,
  feedRecord,
  feedText,
  name,
  numbered,
  ORIGIN,
  openLog,
  seq,
  until,
} from "./world.js"

const a = name("a")
const TIGHT = { tailRecords: 10, retainedBytes: 250 } // three or four records stay

async function appendMany(log: DocumentLog, from: number, to: number): Promise<void> {
  for (let i = from; i <= to; i++) await log.append(a, i % 5 === 0 ? feedRecord(i) : bodyRecord(i), ORIGIN)
}

/** Batches on disk that carried a snapshot. */
function countFolds(disk: FakeDisk): { count: number } {
  const folds = { count: 0 }
  let isFold = false
  disk.onBatch = (_, operations) => {
    isFold = operations.some((operation) => operation.type === "put" && operation.key[0] === Range.Snapshot)
    return undefined
  }
  disk.onPersisted = () => {
    if (isFold) folds.count++
  }
  return folds
}

describe("compaction", () => {
  it("folds the body of a long tail, and leaves body and feed as they were to a reader", async () => {
    const disk = new FakeDisk()
    const folds = countFolds(disk)
    const { log, reports } = await openLog({ openLevel: disk.openLevel, compaction: TIGHT })
    await appendMany(log, 1, 60)
    await until(() => folds.count >= 4)
    const loaded = await log.load(a)
    const body = Array.from({ length: 60 }, (_, i) => i + 1).filter((i) => i % 5 !== 0)
    expect(bodyText(loaded)).toBe(body.map((i) => `[${i}]`).join(""))
    expect(feedText(loaded)).toBe("<5><10><15><20><25><30><35><40><45><50><55><60>")
    expect(loaded?.head.snapshotSequence).toBeGreaterThan(40)
    expect(Buffer.from(loaded?.snapshot?.deleteSet ?? []).toString()).toBe("deletions")
    expect(loaded?.tail.map((r) => r.sequence)).toEqual(
      [...(loaded?.tail ?? [])].map((r) => r.sequence).sort((x, y) => x - y),
    )
    expect(reports).toEqual([])
  })

  it("keeps the newest folded records readable one by one, older ones not", async () => {
    const disk = new FakeDisk()
    const folds = countFolds(disk)
    const { log } = await openLog({ openLevel: disk.openLevel, compaction: TIGHT })
    for (let i = 1; i <= 10; i++) await log.append(a, bodyRecord(i), ORIGIN)
    await until(() => folds.count === 1)
    const { head } = (await log.load(a)) ?? { head: undefined }
    expect(head?.snapshotSequence).toBe(10)
    const from = head?.retainedFrom ?? 0
    expect(from).toBeGreaterThan(1)
    expect(from).toBeLessThanOrEqual(10)
    expect(await log.read(a, seq(from - 2))).toBeUndefined()
    expect((await log.read(a, seq(from - 1)))?.map((record) => record.sequence)).toEqual(
      Array.from({ length: 11 - from }, (_, i) => from + i),
    )
    expect(await log.record(a, seq(from - 1))).toBeUndefined()
    expect((await log.record(a, seq(10)))?.checksum).toBe(head?.checksum)
  })

  it("keeps folded records as history, without a hole, and authorship beside them", async () => {
    const disk = new FakeDisk()
    const folds = countFolds(disk)
    const { log } = await openLog({ openLevel: disk.openLevel, compaction: TIGHT })
    await appendMany(log, 1, 60)
    await until(() => folds.count >= 4)
    const { head } = (await log.load(a)) ?? { head: undefined }
    const chunks = inRange(disk, Range.History).map(({ sequence, value }) =>
      decodeChunk(value, { document: a, sequence: seq(sequence) }),
    )
    let next = 1
    for (const chunk of chunks) {
      expect(chunk.first).toBe(next)
      next = chunk.last + 1
    }
    expect(next).toBe(head?.retainedFrom)
    const kept = chunks.flatMap((chunk) => chunk.records.map((record) => record.sequence))
    expect(kept).toEqual(Array.from({ length: next - 1 }, (_, i) => i + 1).filter((i) => i % 5 !== 0))
    const authorship = inRange(disk, Range.Authorship).map(({ sequence, value }) =>
      decodeAuthorship(value, { document: a, sequence: seq(sequence) }),
    )
    expect(authorship.map((part) => part.first)).toEqual([1, ...authorship.slice(0, -1).map((part) => part.last + 1)])
    expect(inRange(disk, Range.Snapshot)).toHaveLength(1)
  })

  it("never holds up appends, and leaves what comes during a fold as the new tail", async () => {
    const disk = new FakeDisk()
    let finish = (): void => {}
    let folding: FoldInput | undefined
    const { log } = await openLog({
      openLevel: disk.openLevel,
      compaction: TIGHT,
      fold: async (input) => {
        folding = input
        await new Promise<void>((resolve) => {
          finish = resolve
        })
        return await concatenate(input)
      },
    })
    for (let i = 1; i <= 10; i++) await log.append(a, bodyRecord(i), ORIGIN)
    await until(() => folding !== undefined)
    for (let i = 11; i <= 14; i++) await log.append(a, bodyRecord(i), ORIGIN)
    expect((await log.load(a))?.head.snapshotSequence).toBe(0)
    const folds = countFolds(disk)
    finish()
    await until(() => folds.count === 1)
    await log.append(a, bodyRecord(15), ORIGIN)
    const loaded = await log.load(a)
    expect(loaded?.head).toMatchObject({ snapshotSequence: 10, tailRecords: 5, sequence: 15 })
    expect(bodyText(loaded)).toBe(numbered(1, 15))
  })

  it("folds one document at a time", async () => {
    let running = 0
    let most = 0
    let done = 0
    const { log } = await openLog({
      openLevel: new FakeDisk().openLevel,
      compaction: TIGHT,
      fold: async (input) => {
        most = Math.max(most, ++running)
        await new Promise((resolve) => setImmediate(resolve))
        running--
        done++
        return await concatenate(input)
      },
    })
    const documents = ["a", "b", "c"].map(name)
    for (let i = 1; i <= 10; i++) {
      await Promise.all(documents.map((document) => log.append(document, bodyRecord(i), ORIGIN)))
    }
    await until(() => done >= 3)
    expect(most).toBe(1)
  })

  it("reports a fold that fails, changes nothing, and tries again later", async () => {
    const disk = new FakeDisk()
    const folds = countFolds(disk)
    let tries = 0
    const { log, clock, reports } = await openLog({
      openLevel: disk.openLevel,
      compaction: TIGHT,
      fold: async (input) => {
        if (++tries === 1) throw new Error("the worker died")
        return await concatenate(input)
      },
    })
    for (let i = 1; i <= 10; i++) await log.append(a, bodyRecord(i), ORIGIN)
    await until(() => reports.length > 0)
    const retryMs = COMPACTION_RETRY_FIRST_MS
    expect(reports).toEqual([{ kind: "compaction-failed", document: a, reason: "the worker died", retryMs }])
    await log.append(a, bodyRecord(11), ORIGIN)
    expect(tries).toBe(1)
    clock.advance(retryMs)
    await log.append(a, bodyRecord(12), ORIGIN)
    await until(() => folds.count === 1)
    await log.append(a, bodyRecord(13), ORIGIN)
    expect(bodyText(await log.load(a))).toBe(numbered(1, 13))
    expect((await log.load(a))?.head.snapshotSequence).toBe(12)
  })

  it("takes an empty update for a failure", async () => {
    const { log, reports } = await openLog({
      openLevel: new FakeDisk().openLevel,
      compaction: TIGHT,
      fold: async (input) => ({ ...(await concatenate(input)), update: new Uint8Array() }),
    })
    for (let i = 1; i <= 10; i++) await log.append(a, bodyRecord(i), ORIGIN)
    await until(() => reports.length > 0)
    expect(bodyText(await log.load(a))).toBe(numbered(1, 10))
  })

  it("lets a document that is written to without end rest after a fold, then folds all of its new tail at once", async () => {
    const disk = new FakeDisk()
    const folds = countFolds(disk)
    const clock = new FakeClock()
    const { log } = await openLog({
      openLevel: disk.openLevel,
      compaction: TIGHT,
      clock,
      fold: async (input) => {
        clock.advance(100)
        return await concatenate(input)
      },
    })
    for (let i = 1; i <= 10; i++) await log.append(a, bodyRecord(i), ORIGIN)
    await until(() => folds.count === 1)
    for (let i = 11; i <= 50; i++) await log.append(a, bodyRecord(i), ORIGIN)
    expect(folds.count).toBe(1)
    clock.advance(FOLD_REST_TIMES * 100)
    await until(() => folds.count === 2)
    expect((await log.load(a))?.head).toMatchObject({ snapshotSequence: 50, tailRecords: 0 })
    expect(bodyText(await log.load(a))).toBe(numbered(1, 50))
    await log.close()
    expect(clock.pending).toBe(0)
  })

  it("folds a tail that has become very long without waiting for the end of the rest", async () => {
    const disk = new FakeDisk()
    const folds = countFolds(disk)
    const clock = new FakeClock()
    const { log } = await openLog({
      openLevel: disk.openLevel,
      compaction: TIGHT,
      clock,
      fold: async (input) => {
        clock.advance(100)
        return await concatenate(input)
      },
    })
    for (let i = 1; i <= 10; i++) await log.append(a, bodyRecord(i), ORIGIN)
    await until(() => folds.count === 1)
    const urgent = URGENT_TIMES * TIGHT.tailRecords
    for (let i = 11; i < 10 + urgent; i++) await log.append(a, bodyRecord(i), ORIGIN)
    expect(folds.count).toBe(1)
    await log.append(a, bodyRecord(10 + urgent), ORIGIN)
    await until(() => folds.count === 2)
    expect(bodyText(await log.load(a))).toBe(numbered(1, 10 + urgent))
  })

  it("drops the result of a fold that outlives the log", async () => {
    const disk = new FakeDisk()
    let finish = (): void => {}
    let isFolding = false
    const { log, reports, directory } = await openLog({
      openLevel: disk.openLevel,
      compaction: TIGHT,
      fold: async (input) => {
        isFolding = true
        await new Promise<void>((resolve) => {
          finish = resolve
        })
        return await concatenate(input)
      },
    })
    for (let i = 1; i <= 10; i++) await log.append(a, bodyRecord(i), ORIGIN)
    await until(() => isFolding)
    await log.close()
    finish()
    expect(reports).toEqual([])
    const again = await openLog({ openLevel: disk.openLevel, directory })
    expect(bodyText(await again.log.load(a))).toBe(numbered(1, 10))
  })
})

function inRange(disk: FakeDisk, range: number): { sequence: number; value: Uint8Array }[] {
  const prefix = Buffer.concat([Uint8Array.of(range), keyId(a)]).toString("hex")
  return [...disk.files]
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => ({ sequence: Number.parseInt(key.slice(prefix.length), 16), value }))
    .sort((x, y) => x.sequence - y.sequence)
}
