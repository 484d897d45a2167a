import { cp, readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { SeededRandom } from "@quire/testing"
import { describe, expect, it } from "vitest"
import {
  hurriedClock,
  ownedByTest,
  patience,
  type RunningServer,
  readFresh,
  serverForTest,
  temporaryFolder,
} from "./harness.js"
import { QuireProcess } from "./quire-process.js"
import { brokenPromises, PLAIN, Typist } from "./typing.js"

/** Two servers on one data folder would write over one another: only one may have it, whoever comes first. */

const STARTS = 3

describe("a second server on a data folder in use", () => {
  it("is refused each time with one sentence, and those who type at the first lose nothing", async () => {
    const server = await serverForTest()
    const typist = typistAt(server)
    await typist.client.provider.whenSynced(patience())
    typist.start()
    for (let i = 0; i < STARTS; i++) expectRefused(await start(server.folder).refusal, server.folder)
    typist.stop()
    await typist.client.provider.whenSaved(patience())
    expect(server.process.log).toEqual([])
    await server.kill9()
    await server.restart()
    expect(brokenPromises(await readFresh(server.sync, "notes", PLAIN.tokens), [typist])).toEqual([])
    expect((await readdir(server.folder)).sort()).toEqual(["format", "ledger", "level"])
  })

  it("is refused when all start in the same moment on a folder that is not there yet: one wins", async () => {
    const folder = join(await temporaryFolder(), "made", "by", "whoever", "wins")
    const started = Array.from({ length: STARTS }, () => start(folder))
    const winner = await Promise.any(started.map((one) => one.process.listening().then(() => one)))
    for (const one of started) if (one !== winner) expectRefused(await one.refusal, folder)
    const address = await winner.process.listening()
    expect((await fetch(`${address}/api/health`)).status).toBe(200)
    expect(await readFile(join(folder, "format"), "utf8")).toBe("quire storage format 1\n")
  })
})

describe("a data folder that was in use", () => {
  it("can be opened at once after the server was killed", async () => {
    const server = await serverForTest()
    for (let i = 0; i < STARTS; i++) {
      await server.kill9()
      await server.restart()
    }
    expect(server.process.log).toEqual([])
  })

  it("can be opened with a lock file that somebody left in it, and so can a copy of one", async () => {
    const server = await serverForTest()
    const copy = join(await temporaryFolder(), "copy")
    await cp(server.folder, copy, { recursive: true })
    await writeFile(join(copy, "level", "LOCK"), "4711\n")
    const copied = await serverForTest({ folder: copy })
    expect((await fetch(`${copied.http}/api/health`)).status).toBe(200)
    expect((await fetch(`${server.http}/api/health`)).status).toBe(200)
  })
})

interface Started {
  readonly process: QuireProcess
  /** Its exit code and what it said, once it has ended. */
  readonly refusal: Promise<{ readonly code: number | null; readonly stderr: string }>
}

function start(folder: string): Started {
  const started = new QuireProcess(["serve", "--port", "0", "--data", folder])
  ownedByTest({ close: () => started.kill9() })
  return { process: started, refusal: started.ended.then(({ code }) => ({ code, stderr: started.stderr })) }
}

function expectRefused({ code, stderr }: { code: number | null; stderr: string }, folder: string): void {
  expect(stderr).toBe(
    `quire: the data folder ${folder} is in use by another process. Stop the other server, or give this one a data folder of its own. (QUIRE_STORAGE_LOCKED)\n`,
  )
  expect(code).toBe(1)
}

function typistAt(server: RunningServer): Typist {
  const typist = new Typist("t", {
    url: server.sync,
    document: "notes",
    content: PLAIN,
    random: new SeededRandom(1),
    onEdit: () => undefined,
    provider: { clock: hurriedClock(5) },
  })
  ownedByTest({ close: () => typist.client.close() })
  return typist
}
