import { cp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { StorageReport } from "@quire/storage"
import { SeededRandom } from "@quire/testing"
import { expect, it } from "vitest"
import { DoctorExit, runDoctor } from "../src/doctor.js"
import { temporaryFolder } from "./harness.js"
import { readStore, type Shown, writeStore } from "./written-store.js"

/*
 * A data folder is damaged in one place, again and again, and compared with what was in it. The doctor must see whatever
 * changes what people would read, and the server must never serve something else without a word. OFFSETS and SEED change
 * or replay a run.
 */

const OFFSETS = Number(process.env.OFFSETS ?? 500)
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32))
/** As many as are repaired, of those in which something was found. */
const REPAIRS = OFFSETS / 20

/** Damaged folders looked at at once: most of the time goes into waiting for the disk. */
const LANES = 4

it(`no damage goes unseen, at ${OFFSETS} offsets`, { timeout: 600_000 }, async () => {
  const original = await temporaryFolder()
  const shadow = await writeStore(original, new SeededRandom(SEED))
  expect(await readStore(original)).toEqual(shadow)
  const copies = await temporaryFolder()
  const tally = new Map<string, number>()
  const note = (what: string): void => void tally.set(what, (tally.get(what) ?? 0) + 1)
  let next = 0
  let repairs = 0
  const lane = async (): Promise<void> => {
    for (let i = next++; i < OFFSETS; i = next++) {
      const folder = join(copies, String(i))
      await cp(original, folder, { recursive: true })
      const where = `SEED=${SEED} offset ${i}: ${await damageOnce(folder, new SeededRandom(SEED + i))}`
      const served = join(copies, `${i}-served`)
      await cp(folder, served, { recursive: true })
      const exit = await visit(folder, false)
      // LevelDB may end its process on a damaged table: of those, what the doctor calls sound is opened here only.
      const isOpened = !where.includes(".ldb") || exit === DoctorExit.Sound
      const difference = isOpened ? await serve(served, shadow) : "found in a table by the doctor"
      note(difference)
      note(`doctor says ${exit}`)
      if (difference !== "the same") expect(exit, where).not.toBe(DoctorExit.Sound)
      expect(difference, where).not.toBe("another text, without a word")
      if (exit === DoctorExit.Found && repairs < REPAIRS) {
        repairs++
        note(await repair(folder, shadow, where))
      }
      await Promise.all([folder, served].map((path) => rm(path, { recursive: true, force: true })))
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  const counts = [...tally].sort((a, b) => b[1] - a[1]).map(([what, times]) => `${what} ${times}`)
  process.stdout.write(`corrupt: ${OFFSETS} offsets, SEED=${SEED}: ${counts.join(", ")}\n`)
  expect(tally.get("doctor says 1")).toBeGreaterThan(OFFSETS / 20)
})

/** Flips a bit, zeroes 512 bytes, or cuts a file off. @returns what was done. */
async function damageOnce(folder: string, random: SeededRandom): Promise<string> {
  const level = (await readdir(join(folder, "level"))).map((name) => join("level", name))
  const files: string[] = []
  for (const name of [...level, "ledger", "format"].sort()) {
    if ((await stat(join(folder, name))).size > 0) files.push(name)
  }
  // Most of it where the documents are: the other files are small, and end in the same refusals each time.
  const tables = files.filter((name) => /\.(ldb|log)$/.test(name))
  const name = random.pick(random.below(4) > 0 ? tables : files)
  const path = join(folder, name)
  const bytes = await readFile(path)
  const at = random.below(bytes.length)
  const kind = random.pick(["flip", "zero", "cut"] as const)
  if (kind === "cut") await truncate(path, at)
  else {
    if (kind === "flip") bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
    else bytes.fill(0, at, Math.min(at + 512, bytes.length))
    await writeFile(path, bytes)
  }
  return `${kind} ${name} at ${at}`
}

async function visit(dataDir: string, isRepairing: boolean, said: string[] = []): Promise<DoctorExit> {
  return await runDoctor({ dataDir, isRepairing, timeMs: 1_700_000_000_000 }, (line) => said.push(line))
}

/** How what a server shows compares with what was written. */
async function serve(folder: string, shadow: Shown): Promise<string> {
  const reports: StorageReport[] = []
  let shown: Shown
  try {
    shown = await readStore(folder, reports)
  } catch {
    return "the store is refused"
  }
  const isSame = [...shadow].every(([name, { title, text }]) => {
    const found = shown.get(name)
    return found?.text === text && found.title === title
  })
  if (isSame) return "the same"
  if (reports.length > 0) return "something else, reported"
  const texts = [...shadow].every(([name, { text }]) => shown.get(name)?.text === text)
  return texts ? "another title, without a word" : "another text, without a word"
}

/** After a repair the folder is sound, every document opens, and what it shows was in it. */
async function repair(folder: string, shadow: Shown, where: string): Promise<string> {
  const said: string[] = []
  expect(await visit(folder, true, said), `${where}\n${said.join("\n")}`).toBe(DoctorExit.Found)
  expect(await visit(folder, false), where).toBe(DoctorExit.Sound)
  const kept = await readdir(join(folder, "quarantine", "2023-11-14T22-13-20.000Z"))
  expect(kept, where).toEqual(expect.arrayContaining(["format", "level", "report.txt"]))
  const reports: StorageReport[] = []
  const shown = await readStore(folder, reports)
  expect(reports, where).toEqual([])
  let whole = 0
  for (const [name, { text }] of shadow) {
    expect(shown.has(name), where).toBe(true)
    if (shown.get(name)?.text === text) whole++
  }
  return whole === shadow.size ? "repaired without a loss" : "repaired with a loss"
}
