import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { diskFull, FakeDisk } from "./fake-disk.js"
import { bodyRecord, bodyText, name, ORIGIN, openLevelDb, openLog, temporaryFolder } from "./world.js"

describe("the data folder", () => {
  it("is created, with its format, level and ledger", async () => {
    const directory = join(await temporaryFolder(), "new", "folder")
    const { reports } = await openLog({ openLevel: openLevelDb, directory })
    expect((await readdir(directory)).sort()).toEqual(["format", "ledger", "level"])
    expect(await readFile(join(directory, "format"), "utf8")).toBe("quire storage format 1\n")
    expect(reports).toEqual([])
  })

  it("opens again with all that was in it", async () => {
    const first = await openLog({ openLevel: openLevelDb })
    await first.log.append(name("a"), bodyRecord(1), ORIGIN)
    await first.log.close()
    const { log, reports } = await openLog({ openLevel: openLevelDb, directory: first.directory })
    expect(bodyText(await log.load(name("a")))).toBe("[1]")
    expect(reports).toEqual([])
  })

  it("of a newer format is refused, untouched", async () => {
    const directory = await temporaryFolder()
    await writeFile(join(directory, "format"), "quire storage format 2\n")
    await expect(openLog({ openLevel: openLevelDb, directory })).rejects.toMatchObject({
      code: "QUIRE_STORAGE_FORMAT_NEWER",
      hint: expect.stringContaining("newer release"),
    })
    expect(await readdir(directory)).toEqual(["format"])
  })

  it.each(["", "hello", "quire storage format 01\n", "quire storage format -1\n"])(
    "whose format file reads %j is refused",
    async (text) => {
      const directory = await temporaryFolder()
      await writeFile(join(directory, "format"), text)
      await expect(openLog({ openLevel: openLevelDb, directory })).rejects.toMatchObject({
        code: "QUIRE_STORAGE_CORRUPT",
      })
    },
  )

  it("with data but no format file is refused", async () => {
    const { log, directory } = await openLog({ openLevel: openLevelDb })
    await log.close()
    await rm(join(directory, "format"))
    await expect(openLog({ openLevel: openLevelDb, directory })).rejects.toMatchObject({
      code: "QUIRE_STORAGE_CORRUPT",
    })
  })

  it("that another process has open is refused by name", async () => {
    const { directory, log } = await openLog({ openLevel: openLevelDb })
    const refused = openLog({ openLevel: openLevelDb, directory })
    await expect(refused).rejects.toMatchObject({ code: "QUIRE_STORAGE_LOCKED" })
    await expect(refused).rejects.toThrow(directory)
    await log.append(name("a"), bodyRecord(1), ORIGIN)
  })

  it("that cannot be written is refused", async () => {
    const file = join(await temporaryFolder(), "file")
    await writeFile(file, "")
    for (const directory of [file, join(file, "below")]) {
      await expect(openLog({ openLevel: openLevelDb, directory })).rejects.toMatchObject({
        code: "QUIRE_STORAGE_NOT_WRITABLE",
      })
    }
    const openLevel = (): Promise<never> =>
      Promise.reject(Object.assign(new Error("level/LOCK: Permission denied"), { code: "LEVEL_IO_ERROR" }))
    await expect(openLog({ openLevel })).rejects.toMatchObject({ code: "QUIRE_STORAGE_NOT_WRITABLE" })
  })

  it("on a full disk is refused, and nothing stays open", async () => {
    const disk = new FakeDisk()
    disk.onBatch = () => "fail"
    await expect(openLog({ openLevel: disk.openLevel })).rejects.toMatchObject({ code: "QUIRE_STORAGE_FULL" })
    disk.onOpen = () => diskFull()
    await expect(openLog({ openLevel: disk.openLevel })).rejects.toMatchObject({ code: "QUIRE_STORAGE_FULL" })
    expect(disk.openHandles).toBe(0)
  })

  it("whose level is damaged beyond opening is refused", async () => {
    const { log, directory } = await openLog({ openLevel: openLevelDb })
    await log.close()
    await writeFile(join(directory, "level", "CURRENT"), "")
    await expect(openLog({ openLevel: openLevelDb, directory })).rejects.toMatchObject({
      code: expect.stringMatching(/^QUIRE_STORAGE_(CORRUPT|FAILED)$/),
    })
  })

  it("takes another folder beside it for nothing of its own", async () => {
    const directory = await temporaryFolder()
    await mkdir(join(directory, "files"))
    await openLog({ openLevel: openLevelDb, directory })
    expect((await readdir(directory)).sort()).toEqual(["files", "format", "ledger", "level"])
  })
})

describe("a level that a loss of power has caught while it was made", () => {
  /** Its first manifest was not on the disk yet. */
  async function newborn(): Promise<string> {
    const { log, directory } = await openLog({ openLevel: openLevelDb })
    await log.close()
    const level = join(directory, "level")
    for (const file of await readdir(level)) {
      if (/^MANIFEST-|\.log$/.test(file)) await writeFile(join(level, file), "")
    }
    return directory
  }

  it("is made anew", async () => {
    const directory = await newborn()
    const { log } = await openLog({ openLevel: openLevelDb, directory })
    await log.append(name("a"), bodyRecord(1), ORIGIN)
    expect(bodyText(await log.load(name("a")))).toBe("[1]")
  })

  it("is made anew if its log is there, and is zeros", async () => {
    const directory = await newborn()
    await writeFile(join(directory, "level", "000003.log"), new Uint8Array(100))
    const { log } = await openLog({ openLevel: openLevelDb, directory })
    await log.append(name("a"), bodyRecord(1), ORIGIN)
  })

  it("makes the loss known if the ledger remembers something", async () => {
    const { reports } = await openLog({ openLevel: openLevelDb, directory: await newborn() })
    expect(reports).toEqual([{ kind: "lost-batches", acknowledged: 1, found: 0 }])
  })

  it.each(["000003.log", "000005.ldb"])("is refused, untouched, if anything is in it: %s", async (file) => {
    const directory = await newborn()
    await writeFile(join(directory, "level", file), "something")
    await expect(openLog({ openLevel: openLevelDb, directory })).rejects.toMatchObject({
      code: "QUIRE_STORAGE_CORRUPT",
    })
    expect(await readFile(join(directory, "level", file), "utf8")).toBe("something")
  })
})
