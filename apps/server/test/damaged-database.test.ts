import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { SeededRandom } from "@quire/testing"
import { expect, it } from "vitest"
import { DoctorExit, runDoctor } from "../src/doctor.js"
import { ownedByTest, temporaryFolder } from "./harness.js"
import { QuireProcess } from "./quire-process.js"
import { writeStore } from "./written-store.js"

/** LevelDB may end the process on a table whose index is damaged, and without a word. The server looks first. */

const PLACES = 6

it("a server refuses a database with a damaged index, names quire doctor, and changes nothing; that repairs it", async () => {
  const folder = await temporaryFolder()
  await writeStore(folder, new SeededRandom(5))
  const level = join(folder, "level")
  const tables = (await readdir(level)).filter((file) => file.endsWith(".ldb")).sort()
  const name = tables.at(-1) ?? ""
  const bytes = await readFile(join(level, name))
  for (let i = 0; i < PLACES; i++) {
    const broken = Buffer.from(bytes)
    const at = bytes.length - 50 - 3 * i
    broken[at] = (broken[at] ?? 0) ^ (1 << i)
    await writeFile(join(level, name), broken)
    const before = (await readdir(level)).sort()
    const server = new QuireProcess(["serve", "--port", "0", "--data", folder])
    ownedByTest({ close: () => server.kill9() })
    expect(await server.ended).toEqual({ code: 1, signal: null })
    expect(server.stderr).toBe(
      `quire: the database in ${level} is damaged (${name}: its index has another checksum). Nothing was changed. quire doctor --data ${folder} says what is left, and repairs it with --repair. (QUIRE_STORAGE_CORRUPT)\n`,
    )
    expect((await readdir(level)).sort()).toEqual(before)
  }
  const said: string[] = []
  const wish = { dataDir: folder, isRepairing: true, timeMs: 1_700_000_000_000 }
  expect(await runDoctor(wish, (line) => said.push(line)), said.join("\n")).toBe(DoctorExit.Found)
  const repaired = new QuireProcess(["serve", "--port", "0", "--data", folder])
  ownedByTest({ close: () => repaired.kill9() })
  expect(await repaired.listening()).toMatch(/^http:/)
})
