import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { asSequence } from "@quire/base"
import { SeededRandom } from "@quire/testing"
import { beforeAll, describe, expect, it } from "vitest"
import * as Y from "yjs"
import {
  clientForTest,
  ownedByFile,
  ownedByTest,
  patience,
  serverForTest,
  temporaryFolder,
  waitUntil,
} from "./harness.js"
import { type Exit, QuireProcess } from "./quire-process.js"
import { NAMES, openLevelDb, openLog, readStore, record, type Shown, writeStore } from "./written-store.js"

let original: string
let shadow: Shown

beforeAll(async () => {
  original = await mkdtemp(join(tmpdir(), "quire-doctor-"))
  ownedByFile({ close: () => rm(original, { recursive: true, force: true }) })
  shadow = await writeStore(original, new SeededRandom(7))
})

describe("quire doctor", () => {
  it("says of a sound folder that it is, changes nothing in it, and exits 0", async () => {
    const folder = await copyOf(original)
    const before = await contents(folder)
    const { exit, stdout } = await doctor("--data", folder)
    expect(stdout).toBe("Looked at 4 documents and 400 records.\nEverything is sound.\n")
    expect(exit.code).toBe(0)
    expect(await contents(folder)).toEqual(before)
  })

  it("with --repair, leaves a sound folder as it is", async () => {
    const folder = await copyOf(original)
    const { exit } = await doctor("--data", folder, "--repair")
    expect(exit.code).toBe(0)
    expect(await readdir(folder)).not.toContain("quarantine")
    expect(await readStore(folder)).toEqual(shadow)
  })

  it("refuses a folder that a server has open, with one sentence and exit code 2; the server goes on", async () => {
    const server = await serverForTest()
    for (const flags of [[], ["--repair"]]) {
      const { exit, stdout } = await doctor("--data", server.folder, ...flags)
      expect(exit.code).toBe(2)
      expect(stdout).toMatch(/^Not checked: the data folder .* is in use by another process\. Stop the other server/)
      expect(stdout.trimEnd().split("\n")).toHaveLength(1)
    }
    const client = clientForTest(server.sync, "notes")
    client.ydoc.getText("text").insert(0, "still saved")
    await client.provider.whenSaved(patience())
    expect((await readdir(server.folder)).filter((name) => name.startsWith("doctor"))).toEqual([])
  })

  it.each<[string, (folder: string) => Promise<string>, string]>([
    ["a folder that is not there", async (folder) => join(folder, "nowhere"), "is not a data folder of Quire"],
    ["a folder that is somebody else's", temporaryFolder, "is not a data folder of Quire"],
    [
      "a folder that a newer release wrote",
      async (folder) => {
        await writeFile(join(folder, "format"), "quire storage format 2\n")
        return folder
      },
      "has format 2, this release knows 1",
    ],
  ])("exits 2 for %s", async (_what, prepare, words) => {
    const { exit, stdout } = await doctor("--data", await prepare(await copyOf(original)))
    expect(exit.code).toBe(2)
    expect(stdout).toContain(words)
  })

  it.each<[string, readonly string[], string]>([
    ["no folder", [], "say which data folder"],
    ["a flag of the server's", ["--data", "x", "--port", "1"], "--port is not for quire doctor"],
    ["an unknown flag", ["--data", "x", "--fix"], "--fix"],
  ])("exits 2 for %s", async (_what, args, words) => {
    const { exit, stderr } = await doctor(...args)
    expect(exit.code).toBe(2)
    expect(stderr).toContain(words)
  })

  it("removes what a check that was killed has left", async () => {
    const folder = await copyOf(original)
    await mkdir(join(folder, "doctor-killed", "data"), { recursive: true })
    expect((await doctor("--data", folder)).exit.code).toBe(0)
    expect((await readdir(folder)).sort()).toEqual(["format", "ledger", "level"])
  })
})

describe("a poisoned document", () => {
  /** A record whose checksum is right, and whose update Yjs cannot read. */
  async function poisoned(): Promise<string> {
    const folder = await copyOf(original)
    const log = await openLog(folder)
    const next = asSequence(((await log.load(NAMES[0] as (typeof NAMES)[number]))?.head.sequence ?? 0) + 1)
    const [name] = NAMES
    if (name === undefined) throw new Error("there are no documents")
    await log.append(name, record(next, Uint8Array.of(1, 1, 9, 0, 0, 0, 0)), {
      kind: "plain",
      epoch: "00112233445566ff",
      createdMs: 1,
    })
    await log.close()
    return folder
  }

  it("is refused by the server, all others are served, and it can be read and written again once it is repaired", async () => {
    const folder = await poisoned()
    const server = await serverForTest({ folder })
    const victim = clientForTest(server.sync, "minutes")
    const other = clientForTest(server.sync, "plan")
    await other.provider.whenSynced(patience())
    expect(other.ydoc.getText("text").toString()).toBe(shadow.get("plan")?.text)
    await waitUntil(
      server.process.subscribe,
      () => server.process.log.some(({ document }) => document === "minutes"),
      "a line about the document in the log",
    )
    expect(victim.ydoc.getText("text").toString()).toBe("")
    await server.stop()
    expect((await doctor("--data", folder, "--repair")).exit.code).toBe(1)
    await server.restart()
    const reader = clientForTest(server.sync, "minutes")
    await reader.provider.whenSynced(patience())
    expect(reader.ydoc.getText("text").toString()).toBe(shadow.get("minutes")?.text)
    reader.ydoc.getText("text").insert(0, "on ")
    await reader.provider.whenSaved(patience())
  })

  it("is named, rebuilt without the change that cannot be read, and kept as it was", async () => {
    const folder = await poisoned()
    const before = await contents(join(folder, "level"))
    const first = await doctor("--data", folder)
    expect(first.exit.code).toBe(1)
    expect(first.stdout).toMatch(/"minutes": 1 of its \d+ changes cannot be read, though their checksums are right\./)
    expect(await contents(join(folder, "level"))).toEqual(before)
    const repair = await doctor("--data", folder, "--repair")
    expect(repair.stdout).toContain('"minutes" was rebuilt of what is left: 1 changes could not be read.')
    const [stamp = ""] = await readdir(join(folder, "quarantine"))
    expect(await contents(join(folder, "quarantine", stamp, "level"))).toEqual(before)
    expect(await readFile(join(folder, "quarantine", stamp, "report.txt"), "utf8")).toContain('"minutes"')
    expect((await doctor("--data", folder)).exit.code).toBe(0)
    expect(await readStore(folder)).toEqual(shadow)
  })
})

