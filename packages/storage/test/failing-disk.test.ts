import { rename } from "node:fs/promises"
import { describe, expect, it } from "vitest"
import type { DocumentLog } from "../src/index.js"
import { diskFull, FakeDisk, type Fault } from "./fake-disk.js"
import {
  bodyRecord,
  bodyText,
  drive,
  feedRecord,
  feedText,
  name,
  numbered,
  type OpenedLog,
  ORIGIN,
  openLog,
  seq,
  until,
} from "./world.js"

const a = name("a")
const b = name("b")

async function failingWorld(): Promise<OpenedLog & { disk: FakeDisk }> {
  const disk = new FakeDisk()
  const opened = await openLog({ openLevel: disk.openLevel })
  await opened.log.append(a, bodyRecord(1), ORIGIN)
  return { ...opened, disk }
}

/** The next batch goes wrong, once. */
function breakNextBatch(disk: FakeDisk, fault: Fault): void {
  const next = disk.batches + 1
  disk.onBatch = (n) => (n === next ? fault : undefined)
}

/** A flag that turns once a promise has settled. */
function watch(promise: Promise<unknown>): { isSettled: boolean } {
  const watched = { isSettled: false }
  const settle = (): void => {
    watched.isSettled = true
  }
  promise.then(settle, settle)
  return watched
}

const isFailing = (log: DocumentLog) => (): boolean => log.getHealth().kind === "failing"

describe("[L1] a failed write", () => {
  it.each(["fail", "fail-written"] as const)(
    "is not acknowledged until a reopened level has it (%s)",
    async (fault) => {
      const { log, clock, disk, directory } = await failingWorld()
      breakNextBatch(disk, fault)
      const second = log.append(a, bodyRecord(2), ORIGIN)
      const watched = watch(second)
      await until(isFailing(log))
      const third = log.append(a, bodyRecord(3), ORIGIN)
      expect(watched.isSettled).toBe(false)
      expect(disk.opens).toBe(1)
      expect(await drive(clock, second)).toMatchObject({ sequence: 2 })
      await drive(clock, third)
      expect(disk.opens).toBe(2)
      expect(log.getHealth()).toEqual({ kind: "ok" })
      await log.close()
      const again = await openLog({ openLevel: disk.copy().openLevel, directory })
      expect(bodyText(await again.log.load(a))).toBe(numbered(1, 3))
      expect(again.reports).toEqual([])
    },
  )

  it("is written again as it was: same records, same batch number", async () => {
    const { log, clock, disk } = await failingWorld()
    const seen: string[] = []
    const next = disk.batches + 1
    disk.onBatch = (n, operations) => {
      if (n === next || n === next + 1) {
        seen.push(operations.map((o) => `${hex(o.key)}=${o.type === "put" ? hex(o.value) : ""}`).join("\n"))
      }
      return n === next ? "fail" : undefined
    }
    await drive(clock, log.append(a, bodyRecord(2), ORIGIN))
    expect(seen).toHaveLength(2)
    expect(seen[1]).toBe(seen[0])
  })

  it("is not written twice if it was there after all", async () => {
    const { log, clock, disk } = await failingWorld()
    const before = disk.batches
    breakNextBatch(disk, "fail-written")
    await drive(clock, log.append(a, bodyRecord(2), ORIGIN))
    expect(disk.batches).toBe(before + 1)
  })

  it("says why in plain words, since when, and when it is over", async () => {
    const { log, clock, disk } = await failingWorld()
    const heard: string[] = []
    const undo = log.subscribe(() => heard.push(log.getHealth().kind))
    const sinceMs = clock.now()
    breakNextBatch(disk, "fail")
    const append = log.append(a, bodyRecord(2), ORIGIN)
    await until(isFailing(log))
    expect(log.getHealth()).toEqual({ kind: "failing", reason: "the disk is full", sinceMs })
    await drive(clock, append)
    expect(heard).toEqual(["failing", "ok"])
    undo()
    breakNextBatch(disk, "fail")
    await drive(clock, log.append(a, bodyRecord(3), ORIGIN))
    expect(heard).toHaveLength(2)
  })

  it("is tried again after 250 ms, doubling to 5 s, while the level does not even open", async () => {
    const { log, clock, disk } = await failingWorld()
    const triesMs: number[] = []
    const startMs = clock.now()
    breakNextBatch(disk, "fail")
    disk.onOpen = (n) => {
      triesMs.push(clock.now() - startMs)
      return n <= 9 ? diskFull() : undefined
    }
    const append = log.append(a, bodyRecord(2), ORIGIN)
    const watched = watch(append)
    while (triesMs.length < 8) {
      await until(() => clock.pending > 0)
      clock.advance(10)
    }
    expect(watched.isSettled).toBe(false)
    await drive(clock, append)
    expect(triesMs.slice(0, 8)).toEqual([250, 750, 1_750, 3_750, 7_750, 12_750, 17_750, 22_750])
  })

  it("lets reads through until the level is reopened, then has them wait for it", async () => {
    const { log, clock, disk } = await failingWorld()
    breakNextBatch(disk, "fail")
    const append = log.append(a, bodyRecord(2), ORIGIN)
    await until(isFailing(log))
    expect(bodyText(await log.load(a))).toBe("[1]")
    disk.onOpen = (n) => (n === 2 ? diskFull() : undefined)
    clock.advance(250)
    await until(() => disk.opens === 2)
    const load = log.load(a)
    const watched = watch(load)
    await until(() => clock.pending > 0)
    expect(watched.isSettled).toBe(false)
    await drive(clock, append)
    expect(bodyText(await load).startsWith("[1]")).toBe(true)
  })

  it("leaves the level open for readers as long as the folder takes no writes at all", async () => {
    const { log, clock, disk, directory } = await failingWorld()
    breakNextBatch(disk, "fail")
    const append = log.append(a, bodyRecord(2), ORIGIN)
    await until(isFailing(log))
    await rename(directory, `${directory}.away`)
    for (let i = 0; i < 4; i++) {
      await until(() => clock.pending > 0)
      expect(bodyText(await log.load(a))).toBe("[1]")
      clock.advance(5_000)
    }
    expect(disk.opens).toBe(1)
    await rename(`${directory}.away`, directory)
    await drive(clock, append)
    expect(bodyText(await log.load(a))).toBe("[1][2]")
  })

  it("keeps appends to documents not yet in memory waiting, too", async () => {
    const { log, clock, disk } = await failingWorld()
    breakNextBatch(disk, "fail")
    const first = log.append(a, bodyRecord(2), ORIGIN)
    await until(isFailing(log))
    await drive(clock, Promise.all([first, log.append(b, bodyRecord(1), ORIGIN), log.append(b, feedRecord(2), ORIGIN)]))
    expect(bodyText(await log.load(b))).toBe("[1]")
  })
})

