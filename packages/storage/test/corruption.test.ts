import { describe, expect, it } from "vitest"
import { describeReport } from "../src/index.js"
import { documentKey, keyId, Range, sequenceKey } from "../src/keys.js"
import { FakeDisk } from "./fake-disk.js"
import { bodyRecord, bodyText, feedRecord, name, type OpenedLog, ORIGIN, openLog, seq, until } from "./world.js"

const hurt = name("hurt")
const sound = name("sound")

/** A closed log of two documents, each with a snapshot, a feed and a tail. */
async function stopped(): Promise<{ disk: FakeDisk; directory: string }> {
  const disk = new FakeDisk()
  const { log, directory } = await openLog({
    openLevel: disk.openLevel,
    compaction: { tailRecords: 8, retainedBytes: 200 },
  })
  for (const document of [hurt, sound]) {
    for (let i = 1; i <= 9; i++) {
      await log.append(document, i === 4 ? feedRecord(i) : bodyRecord(i), ORIGIN)
      if (i === 9) await until(() => has(disk, document, 9))
    }
    for (let i = 10; i <= 12; i++) await log.append(document, bodyRecord(i), ORIGIN)
    const { head } = (await log.load(document)) ?? {}
    expect(head).toMatchObject({ snapshotSequence: 9, foldedFeedRecords: 1, tailRecords: 3 })
  }
  await log.close()
  return { disk, directory }
}

function has(disk: FakeDisk, document: typeof hurt, snapshot: number): boolean {
  return disk.files.has(hex(sequenceKey(Range.Snapshot, keyId(document), snapshot)))
}

async function reopen(disk: FakeDisk): Promise<OpenedLog> {
  return await openLog({ openLevel: disk.copy().openLevel })
}

const hurtRecord = (sequence: number): string => hex(sequenceKey(Range.Record, keyId(hurt), sequence))
const hurtHead = hex(documentKey(Range.Head, keyId(hurt)))
const hurtSnapshot = hex(sequenceKey(Range.Snapshot, keyId(hurt), 9))

describe("a damaged document", () => {
  it.each<[string, (files: Map<string, Uint8Array>) => void]>([
    ["its head is missing", (files) => files.delete(hurtHead)],
    ["its head is another's", (files) => files.set(hurtHead, get(files, hex(documentKey(Range.Head, keyId(sound)))))],
    ["its snapshot is missing", (files) => files.delete(hurtSnapshot)],
    ["its first record after the snapshot is missing", (files) => files.delete(hurtRecord(10))],
    ["a record in the middle is missing", (files) => files.delete(hurtRecord(11))],
    ["its last record is missing", (files) => files.delete(hurtRecord(12))],
    ["a record is another", (files) => files.set(hurtRecord(11), get(files, hurtRecord(12)))],
    ["its feed lacks a record", (files) => files.delete(hurtRecord(4))],
    ["a record stands behind its end", (files) => files.set(hurtRecord(13), get(files, hurtRecord(12)))],
    ["a byte of its head flipped", (files) => flip(files, hurtHead)],
    ["a byte of its snapshot flipped", (files) => flip(files, hurtSnapshot)],
    ["a byte of its tail flipped", (files) => flip(files, hurtRecord(11))],
    ["a byte of its feed flipped", (files) => flip(files, hurtRecord(4))],
  ])("is refused by name and reported once, and no other document is: %s", async (_, damage) => {
    const { disk } = await stopped()
    damage(disk.files)
    const { log, reports } = await reopen(disk)
    reports.length = 0 // the ledger is not this test's
    for (let i = 0; i < 2; i++) {
      await expect(log.load(hurt)).rejects.toMatchObject({ code: "QUIRE_STORAGE_CORRUPT" })
      await expect(log.load(hurt)).rejects.toThrow(/"hurt"/)
    }
    expect(reports).toHaveLength(1)
    expect(reports[0]).toMatchObject({ kind: "document-damaged", document: hurt })
    expect(reports.map(describeReport).join()).toContain(`"hurt"`)
    expect(bodyText(await log.load(sound))).toContain("[12]")
    await log.append(sound, bodyRecord(13), ORIGIN)
  })

  it("takes no append without its head, or with records behind its end", async () => {
    const { disk } = await stopped()
    const headless = disk.copy()
    headless.files.delete(hurtHead)
    const first = await openLog({ openLevel: headless.openLevel })
    await expect(first.log.append(hurt, bodyRecord(1), ORIGIN)).rejects.toMatchObject({ code: "QUIRE_STORAGE_CORRUPT" })
    const longer = disk.copy()
    longer.files.set(hurtRecord(13), get(longer.files, hurtRecord(12)))
    const second = await openLog({ openLevel: longer.openLevel })
    await expect(second.log.append(hurt, bodyRecord(13), ORIGIN)).rejects.toMatchObject({
      code: "QUIRE_STORAGE_CORRUPT",
    })
  })

  it("is left out of the library's list when nothing readable names it, and reported", async () => {
    const { disk } = await stopped()
    flip(disk.files, hurtHead)
    const { log, reports } = await reopen(disk)
    expect((await log.catalogue.list()).map((entry) => entry.document)).toEqual([sound])
    expect(reports.at(-1)).toMatchObject({ kind: "document-damaged", document: undefined })
  })

  it("shows any single flipped byte of the whole store, or comes back as it was", async () => {
    const { disk } = await stopped()
    const intact = new Map<string, string>()
    const whole = await reopen(disk)
    for (const document of [hurt, sound]) intact.set(document, bodyText(await whole.log.load(document)))
    for (const key of disk.files.keys()) {
      if (key === hex(Uint8Array.of(Range.Mark))) continue // refused at open, see below
      const broken = disk.copy()
      flip(broken.files, key)
      const { log } = await openLog({ openLevel: broken.openLevel })
      const outcomes = await Promise.allSettled([log.load(hurt), log.load(sound)])
      const refused = outcomes.filter((outcome) => outcome.status === "rejected")
      expect(refused.length).toBeLessThanOrEqual(1)
      outcomes.forEach((outcome, i) => {
        if (outcome.status === "fulfilled") expect(bodyText(outcome.value)).toBe(intact.get([hurt, sound][i] ?? ""))
      })
      await log.close()
    }
  })

  it("is not what a damaged mark means: then the store itself is refused", async () => {
    const { disk } = await stopped()
    flip(disk.files, hex(Uint8Array.of(Range.Mark)))
    await expect(reopen(disk)).rejects.toMatchObject({ code: "QUIRE_STORAGE_CORRUPT" })
  })

  it("refuses a record that was altered when only that is read", async () => {
    const { disk } = await stopped()
    flip(disk.files, hurtRecord(12))
    const { log } = await reopen(disk)
    await expect(log.record(hurt, seq(12))).rejects.toMatchObject({ code: "QUIRE_STORAGE_CORRUPT" })
    await expect(log.read(hurt, seq(11))).rejects.toMatchObject({ code: "QUIRE_STORAGE_CORRUPT" })
    expect(await log.record(hurt, seq(11))).toBeDefined()
  })
})

function flip(files: Map<string, Uint8Array>, key: string): void {
  const value = Uint8Array.from(get(files, key))
  const at = Math.floor(value.length / 2)
  value[at] = (value[at] ?? 0) ^ 4
  files.set(key, value)
}

function get(files: Map<string, Uint8Array>, key: string): Uint8Array {
  const value = files.get(key)
  if (value === undefined) throw new Error(`no ${key}`)
  return value
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex")
}
