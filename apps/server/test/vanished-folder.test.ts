import { rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { expect, it } from "vitest"
import {
  type Client,
  clientForTest,
  hurriedClock,
  patience,
  type RunningServer,
  readFresh,
  serverForTest,
  temporaryFolder,
  waitUntil,
} from "./harness.js"

/** Somebody takes the data folder away under a running server, whose files go on taking bytes that nobody will find. */

it("a data folder that is removed: nothing is called saved any more, and people are told", async () => {
  const { server, folder, writer } = await served()
  await rm(folder, { recursive: true })
  await expectNotSaved(server, writer)
  // What is there can still be read.
  expect(await readFresh(server.sync, "notes", words)).toEqual(["before", "after"])
})

it("a data folder that is moved away and back: what waited is saved without anybody's help", async () => {
  const { server, folder, writer } = await served()
  await rename(folder, `${folder}.away`)
  await expectNotSaved(server, writer)
  await rename(`${folder}.away`, folder)
  await writer.provider.whenSaved(patience())
  expect((await fetch(`${server.http}/api/health`)).status).toBe(200)
  await server.kill9()
  await server.restart()
  expect(await readFresh(server.sync, "notes", words)).toEqual(["before", "after"])
  expect(server.process.log).toEqual([])
})

async function served(): Promise<{ server: RunningServer; folder: string; writer: Client }> {
  const folder = join(await temporaryFolder(), "data")
  const server = await serverForTest({ folder })
  const writer = clientForTest(server.sync, "notes", { clock: hurriedClock(2) })
  await writer.provider.whenSynced(patience())
  writer.ydoc.getArray("words").push(["before"])
  await writer.provider.whenSaved(patience())
  return { server, folder, writer }
}

async function expectNotSaved(server: RunningServer, { ydoc, provider }: Client): Promise<void> {
  ydoc.getArray("words").push(["after"])
  const isTold = (): boolean => {
    const { save } = provider.getStatus()
    return save.kind === "not-saved" && save.reason.startsWith("the disk refused a write")
  }
  await waitUntil(provider.subscribe, isTold, "the writer to be told")
  expect((await fetch(`${server.http}/api/health`)).status).toBe(503)
}

function words(ydoc: Client["ydoc"]): string[] {
  return ydoc.getArray<string>("words").toArray()
}
