import { cp, readdir, rm } from "node:fs/promises"
import { basename, join } from "node:path"
import { FakeClock } from "@quire/testing"
import { expect, it, vi } from "vitest"
import { DocumentLog, type OpenLevel, type StorageReport } from "../src/index.js"
import { type End, Life } from "./boundary-files.js"
import { FakeDisk } from "./fake-disk.js"
import { bodyRecord, bodyText, concatenate, feedRecord, feedText, name, ORIGIN, temporaryFolder } from "./world.js"

vi.mock("node:fs/promises", async (original) => {
  const { boundaryFiles } = await import("./boundary-files.js")
  return boundaryFiles(await original())
})

/*
 * A session of the log is stopped before, in the middle of, and after each single change of its folder, and so is what
 * comes back after it. Whatever was acknowledged must be there then, and nothing may be there by halves.
 */

const documents = ["a", "b", "c"].map(name)
const HOWS = ["before", "half", "after"] as const

/** What the session was told before it ended. */
class Promised {
  /** Appends made, and those acknowledged, of each document. */
  readonly made = new Map(documents.map((document) => [document, 0]))
  readonly acknowledged = new Map(documents.map((document) => [document, 0]))
  title = ""
}

async function open(directory: string, openLevel: OpenLevel): Promise<Opened> {
  const clock = new FakeClock()
  const reports: StorageReport[] = []
  const onReport = (report: StorageReport): void => void reports.push(report)
  const compaction = { tailRecords: 4, retainedBytes: 100 }
  const log = await DocumentLog.open({ directory, openLevel, fold: concatenate, clock, onReport, compaction })
  return { log, clock, reports }
}

interface Opened {
  readonly log: DocumentLog
  readonly clock: FakeClock
  readonly reports: readonly StorageReport[]
}

/** Two lives of a store: made, written, folded, refused by the disk once, closed; opened again, written, closed. */
async function session(directory: string, openLevel: OpenLevel, { promised, disk, life }: Stage): Promise<void> {
  const first = await open(directory, openLevel)
  await first.log.catalogue.create({ document: name("a"), kind: "page", title: "first", timeMs: 1 })
  promised.title = "first"
  await appendAll(first.log, promised)
  first.clock.advance(1_000)
  disk.onBatch = refuseOnce()
  await whileTimePasses(first.clock, life, appendAll(first.log, promised))
  disk.onBatch = () => undefined
  await first.log.catalogue.setTitle(name("a"), "second", 2)
  promised.title = "second"
  await first.log.close()
  const second = await open(directory, openLevel)
  await appendAll(second.log, promised)
  await second.log.close()
  expect([...first.reports, ...second.reports]).toEqual([])
}

/** What a session works on. */
interface Stage {
  readonly promised: Promised
  readonly disk: FakeDisk
  readonly life: Life
}

/** Waits as `drive` does, and no longer than the process lives. */
async function whileTimePasses(clock: FakeClock, life: Life, work: Promise<void>): Promise<void> {
  let isDone = false
  const done = work.then(() => {
    isDone = true
  })
  while (!isDone) {
    clock.advance(1_000)
    await life.look(() => new Promise<void>((resolve) => setImmediate(resolve)))
  }
  await done
}

function refuseOnce(): FakeDisk["onBatch"] {
  let isRefused = false
  return () => {
    if (isRefused) return undefined
    isRefused = true
    return "fail"
  }
}

async function appendAll(log: DocumentLog, { made, acknowledged }: Promised): Promise<void> {
  const appends: Promise<void>[] = []
  for (const document of documents) {
    for (let i = 0; i < 3; i++) {
      const sequence = (made.get(document) ?? 0) + 1
      made.set(document, sequence)
      const record = sequence % 4 === 0 ? feedRecord(sequence) : bodyRecord(sequence)
      const append = log.append(document, record, ORIGIN)
      appends.push(append.then(() => void acknowledged.set(document, sequence)))
    }
    await Promise.all(appends)
  }
}

