import { readdir, readFile, truncate, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { damagedFiles, damagedIndexes, salvageEntries } from "../src/level-files.js"
import { openLevelDb, temporaryFolder } from "./world.js"

/** A closed level with tables (LevelDB makes them when it is opened again) and a log, and what is in it. */
async function written(): Promise<{ path: string; expected: Map<string, string> }> {
  const path = join(await temporaryFolder(), "level")
  const expected = new Map<string, string>()
  for (let life = 0; life < 3; life++) {
    const level = await openLevelDb(path)
    for (let i = 0; i < 60; i++) {
      const key = Buffer.from(`key ${i % 40}`)
      const value = Buffer.from(`value ${life}.${i} `.repeat(i % 7 === 0 ? 4_000 : 20))
      if (i % 11 === 10) {
        await level.batch([{ type: "del", key }], { sync: true })
        expected.delete(key.toString())
      } else {
        await level.batch([{ type: "put", key, value }], { sync: true })
        expected.set(key.toString(), value.toString())
      }
    }
    await level.close()
  }
  return { path, expected }
}

async function salvaged(path: string): Promise<Map<string, string>> {
  const entries = await salvageEntries(path)
  return new Map(entries.map(([key, value]) => [Buffer.from(key).toString(), Buffer.from(value).toString()]))
}

describe("the files of a level", () => {
  it("are sound as LevelDB writes them, and hold what it shows", async () => {
    const { path, expected } = await written()
    expect((await readdir(path)).some((name) => name.endsWith(".ldb"))).toBe(true)
    expect(await damagedFiles(path)).toEqual([])
    expect(await salvaged(path)).toEqual(expected)
  })

  it("show a flipped bit in a table, and give what is in its sound blocks", async () => {
    const { path, expected } = await written()
    const name = (await readdir(path)).filter((file) => file.endsWith(".ldb")).sort()[0] ?? ""
    const bytes = await readFile(join(path, name))
    // The last 48 bytes have padding, which nothing vouches for.
    for (let at = 0; at < bytes.length - 48; at += Math.ceil(bytes.length / 40)) {
      const broken = Buffer.from(bytes)
      broken[at] = (broken[at] ?? 0) ^ 0x04
      await writeFile(join(path, name), broken)
      expect((await damagedFiles(path)).map((file) => file.name)).toEqual([name])
      for (const [key, value] of await salvaged(path)) {
        if (expected.has(key)) expect(value.startsWith("value ")).toBe(true)
      }
    }
    await truncate(join(path, name), bytes.length - 1)
    expect(await damagedFiles(path)).toEqual([{ name, reason: "its end is missing" }])
  })

  it("are not all of them LevelDB's: a table that a crash left unfinished is none of its, and no damage", async () => {
    const { path } = await written()
    await writeFile(join(path, "000999.ldb"), "the beginning of a table")
    expect(await damagedFiles(path)).toEqual([])
    expect(await damagedIndexes(path)).toEqual([])
    await (await openLevelDb(path)).close()
    expect(await readdir(path)).not.toContain("000999.ldb")
  })

  it("show a table whose index or end is damaged, without its data being read", async () => {
    const { path } = await written()
    expect(await damagedIndexes(path)).toEqual([])
    const name = (await readdir(path)).filter((file) => file.endsWith(".ldb")).sort()[0] ?? ""
    const bytes = await readFile(join(path, name))
    const damage = async (at: number): Promise<unknown> => {
      const broken = Buffer.from(bytes)
      broken[at] = (broken[at] ?? 0) ^ 0x04
      await writeFile(join(path, name), broken)
      return await damagedIndexes(path)
    }
    expect(await damage(10)).toEqual([])
    // The index and its checksum stand right before the last 48 bytes.
    expect(await damage(bytes.length - 49)).toEqual([{ name, reason: "its index has another checksum" }])
    expect(await damage(bytes.length - 60)).toEqual([{ name, reason: "its index has another checksum" }])
    expect(await damage(bytes.length - 1)).toEqual([{ name, reason: "its end is missing" }])
    await writeFile(join(path, name), "")
    expect(await damagedIndexes(path)).toEqual([{ name, reason: "its end is missing" }])
    // Without a manifest nobody knows which tables count; LevelDB refuses such a level itself.
    for (const current of ["", "MANIFEST-000\0\0\0\n", "MANIFEST-999999\n"]) {
      await writeFile(join(path, "CURRENT"), current)
      expect(await damagedIndexes(path)).toEqual([])
    }
  })

  it("take a log that ends early for what a crash leaves, and one that is wrong before its end for damaged", async () => {
    const { path } = await written()
    const name =
      (await readdir(path))
        .filter((file) => file.endsWith(".log"))
        .sort()
        .at(-1) ?? ""
    const bytes = await readFile(join(path, name))
    await writeFile(join(path, name), bytes.subarray(0, bytes.length - 5))
    expect(await damagedFiles(path)).toEqual([])
    const broken = Buffer.from(bytes)
    broken.fill(0, 100, 140)
    await writeFile(join(path, name), broken)
    expect((await damagedFiles(path)).map((file) => file.name)).toEqual([name])
  })
})