describe("a document that lost a part", () => {
  it.each<[string, number, boolean]>([
    ["its snapshot, is made of its history anew, without a loss", 0x30, true],
    ["its head, is made of the rest anew, without a loss", 0x10, true],
    ["its history, keeps its text", 0x40, true],
    ["its tail, keeps the rest, and says so", 0x20, false],
  ])("%s", async (_what, range, isWhole) => {
    const folder = await copyOf(original)
    const level = await openLevelDb(join(folder, "level"))
    const bounds = { gte: Uint8Array.of(range), lt: Uint8Array.of(range + 1) }
    const entries = await level.iterator(bounds).all()
    await level.batch(
      entries.slice(0, Math.max(1, entries.length / 8)).map(([key]) => ({ type: "del", key })),
      { sync: true },
    )
    await level.close()
    expect((await doctor("--data", folder)).exit.code).toBe(1)
    const { stdout } = await doctor("--data", folder, "--repair")
    expect((await doctor("--data", folder)).exit.code).toBe(0)
    const shown = await readStore(folder)
    const same = NAMES.filter((name) => shown.get(name)?.text === shadow.get(name)?.text)
    expect(same.length).toBe(isWhole ? NAMES.length : NAMES.length - 1)
    for (const name of NAMES) if (!same.includes(name)) expect(stdout).toContain(`"${name}" was rebuilt`)
  })
})

describe("a repair that was stopped while it put the copy in place", () => {
  it.each<[string, (folder: string, aside: string) => Promise<void>]>([
    ["before the old level went", async () => undefined],
    [
      "between the old level and the new one",
      async (folder, aside) => rename(join(folder, "level"), join(aside, "level")),
    ],
    [
      "before the format file came back",
      async (folder, aside) => cp(join(folder, "level"), join(aside, "level"), { recursive: true }),
    ],
  ])("%s: the server refuses the folder, and the next repair ends it", async (_what, goOn) => {
    const folder = await copyOf(original)
    const aside = join(folder, "quarantine", "2026-01-01T00-00-00.000Z")
    await mkdir(aside, { recursive: true })
    await rename(join(folder, "format"), join(aside, "format"))
    await goOn(folder, aside)
    const refused = new QuireProcess(["serve", "--port", "0", "--data", folder])
    ownedByTest({ close: () => refused.kill9() })
    expect((await refused.ended).code).toBe(1)
    expect(refused.stderr).toContain("has data but no format file")
    expect((await doctor("--data", folder)).exit.code).toBe(2)
    expect((await doctor("--data", folder, "--repair")).exit.code).toBe(0)
    expect(await readStore(folder)).toEqual(shadow)
  })
})

describe("a load that fails", () => {
  it.each<[string, (key: Uint8Array) => Promise<Uint8Array | undefined>]>([
    ["throws", () => Promise.reject(new Error("IO error"))],
    ["gives nothing for a document that has records", () => Promise.resolve(undefined)],
  ])("%s: nothing is served or stored in its place", async (_what, get) => {
    const folder = await copyOf(original)
    const [name] = NAMES
    if (name === undefined) throw new Error("there are no documents")
    const log = await openLog(folder, [], async (path) => {
      const level = await openLevelDb(path)
      const real = level.get.bind(level)
      return Object.defineProperty(level, "get", {
        value: (key: Uint8Array, options: object) => (key[0] === 0x10 ? get(key) : real(key, options)),
      })
    })
    await expect(log.load(name)).rejects.toMatchObject({ code: expect.stringMatching(/^QUIRE_STORAGE_/) })
    const update = Y.encodeStateAsUpdate(new Y.Doc())
    const origin = { kind: "plain", epoch: "00112233445566ff", createdMs: 1 } as const
    await expect(log.append(name, record(asSequence(1), update), origin)).rejects.toMatchObject({
      code: expect.stringMatching(/^QUIRE_STORAGE_/),
    })
    await log.close()
    expect(await readStore(folder)).toEqual(shadow)
  })
})

interface Visit {
  readonly exit: Exit
  readonly stdout: string
  readonly stderr: string
}

async function doctor(...args: readonly string[]): Promise<Visit> {
  const quire = new QuireProcess(["doctor", ...args])
  ownedByTest({ close: () => quire.kill9() })
  const exit = await quire.ended
  return { exit, stdout: quire.stdout, stderr: quire.stderr }
}

async function copyOf(folder: string): Promise<string> {
  const copy = join(await temporaryFolder(), "data")
  await cp(folder, copy, { recursive: true })
  return copy
}

/** Every file below a folder, with its bytes. */
async function contents(folder: string): Promise<Record<string, string>> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const all = await Promise.all(
    files.map(
      async ({ parentPath, name }) =>
        [join(parentPath, name).slice(folder.length), await readFile(join(parentPath, name), "hex")] as const,
    ),
  )
  return Object.fromEntries(all.filter(([name]) => !name.endsWith("LOCK")).sort())
}
