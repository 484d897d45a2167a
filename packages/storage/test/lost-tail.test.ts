import { cp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { describeReport, type StorageReport } from "../src/index.js"
import { FakeDisk } from "./fake-disk.js"
import { bodyRecord, bodyText, name, numbered, ORIGIN, openLevelDb, openLog, temporaryFolder } from "./world.js"

/** Real LevelDB with two documents, one of them first written just before the stop. */
async function stopped(): Promise<string> {
  const { log, directory } = await openLog({ openLevel: openLevelDb })
  for (let i = 1; i <= 200; i++) await log.append(name("minutes"), bodyRecord(i), ORIGIN)
  await log.append(name("fresh"), bodyRecord(1), ORIGIN)
  await log.close()
  return directory
}

/** LevelDB's current log file. */
async function logFile(directory: string): Promise<string> {
  const files = (await readdir(join(directory, "level"))).filter((file) => file.endsWith(".log"))
  return join(directory, "level", files.sort().at(-1) ?? "")
}

function lostTails(reports: readonly StorageReport[]): [string | undefined, number, number][] {
  return reports.flatMap((report) =>
    report.kind === "lost-tail" ? [[report.document, report.acknowledged, report.found]] : [],
  )
}

describe("[L4] the end of LevelDB's log", () => {
  it("cut off, is reported with the names of the documents, once", async () => {
    const directory = await stopped()
    const path = await logFile(directory)
    await truncate(path, Math.floor((await stat(path)).size / 2))
    const { log, reports } = await openLog({ openLevel: openLevelDb, directory })
    expect(log.openReports).toEqual(reports)
    expect(reports.map((report) => report.kind)).toEqual(["lost-batches", "lost-tail", "lost-tail"])
    const found = (await log.load(name("minutes")))?.head.sequence ?? 0
    expect(found).toBeGreaterThan(50)
    expect(found).toBeLessThan(150)
    expect(lostTails(reports)).toEqual([
      ["minutes", 200, found],
      [undefined, 1, 0],
    ])
    expect(describeReport(reports[1] as StorageReport)).toContain(`"minutes"`) // there are three, see above
    expect(describeReport(reports[2] as StorageReport)).toContain("first written just before the stop")
    // What is left is served, and goes on.
    expect(bodyText(await log.load(name("minutes")))).toBe(numbered(1, found))
    await log.append(name("minutes"), bodyRecord(found + 1), ORIGIN)
    await log.close()
    expect((await openLog({ openLevel: openLevelDb, directory })).reports).toEqual([])
  })

  it("or its middle, dropped for one flipped byte, is reported at open with the document's name", async () => {
    const directory = await stopped()
    const path = await logFile(directory)
    const bytes = await readFile(path)
    for (const part of [0.1, 0.3, 0.6, 0.9]) {
      const at = Math.floor(bytes.length * part)
      const broken = Buffer.from(bytes)
      broken[at] = (broken[at] ?? 0) ^ 0x10
      const copy = join(await temporaryFolder(), "copy")
      await cp(directory, copy, { recursive: true })
      await writeFile(await logFile(copy), broken)
      const { log, reports } = await openLog({ openLevel: openLevelDb, directory: copy })
      const named = reports.flatMap((report) => ("document" in report ? [report.document] : []))
      expect(named).toContain("minutes")
      await log.load(name("minutes")).then(
        (loaded) => expect(loaded?.head.sequence).toBeLessThan(200),
        (error) => expect(error).toMatchObject({ code: "QUIRE_STORAGE_CORRUPT" }),
      )
      await log.close()
    }
  })

  it("names a document after its catalogue entry when its log is gone", async () => {
    const disk = new FakeDisk()
    const { log, directory } = await openLog({ openLevel: disk.openLevel })
    await log.catalogue.create({ document: name("plan"), kind: "page", title: "Plan", timeMs: 1 })
    const before = disk.copy()
    await log.append(name("plan"), bodyRecord(1), ORIGIN)
    await log.close()
    const { reports } = await openLog({ openLevel: before.openLevel, directory })
    expect(lostTails(reports)).toEqual([["plan", 1, 0]])
  })

  it("is found intact after a clean stop and after many restarts", async () => {
    const directory = await stopped()
    for (let i = 0; i < 3; i++) {
      const { log, reports } = await openLog({ openLevel: openLevelDb, directory })
      expect(reports).toEqual([])
      await log.close()
    }
  })
})

describe("a ledger that is gone or damaged", () => {
  it.each([
    ["missing", (path: string) => rm(path)],
    ["damaged", (path: string) => truncate(path, 99)],
  ])("is reported and made anew: %s", async (what, damage) => {
    const directory = await stopped()
    await damage(join(directory, "ledger"))
    const { log, reports } = await openLog({ openLevel: openLevelDb, directory })
    expect(reports).toEqual([{ kind: "ledger-replaced", reason: `it was ${what}` }])
    expect(describeReport(reports[0] as StorageReport)).toContain(what) // there is one, see above
    expect((await log.load(name("minutes")))?.head.sequence).toBe(200)
    await log.close()
    expect((await openLog({ openLevel: openLevelDb, directory })).reports).toEqual([])
  })

  it("of a level that lost its end still bears witness with what is whole of it", async () => {
    const directory = await stopped()
    const path = join(directory, "ledger")
    const bytes = await readFile(path)
    bytes[32] = (bytes[32] ?? 0) ^ 1
    await writeFile(path, bytes)
    const log = await logFile(directory)
    await truncate(log, Math.floor((await stat(log)).size / 2))
    const { reports } = await openLog({ openLevel: openLevelDb, directory })
    expect(reports[0]?.kind).toBe("ledger-replaced")
    expect(lostTails(reports).map(([document]) => document)).toContain("minutes")
  })

  it("does not hold up appends", async () => {
    const { log, directory } = await openLog({ openLevel: openLevelDb })
    await rm(join(directory, "ledger"))
    await log.append(name("a"), bodyRecord(1), ORIGIN)
    expect(log.getHealth()).toEqual({ kind: "ok" })
  })
})