/** Opens what is left, and compares it with what was promised. */
async function expectKept(directory: string, disk: FakeDisk, promised: Promised): Promise<void> {
  const { log, reports } = await open(directory, disk.openLevel)
  for (const document of documents) {
    const loaded = await log.load(document)
    const length = loaded?.head.sequence ?? 0
    expect(length).toBeGreaterThanOrEqual(promised.acknowledged.get(document) ?? 0)
    expect(length).toBeLessThanOrEqual(promised.made.get(document) ?? 0)
    expect(bodyText(loaded)).toBe(texts(length, (i) => (i % 4 === 0 ? "" : `[${i}]`)))
    expect(feedText(loaded)).toBe(texts(length, (i) => (i % 4 === 0 ? `<${i}>` : "")))
  }
  const title = (await log.catalogue.get(name("a")))?.title ?? ""
  const titles = ["", "first", "second"]
  expect(titles.indexOf(title)).toBeGreaterThanOrEqual(titles.indexOf(promised.title))
  await log.close()
  expect(reports).toEqual([])
  expect((await readdir(directory)).filter((file) => /^(format|ledger|level)$/.test(file))).toContain("ledger")
}

function texts(count: number, text: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => text(i + 1)).join("")
}

/** One session up to its end, and what it left. */
async function stopped(end: End | undefined): Promise<Stage & { parent: string; directory: string; ending: string }> {
  const parent = await temporaryFolder()
  const directory = join(parent, "data")
  const life = new Life(end)
  const stage = { promised: new Promised(), disk: new FakeDisk(), life }
  const ending = await life.run(() => session(directory, life.level(stage.disk.openLevel), stage))
  return { ...stage, parent, directory, ending }
}

/** Sessions at once: most of the time goes into waiting for the disk. */
const LANES = 6

it("a stop before, in, or after any change of the folder loses nothing acknowledged and leaves nothing half", async () => {
  const whole = await stopped(undefined)
  expect(whole.ending).toBe("done")
  const tally = { stops: 0, stopsAgain: 0 }
  let next = 1
  let isOver = false
  const lane = async (): Promise<void> => {
    // Until a session comes to its own end: how many changes there are depends a little on who is faster.
    while (!isOver) {
      const at = next++
      for (const how of HOWS) isOver = !(await stopAndCompare({ at, how }, tally)) || isOver
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  process.stdout.write(
    `boundaries: ${whole.life.changes.length} changes, ${tally.stops} stops, ${tally.stopsAgain} stops while opening after one\n`,
  )
  expect(tally.stops).toBeGreaterThan(100)
  const changes = whole.life.changes.map((change) =>
    change.replace(basename(whole.parent), "the parent").replace(/format\.[0-9a-f]{8}/, "format"),
  )
  expect(new Set(changes)).toEqual(
    new Set([
      "make data",
      "sync the parent",
      "create format.new",
      "write format.new",
      "sync format.new",
      "rename format.new",
      "sync data",
      "open the level",
      "create ledger.new",
      "write ledger.new",
      "sync ledger.new",
      "rename ledger.new",
      "write ledger",
      "write a batch",
      "create probe",
      "write probe",
      "sync probe",
      "remove probe",
      "close the level",
    ]),
  )
}, 120_000)

/** @returns whether the session was stopped, which one that has fewer changes is not. */
async function stopAndCompare(end: End, tally: { stops: number; stopsAgain: number }): Promise<boolean> {
  const { directory, promised, disk, ending, life } = await stopped(end)
  const where = `${end.how} change ${end.at}, ${life.changes.at(-1)}`
  const again = end.how === "after" ? await stopOpening(directory, disk.copy(), promised, where) : 0
  tally.stopsAgain += again
  await expectKept(directory, disk.copy(), promised).catch((error: unknown) => {
    throw new Error(`stopped ${where}`, { cause: error })
  })
  await rm(directory, { recursive: true, force: true })
  if (ending === "done") return false
  tally.stops++
  return true
}

/** The next process, which opens what is left, is stopped at each of its changes as well. */
async function stopOpening(directory: string, disk: FakeDisk, promised: Promised, where: string): Promise<number> {
  for (let at = 1; ; at++) {
    const again = join(await temporaryFolder(), "data")
    await cp(directory, again, { recursive: true })
    const left = disk.copy()
    const life = new Life({ at, how: "after" })
    const ending = await life.run(async () => {
      const { log } = await open(again, life.level(left.openLevel))
      await log.close()
    })
    if (ending === "done") return at - 1
    await expectKept(again, left.copy(), promised).catch((error: unknown) => {
      throw new Error(`stopped ${where}, then again after ${life.changes.at(-1)}`, { cause: error })
    })
    await rm(again, { recursive: true, force: true })
  }
}
