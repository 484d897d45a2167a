import { describe, expect, it } from "vitest"
import { logContract } from "./contract.js"
import { FakeDisk } from "./fake-disk.js"
import { bodyRecord, bodyText, name, numbered, ORIGIN, openLevelDb, openLog, until } from "./world.js"

logContract("a MemoryLevel", async () => {
  const disk = new FakeDisk()
  const { log, directory } = await openLog({ openLevel: disk.openLevel })
  return {
    log,
    reopen: async () => {
      await log.close()
      return (await openLog({ openLevel: disk.openLevel, directory })).log
    },
  }
})

logContract("LevelDB", async () => {
  const { log, directory } = await openLog({ openLevel: openLevelDb })
  return {
    log,
    reopen: async () => {
      await log.close()
      return (await openLog({ openLevel: openLevelDb, directory })).log
    },
  }
})

describe("group commit", () => {
  it("writes appends of one turn in one batch, and what comes during a batch in the next", async () => {
    const disk = new FakeDisk()
    const { log } = await openLog({ openLevel: disk.openLevel })
    const [a, b] = [name("a"), name("b")]
    await Promise.all([log.append(a, bodyRecord(1), ORIGIN), log.append(b, bodyRecord(1), ORIGIN)])
    const before = disk.batches
    let later: Promise<unknown>[] = []
    disk.onBatch = (n) => {
      if (n === before + 1) {
        later = [2, 3, 4].map((i) => log.append(b, bodyRecord(i), ORIGIN))
      }
      return undefined
    }
    await Promise.all([2, 3].map((i) => log.append(a, bodyRecord(i), ORIGIN)))
    await Promise.all(later)
    expect(disk.batches).toBe(before + 2)
  })

  it("lets a busy store's batches gather for a moment, and never keeps waiting who writes alone", async () => {
    const disk = new FakeDisk()
    const { log, clock } = await openLog({ openLevel: disk.openLevel, batchSpacingMs: 3 })
    const [a, b] = [name("a"), name("b")]
    // Alone: one after the other, and no time passes.
    for (const i of [1, 2, 3]) await log.append(a, bodyRecord(i), ORIGIN)
    await log.append(b, bodyRecord(1), ORIGIN)
    // Together: the next batch waits, and takes all that came.
    await Promise.all([log.append(a, bodyRecord(4), ORIGIN), log.append(b, bodyRecord(2), ORIGIN)])
    const before = disk.batches
    const gathered = [log.append(a, bodyRecord(5), ORIGIN)]
    await until(() => clock.pending > 0)
    clock.advance(2)
    gathered.push(log.append(b, bodyRecord(3), ORIGIN), log.append(b, bodyRecord(4), ORIGIN))
    expect(disk.batches).toBe(before)
    clock.advance(1)
    await Promise.all(gathered)
    expect(disk.batches).toBe(before + 1)
    // A busy batch was the last, so time must pass once more; then the store is quiet again.
    clock.advance(3)
    for (const i of [6, 7]) await log.append(a, bodyRecord(i), ORIGIN)
    expect(disk.batches).toBe(before + 3)
  })

  it("waits longer after a batch of many, up to three times as long", async () => {
    const disk = new FakeDisk()
    const { log, clock } = await openLog({ openLevel: disk.openLevel, batchSpacingMs: 3 })
    const a = name("a")
    let sequence = 0
    const together = (count: number) =>
      Promise.all(Array.from({ length: count }, () => log.append(a, bodyRecord(++sequence), ORIGIN)))
    await together(10)
    const afterTen = together(100)
    await until(() => clock.pending > 0)
    const before = disk.batches
    clock.advance(4)
    expect(disk.batches).toBe(before)
    clock.advance(1)
    await afterTen
    const afterHundred = together(2)
    await until(() => clock.pending > 0)
    clock.advance(8)
    expect(disk.batches).toBe(before + 1)
    clock.advance(1)
    await afterHundred
    expect(disk.batches).toBe(before + 2)
  })

  it("does not wait for more when it is closed", async () => {
    const disk = new FakeDisk()
    const { log, clock } = await openLog({ openLevel: disk.openLevel, batchSpacingMs: 3 })
    const a = name("a")
    await Promise.all([1, 2].map((i) => log.append(a, bodyRecord(i), ORIGIN)))
    const last = log.append(a, bodyRecord(3), ORIGIN)
    await until(() => clock.pending > 0)
    await log.close()
    expect(await last).toMatchObject({ sequence: 3 })
    expect(clock.pending).toBe(0)
  })

  it("writes each document's head once a batch, in the batch of its records, under one number", async () => {
    const disk = new FakeDisk()
    const { log } = await openLog({ openLevel: disk.openLevel })
    const a = name("a")
    await log.append(a, bodyRecord(1), ORIGIN)
    let sizes: number[] = []
    disk.onBatch = (_, operations) => {
      sizes = [...sizes, operations.length]
      return undefined
    }
    await Promise.all([2, 3, 4].map((i) => log.append(a, bodyRecord(i), ORIGIN)))
    expect(sizes).toEqual([5]) // three records, a head, the mark
    const loaded = await log.load(a)
    const batches = loaded?.tail.map((record) => record.batch) ?? []
    expect(new Set(batches.slice(1)).size).toBe(1)
    expect(loaded?.head.batch).toBe(batches[3])
    expect(batches[1]).toBeGreaterThan(batches[0] ?? 0)
  })

  it("splits what waits into batches of about 4 MiB", async () => {
    const disk = new FakeDisk()
    const { log } = await openLog({ openLevel: disk.openLevel })
    const payload = new Uint8Array(1024 * 1024)
    const before = disk.batches
    const documents = Array.from({ length: 9 }, (_, i) => name(`d${i}`))
    await Promise.all(documents.map((document) => log.append(document, bodyRecord(1, { payload }), ORIGIN)))
    expect(disk.batches - before).toBeGreaterThanOrEqual(2)
  })

  it("numbers batches upwards across restarts", async () => {
    const disk = new FakeDisk()
    const first = await openLog({ openLevel: disk.openLevel })
    await first.log.append(name("a"), bodyRecord(1), ORIGIN)
    await first.log.close()
    const second = await openLog({ openLevel: disk.openLevel, directory: first.directory })
    await second.log.append(name("a"), bodyRecord(2), ORIGIN)
    const tail = (await second.log.load(name("a")))?.tail ?? []
    expect(tail[1]?.batch).toBeGreaterThan(tail[0]?.batch ?? 0)
    expect(second.reports).toEqual([])
  })

  it("forgets idle documents beyond its capacity, and reads their ends again", async () => {
    const disk = new FakeDisk()
    const { log } = await openLog({ openLevel: disk.openLevel, headsCapacity: 2 })
    const documents = ["a", "b", "c", "d", "e"].map(name)
    for (let i = 1; i <= 4; i++) {
      await Promise.all(documents.map((document) => log.append(document, bodyRecord(i), ORIGIN)))
    }
    for (const document of documents) expect(bodyText(await log.load(document))).toBe(numbered(1, 4))
  })

  it("leaves no timer and no handle behind", async () => {
    const disk = new FakeDisk()
    const { log, clock } = await openLog({ openLevel: disk.openLevel })
    await log.append(name("a"), bodyRecord(1), ORIGIN)
    await log.close()
    expect(clock.pending).toBe(0)
    expect(disk.openHandles).toBe(0)
  })

  it("puts a read failure into words of its own and reads on when the disk does", async () => {
    const disk = new FakeDisk()
    const { log } = await openLog({ openLevel: disk.openLevel })
    await log.append(name("a"), bodyRecord(1), ORIGIN)
    disk.onRead = () => Object.assign(new Error("Input/output error"), { code: "LEVEL_IO_ERROR" })
    await expect(log.load(name("a"))).rejects.toMatchObject({ code: "QUIRE_STORAGE_FAILED" })
    await expect(log.append(name("b"), bodyRecord(1), ORIGIN)).rejects.toMatchObject({ code: "QUIRE_STORAGE_FAILED" })
    disk.onRead = () => undefined
    expect(bodyText(await log.load(name("a")))).toBe("[1]")
    await log.append(name("b"), bodyRecord(1), ORIGIN)
  })
})
