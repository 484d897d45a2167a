import { cp } from "node:fs/promises"
import { join } from "node:path"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { FakeDisk } from "./fake-disk.js"
import {
  bodyRecord,
  bodyText,
  feedRecord,
  feedText,
  name,
  ORIGIN,
  openLevelDb,
  openLog,
  temporaryFolder,
  until,
} from "./world.js"

const documents = ["a", "b", "c"].map(name)

/** A script: each step appends to one document, body or feed; `pause` waits for what is under way. */
const scripts = fc.array(
  fc.record({ document: fc.constantFrom(...documents), isFeed: fc.boolean(), pause: fc.boolean() }),
  { minLength: 1, maxLength: 40 },
)

describe("a stop", () => {
  it("after any batch leaves what was acknowledged, and nothing half", async () => {
    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        const disk = new FakeDisk()
        const moments: FakeDisk[] = []
        disk.onPersisted = () => moments.push(disk.copy())
        const { log } = await openLog({
          openLevel: disk.openLevel,
          compaction: { tailRecords: 3, retainedBytes: 100 },
        })
        const written = new Map(documents.map((document) => [document, [] as { text: string; ackedAt: number }[]]))
        for (const { document, isFeed, pause } of script) {
          const records = written.get(document) ?? []
          const sequence = records.length + 1
          const entry = { text: isFeed ? `<${sequence}>` : `[${sequence}]`, ackedAt: Number.POSITIVE_INFINITY }
          records.push(entry)
          const append = log.append(document, isFeed ? feedRecord(sequence) : bodyRecord(sequence), ORIGIN)
          const acknowledged = append.then(() => {
            entry.ackedAt = moments.length
          })
          if (pause) await acknowledged
        }
        await until(() => [...written.values()].flat().every((entry) => entry.ackedAt < Number.POSITIVE_INFINITY))
        await log.close()
        await Promise.all(
          moments.map(async (moment, at) => {
            const survivor = await openLog({ openLevel: moment.openLevel })
            for (const document of documents) {
              const records = written.get(document) ?? []
              const loaded = await survivor.log.load(document)
              const length = loaded?.head.sequence ?? 0
              const acknowledged = records.filter((entry) => entry.ackedAt <= at + 1).length
              expect(length).toBeGreaterThanOrEqual(acknowledged)
              const kept = records.slice(0, length).map((entry) => entry.text)
              expect(bodyText(loaded)).toBe(kept.filter((text) => text.startsWith("[")).join(""))
              expect(feedText(loaded)).toBe(kept.filter((text) => text.startsWith("<")).join(""))
            }
            await survivor.log.close()
          }),
        )
      }),
      { numRuns: 25 },
    )
  }, 30_000)

  it("of the process, LevelDB open, leaves what was acknowledged", async () => {
    const { log, directory } = await openLog({ openLevel: openLevelDb })
    const [a, b] = [name("a"), name("b")]
    for (let i = 1; i <= 50; i++) {
      await Promise.all([log.append(a, bodyRecord(i), ORIGIN), log.append(b, bodyRecord(i), ORIGIN)])
    }
    const left = join(await temporaryFolder(), "left")
    await cp(directory, left, { recursive: true })
    const survivor = await openLog({ openLevel: openLevelDb, directory: left })
    expect((await survivor.log.load(a))?.head.sequence).toBe(50)
    expect((await survivor.log.load(b))?.head.sequence).toBe(50)
    expect(survivor.reports).toEqual([])
  })
})