describe("[L3] an acknowledged record that a reopened level does not have", () => {
  it("is reported with its document's name, which takes no more appends; others go on", async () => {
    const { log, clock, disk, reports } = await failingWorld()
    await log.append(b, bodyRecord(1), ORIGIN)
    const earlier = new Map(disk.files)
    await log.append(a, bodyRecord(2), ORIGIN)
    const next = disk.batches + 1
    disk.onBatch = (n) => {
      if (n !== next) return undefined
      disk.files = new Map(earlier) // the disk forgets what it had synced
      return "fail"
    }
    const third = log.append(a, bodyRecord(3), ORIGIN)
    const other = log.append(b, bodyRecord(2), ORIGIN)
    third.catch(() => {}) // looked at below
    await drive(clock, other)
    await expect(third).rejects.toMatchObject({ code: "QUIRE_STORAGE_CORRUPT" })
    expect(reports).toContainEqual({ kind: "lost-tail", document: a, acknowledged: 2, found: 1 })
    await expect(log.append(a, bodyRecord(4), ORIGIN)).rejects.toThrow(/"a"/)
    expect(bodyText(await log.load(a))).toBe("[1]")
    expect(bodyText(await log.load(b))).toBe("[1][2]")
    await log.append(b, bodyRecord(3), ORIGIN)
  })
})

