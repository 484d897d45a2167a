import { describe, expect, it } from "vitest"
import type { Log } from "../src/index.js"
import { bodyRecord, bodyText, feedRecord, feedText, name, numbered, ORIGIN, seq } from "./world.js"

/** How the suite makes logs. */
export interface LogUnderTest {
  readonly log: Log
  /** Close the log and open another on what it left. */
  reopen(): Promise<Log>
}

/** The suite that every implementation of `Log` passes. */
export function logContract(title: string, open: () => Promise<LogUnderTest>): void {
  const a = name("a")
  const b = name("b")

  describe(`a Log on ${title}`, () => {
    it("knows nothing of a document never written", async () => {
      const { log } = await open()
      expect(await log.load(a)).toBeUndefined()
      expect(await log.record(a, seq(1))).toBeUndefined()
      expect(await log.read(a, seq(0))).toEqual([])
      expect(await log.read(a, seq(1))).toBeUndefined()
    })

    it("returns every field of a record as it was appended", async () => {
      const { log, reopen } = await open()
      const record = bodyRecord(1, { payload: Uint8Array.of(0, 255, 7), schema: 3 })
      const { sequence, checksum } = await log.append(a, record, ORIGIN)
      expect(sequence).toBe(1)
      const again = await reopen()
      const stored = await again.record(a, seq(1))
      expect(stored).toMatchObject({ ...record, payload: expect.anything(), checksum })
      expect([...(stored?.payload ?? [])]).toEqual([0, 255, 7])
      const loaded = await again.load(a)
      expect(loaded?.head).toMatchObject({
        document: a,
        kind: "page",
        epoch: ORIGIN.epoch,
        createdMs: ORIGIN.createdMs,
        changedMs: record.timeMs,
        sequence: 1,
        checksum,
        schema: 3,
        snapshotSequence: 0,
      })
      expect(loaded?.snapshot).toBeUndefined()
    })

    it("takes appends without waiting for one another, and keeps their order", async () => {
      const { log, reopen } = await open()
      const acknowledged: number[] = []
      const appends: Promise<unknown>[] = []
      for (let i = 1; i <= 100; i++) {
        appends.push(log.append(a, bodyRecord(i), ORIGIN).then(({ sequence }) => acknowledged.push(sequence)))
        appends.push(log.append(b, bodyRecord(i), ORIGIN))
      }
      await Promise.all(appends)
      expect(acknowledged).toEqual(Array.from({ length: 100 }, (_, i) => i + 1))
      const again = await reopen()
      expect(bodyText(await again.load(a))).toBe(numbered(1, 100))
      expect(bodyText(await again.load(b))).toBe(numbered(1, 100))
    })

    it("refuses an append that is not the next one, and takes the next one", async () => {
      const { log } = await open()
      await log.append(a, bodyRecord(1), ORIGIN)
      await expect(log.append(a, bodyRecord(1), ORIGIN)).rejects.toMatchObject({ code: "QUIRE_STORAGE_SEQUENCE" })
      await expect(log.append(a, bodyRecord(3), ORIGIN)).rejects.toMatchObject({ code: "QUIRE_STORAGE_SEQUENCE" })
      await expect(log.append(b, bodyRecord(2), ORIGIN)).rejects.toMatchObject({ code: "QUIRE_STORAGE_SEQUENCE" })
      await log.append(a, bodyRecord(2), ORIGIN)
      expect(bodyText(await log.load(a))).toBe(numbered(1, 2))
    })

    it("refuses fields out of range, and takes the same sequence afterwards", async () => {
      const { log } = await open()
      const wrong = [{ timeMs: -1 }, { schema: 2 ** 32 }, { timeMs: 0.5 }]
      for (const part of wrong) await expect(log.append(a, bodyRecord(1, part), ORIGIN)).rejects.toThrow(TypeError)
      await expect(log.append(a, bodyRecord(1), { ...ORIGIN, epoch: "x" })).rejects.toThrow(TypeError)
      await log.append(a, bodyRecord(1), ORIGIN)
    })

    it("keeps a document's origin from its first append", async () => {
      const { log } = await open()
      await log.append(a, bodyRecord(1), ORIGIN)
      await log.append(a, bodyRecord(2), { kind: "plain", epoch: "ffffffffffffffff", createdMs: 0 })
      expect((await log.load(a))?.head).toMatchObject(ORIGIN)
    })

    it("reads on from a sequence", async () => {
      const { log } = await open()
      for (let i = 1; i <= 5; i++) await log.append(a, i === 4 ? feedRecord(i) : bodyRecord(i), ORIGIN)
      const sequences = async (after: number): Promise<number[] | undefined> =>
        (await log.read(a, seq(after)))?.map((record) => record.sequence)
      expect(await sequences(0)).toEqual([1, 2, 3, 4, 5])
      expect(await sequences(3)).toEqual([4, 5])
      expect(await sequences(5)).toEqual([])
      expect(await sequences(6)).toBeUndefined()
    })

    it("keeps body and feed in one order", async () => {
      const { log } = await open()
      await Promise.all([
        log.append(a, bodyRecord(1), ORIGIN),
        log.append(a, feedRecord(2), ORIGIN),
        log.append(a, bodyRecord(3), ORIGIN),
      ])
      const loaded = await log.load(a)
      expect(bodyText(loaded)).toBe("[1][3]")
      expect(feedText(loaded)).toBe("<2>")
      expect(loaded?.tail.map((record) => record.sequence)).toEqual([1, 2, 3])
    })

    it("keeps documents apart whose names begin alike or are not ASCII", async () => {
      const { log, reopen } = await open()
      const names = ["a", "a/", "a\u00ff", "ä", "a\u0308", "x".repeat(256), `${"x".repeat(255)}y`, "日本", "🙂"].map(
        name,
      )
      await Promise.all(
        names.map((document) => log.append(document, bodyRecord(1, { payload: Buffer.from(document) }), ORIGIN)),
      )
      const again = await reopen()
      for (const document of names) expect(bodyText(await again.load(document))).toBe(document)
    })

    it("finishes the appends in hand when it is closed, and takes none afterwards", async () => {
      const { log, reopen } = await open()
      const inHand = log.append(a, bodyRecord(1), ORIGIN)
      const closing = log.close()
      await expect(log.append(a, bodyRecord(2), ORIGIN)).rejects.toMatchObject({ code: "QUIRE_STORAGE_CLOSED" })
      await inHand
      await closing
      await log.close()
      await expect(log.load(a)).rejects.toMatchObject({ code: "QUIRE_STORAGE_CLOSED" })
      expect(bodyText(await (await reopen()).load(a))).toBe("[1]")
    })

    it("is healthy, and says so with the same object", async () => {
      const { log } = await open()
      expect(log.getHealth()).toEqual({ kind: "ok" })
      expect(log.getHealth()).toBe(log.getHealth())
      log.subscribe(() => {})()
    })
  })
}
