import { cp, rm } from "node:fs/promises"
import { join } from "node:path"
import { expect, it } from "vitest"
import {
  type Client,
  clientForTest,
  hurriedClock,
  onUpdate,
  patience,
  readFresh,
  serverForTest,
  temporaryFolder,
  waitUntil,
} from "./harness.js"

const DOCUMENT = "restored"

const textOf = (client: Client): string => client.ydoc.getText("t").toString()

async function type(client: Client, text: string): Promise<void> {
  const shared = client.ydoc.getText("t")
  shared.insert(shared.length, text)
  await client.provider.whenSaved(patience())
}

it("puts back what clients still have when the data folder is an older copy, and says so", async () => {
  const folder = join(await temporaryFolder(), "data")
  const backup = join(await temporaryFolder(), "backup")
  const server = await serverForTest({ folder })
  const clock = hurriedClock(20)
  const [anna, ben] = ["a", "b"].map((name) => {
    const token = `guest.${name.repeat(22)}`
    return clientForTest(server.sync, DOCUMENT, { clock, token })
  }) as [Client, Client] // two names
  await type(anna, "kept in the backup; ")
  await server.stop()
  await cp(folder, backup, { recursive: true })

  await server.restart()
  await type(anna, "written since")
  await waitUntil(onUpdate(ben.ydoc), () => textOf(ben).endsWith("since"), "Ben to read it")
  // Who joins is told what is durable before anything is acknowledged: now Ben holds a token for it.
  await server.stop()
  await server.restart()
  await type(ben, ", twice")
  anna.close()
  await server.stop()
  await rm(folder, { recursive: true })
  await cp(backup, folder, { recursive: true })

  await server.restart()
  const { provider } = ben
  const hasNotice = (): boolean => provider.getStatus().notices.some(({ code }) => code === "QUIRE_LOG_WENT_BACK")
  await waitUntil(provider.subscribe, hasNotice, "Ben to be told")
  const whole = "kept in the backup; written since, twice"
  await type(ben, ".")
  expect(await readFresh(server.sync, DOCUMENT, (ydoc) => ydoc.getText("t").toString())).toBe(`${whole}.`)
  expect(server.process.log.filter(({ event }) => event === "room.log-went-back")).toMatchObject([
    { document: DOCUMENT },
  ])
})
