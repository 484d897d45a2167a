import { describe, expect, it } from "vitest"
import { TITLE_MAX_BYTES } from "../src/index.js"
import { FakeDisk } from "./fake-disk.js"
import { bodyRecord, drive, name, ORIGIN, openLevelDb, openLog } from "./world.js"

const a = name("a")
const page = { document: a, kind: "page", title: "A", timeMs: 100 } as const

describe.each([
  ["a MemoryLevel", () => new FakeDisk().openLevel],
  ["LevelDB", () => openLevelDb],
])("the catalogue on %s", (_, openLevel) => {
  it("lists what was created, and keeps it across a restart", async () => {
    const disk = openLevel()
    const { log, directory } = await openLog({ openLevel: disk })
    const entry = { document: a, kind: "page", title: "A", createdMs: 100, changedMs: 100 }
    expect(await log.catalogue.create(page)).toEqual({ ok: true, entry })
    expect(await log.catalogue.get(a)).toEqual(entry)
    await log.close()
    const again = await openLog({ openLevel: disk, directory })
    expect(await again.log.catalogue.list()).toEqual([entry])
  })

  it("refuses a name that is listed, or was written to", async () => {
    const { log } = await openLog({ openLevel: openLevel() })
    await log.catalogue.create(page)
    expect(await log.catalogue.create(page)).toEqual({ ok: false, reason: "exists" })
    await log.append(name("b"), bodyRecord(1), ORIGIN)
    expect(await log.catalogue.create({ ...page, document: name("b") })).toEqual({ ok: false, reason: "exists" })
  })

  it("creates a name once when asked twice at the same time", async () => {
    const { log } = await openLog({ openLevel: openLevel() })
    const [one, two] = await Promise.all([log.catalogue.create(page), log.catalogue.create({ ...page, title: "B" })])
    expect([one?.ok, two?.ok]).toEqual([true, false])
    expect((await log.catalogue.get(a))?.title).toBe("A")
  })

  it("lists a document that was only written to, without a title", async () => {
    const { log } = await openLog({ openLevel: openLevel() })
    await log.append(a, bodyRecord(1), { ...ORIGIN, kind: "plain" })
    const { createdMs } = ORIGIN
    expect(await log.catalogue.list()).toEqual([
      { document: a, kind: "plain", title: "", createdMs, changedMs: createdMs + 1 },
    ])
    expect(await log.catalogue.setTitle(a, "Named", 5)).toMatchObject({ title: "Named", kind: "plain", createdMs })
    expect((await log.catalogue.get(a))?.title).toBe("Named")
  })

  it("lists the one changed last first, whether its title or its text changed", async () => {
    const { log } = await openLog({ openLevel: openLevel() })
    const names = ["a", "b", "c"].map(name)
    for (const [i, document] of names.entries()) await log.catalogue.create({ ...page, document, timeMs: i })
    const order = async (): Promise<string[]> => (await log.catalogue.list()).map((entry) => entry.document)
    expect(await order()).toEqual(["c", "b", "a"])
    await log.catalogue.setTitle(a, "A", 50)
    expect(await order()).toEqual(["a", "c", "b"])
    await log.append(name("b"), bodyRecord(1, { timeMs: 60 }), ORIGIN)
    expect(await order()).toEqual(["b", "a", "c"])
    expect((await log.catalogue.get(name("b")))?.changedMs).toBe(60)
  })

  it("gives a document the kind it was created with, whatever its first writer says", async () => {
    const { log } = await openLog({ openLevel: openLevel() })
    await log.catalogue.create({ ...page, kind: "plain" })
    await log.append(a, bodyRecord(1), { ...ORIGIN, kind: "page" })
    expect((await log.load(a))?.head.kind).toBe("plain")
  })

  it("settles who was first when creating and writing meet", async () => {
    const { log } = await openLog({ openLevel: openLevel() })
    for (let i = 0; i < 20; i++) {
      const document = name(`d${i}`)
      const warm = i % 2 === 0 ? log.append(document, bodyRecord(9), ORIGIN).catch(() => {}) : undefined
      if (i % 4 === 0) await warm
      const append = () => log.append(document, bodyRecord(1), { ...ORIGIN, kind: "page" })
      const create = () => log.catalogue.create({ ...page, document, kind: "plain" })
      const [one, two] = i % 3 === 0 ? [append(), create()] : [create(), append()]
      await Promise.all([one, two])
      const head = (await log.load(document))?.head
      const entry = await log.catalogue.get(document)
      expect(entry?.kind).toBe(head?.kind)
    }
  })

  it("knows nothing of a name nobody used", async () => {
    const { log } = await openLog({ openLevel: openLevel() })
    expect(await log.catalogue.get(a)).toBeUndefined()
    expect(await log.catalogue.setTitle(a, "A", 1)).toBeUndefined()
    expect(await log.catalogue.list()).toEqual([])
  })

  it("refuses a title beyond its bound", async () => {
    const { log } = await openLog({ openLevel: openLevel() })
    const title = "é".repeat(TITLE_MAX_BYTES / 2)
    await log.catalogue.create({ ...page, title })
    await expect(log.catalogue.setTitle(a, `${title}x`, 1)).rejects.toThrow(TypeError)
    expect((await log.catalogue.get(a))?.title).toBe(title)
  })
})

describe("the catalogue on a failing disk", () => {
  it("resolves once the entry is on disk", async () => {
    const disk = new FakeDisk()
    const { log, clock } = await openLog({ openLevel: disk.openLevel })
    const next = disk.batches + 1
    disk.onBatch = (n) => (n === next ? "fail" : undefined)
    expect(await drive(clock, log.catalogue.create(page))).toMatchObject({ ok: true })
    expect(disk.opens).toBe(2)
    await log.close()
    await expect(log.catalogue.get(a)).rejects.toMatchObject({ code: "QUIRE_STORAGE_CLOSED" })
    await expect(log.catalogue.create(page)).rejects.toMatchObject({ code: "QUIRE_STORAGE_CLOSED" })
  })

  it("rejects what close had to give up", async () => {
    const disk = new FakeDisk()
    const { log } = await openLog({ openLevel: disk.openLevel })
    disk.onBatch = () => "fail"
    const created = log.catalogue.create(page)
    const outcome = expect(created).rejects.toMatchObject({ code: "QUIRE_STORAGE_FULL" })
    await new Promise((resolve) => log.subscribe(() => resolve(undefined)))
    await log.close()
    await outcome
  })
})