describe("close while the disk refuses", () => {
  it("makes one last attempt, and resolves appends if it works", async () => {
    const { log, clock, disk } = await failingWorld()
    breakNextBatch(disk, "fail")
    const append = log.append(a, bodyRecord(2), ORIGIN)
    await until(isFailing(log))
    await log.close()
    await append
    expect(clock.pending).toBe(0)
    expect(disk.openHandles).toBe(0)
  })

  it.each([
    ["the level does not open", (disk: FakeDisk) => (disk.onOpen = () => diskFull())],
    ["batches go on failing", (disk: FakeDisk) => (disk.onBatch = () => "fail")],
  ])("rejects what it cannot write, and resolves: %s", async (_, breakDisk) => {
    const { log, clock, disk, directory } = await failingWorld()
    disk.onBatch = () => "fail"
    breakDisk(disk)
    const appends = [log.append(a, bodyRecord(2), ORIGIN), log.append(b, bodyRecord(1), ORIGIN)]
    await until(isFailing(log))
    appends.push(log.append(a, bodyRecord(3), ORIGIN), log.append(name("cold"), bodyRecord(1), ORIGIN))
    const outcomes = Promise.allSettled(appends)
    await log.close()
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "QUIRE_STORAGE_FULL" } })
    }
    expect(clock.pending).toBe(0)
    expect(disk.openHandles).toBe(0)
    const again = await openLog({ openLevel: disk.copy().openLevel, directory })
    expect(bodyText(await again.log.load(a))).toBe("[1]")
    expect(again.reports).toEqual([])
  })

  it("does the same when the failure begins while closing", async () => {
    const { log, disk } = await failingWorld()
    disk.onBatch = () => "fail"
    const append = log.append(a, bodyRecord(2), ORIGIN)
    append.catch(() => {}) // looked at below
    await log.close()
    await expect(append).rejects.toMatchObject({ code: "QUIRE_STORAGE_FULL" })
  })
})

describe("failing at every call", () => {
  /** Appends to three documents, body and feed, with compactions and titles between; says what was acknowledged. */
  async function script(log: DocumentLog, acknowledged: Map<string, number>): Promise<void> {
    const documents = [a, b, name("c")]
    await log.catalogue.create({ document: name("c"), kind: "plain", title: "C", timeMs: 1 })
    const all: Promise<unknown>[] = []
    for (let i = 1; i <= 12; i++) {
      for (const document of documents) {
        const record = i % 5 === 0 ? feedRecord(i) : bodyRecord(i)
        all.push(log.append(document, record, ORIGIN).then(({ sequence }) => acknowledged.set(document, sequence)))
      }
      if (i % 3 === 0) await Promise.all(all)
    }
    await log.catalogue.setTitle(a, "A", 5)
  }

  async function check(log: DocumentLog): Promise<void> {
    const body = [1, 2, 3, 4, 6, 7, 8, 9, 11, 12].map((i) => `[${i}]`).join("")
    for (const document of [a, b, name("c")]) {
      const loaded = await log.load(document)
      expect(bodyText(loaded)).toBe(body)
      expect(feedText(loaded)).toBe("<5><10>")
      expect(loaded?.head.kind).toBe(document === "c" ? "plain" : "page")
    }
    expect((await log.catalogue.get(a))?.title).toBe("A")
    expect((await log.catalogue.get(name("c")))?.title).toBe("C")
  }

  it.each([
    ["the n-th batch fails", (disk: FakeDisk, n: number) => (disk.onBatch = (i) => (i === n ? "fail" : undefined))],
    [
      "the n-th batch fails but was written",
      (disk: FakeDisk, n: number) => (disk.onBatch = (i) => (i === n ? "fail-written" : undefined)),
    ],
    [
      "the n-th batch fails, the next two openings as well, and then the batch again",
      (disk: FakeDisk, n: number) => {
        disk.onBatch = (i) => (i === n || i === n + 1 ? "fail" : undefined)
        disk.onOpen = (i) => (i === 2 || i === 3 ? diskFull() : undefined)
      },
    ],
  ])(
    "loses nothing and keeps the order: %s",
    async (_, breakDisk) => {
      for (let n = 2, isOver = false; !isOver; n++) {
        const disk = new FakeDisk()
        breakDisk(disk, n)
        const { log, clock, reports, directory } = await openLog({
          openLevel: disk.openLevel,
          compaction: { tailRecords: 4, retainedBytes: 150 },
        })
        const acknowledged = new Map<string, number>()
        await drive(clock, script(log, acknowledged))
        expect([...acknowledged.values()]).toEqual([12, 12, 12])
        await check(log)
        await log.close()
        expect(reports).toEqual([])
        isOver = disk.batches < n
        const again = await openLog({ openLevel: disk.copy().openLevel, directory })
        await check(again.log)
        expect(again.reports).toEqual([])
        expect((await again.log.load(a))?.head.sequence).toBe(seq(12))
      }
    },
    30_000,
  )
})

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex")
}
