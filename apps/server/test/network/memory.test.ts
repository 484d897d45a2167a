import { readFileSync } from "node:fs"
import { CloseCode, decodeCloseReason } from "@quire/protocol"
import { expect, it } from "vitest"
import {
  clientForTest,
  onUpdate,
  patience,
  type RunningServer,
  readFresh,
  serverForTest,
  waitUntil,
} from "../harness.js"
import type { LogLine } from "../quire-process.js"
import { RawSocket } from "../raw-socket.js"

/** The guard of memory in the real process, with a limit that a few connections reach. */

/** A binary frame of 16 MiB begins. */
const LARGE_FRAME = Buffer.from("82ff0000000001000000" + "00000000", "hex")
const PIECE = Buffer.alloc(2 * 1024 * 1024)

it("refuses newcomers before memory runs out, while who is inside writes on, and takes them again afterwards", async () => {
  const server = await serverForTest({ args: ["--max-memory", String(await limitAboveIdle())] })
  const [anna, ben] = [clientForTest(server.sync, "shared"), clientForTest(server.sync, "shared")]
  await Promise.all([anna, ben].map(({ provider }) => provider.whenSynced(patience())))
  const words = anna.ydoc.getArray<string>("words")
  const write = async (word: string): Promise<void> => {
    words.push([word])
    await anna.provider.whenSaved(patience())
    const isThere = (): boolean => ben.ydoc.getArray<string>("words").toArray().includes(word)
    await waitUntil(onUpdate(ben.ydoc), isThere, `"${word}" at the other`)
  }
  await write("before")

  const hoarders = await hoardUntil(server, "refusing")
  const refused = await RawSocket.open(server.port, "/sync/shared")
  expect(refused.status).toBe(101)
  const { code, reason } = await refused.ending()
  expect(code).toBe(CloseCode.TryLater)
  const { text, retryMs } = decodeCloseReason(reason)
  expect(text).toMatch(/^QUIRE_MEMORY_SHORT: /)
  expect(retryMs).toBeGreaterThanOrEqual(5_000)
  expect(retryMs).toBeLessThanOrEqual(15_000)
  await write("meanwhile")

  for (const hoarder of hoarders) hoarder.cut()
  await waitUntil(server.process.subscribe, () => pressures(server).at(-1) === "none", "enough memory")
  const found = await readFresh(server.sync, "shared", (ydoc) => ydoc.getArray("words").toArray())
  expect(found).toEqual(["before", "meanwhile"])
  expect(anna.provider.getStatus().connection.kind).toBe("live")
  expect(server.process.exit).toBeUndefined()
})

/** A limit, in MiB, of which a server that does nothing uses half. */
async function limitAboveIdle(): Promise<number> {
  const server = await serverForTest()
  const client = clientForTest(server.sync, "warm")
  client.ydoc.getArray("words").push(["up"])
  await client.provider.whenSaved(patience())
  const status = readFileSync(`/proc/${server.process.pid}/status`, "utf8")
  const kilobytes = Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1])
  return Math.ceil((2 * kilobytes) / 1_024)
}

/** Begins large messages that never end, one after the other, until the server has noticed. */
async function hoardUntil(server: RunningServer, pressure: string): Promise<RawSocket[]> {
  const hoarders: RawSocket[] = []
  const isNoticed = (): boolean => pressures(server).at(-1) === pressure
  for (let pieces = 0; !isNoticed() && pieces < 400; pieces++) {
    if (pieces % 7 === 0) {
      const socket = await RawSocket.open(server.port, "/sync/hoard", { subprotocol: "quire.1" })
      socket.send(LARGE_FRAME)
      hoarders.push(socket)
    }
    await hoarders.at(-1)?.sent(PIECE)
  }
  await waitUntil(server.process.subscribe, isNoticed, `the pressure "${pressure}"`)
  return hoarders
}

function pressures(server: RunningServer): unknown[] {
  return server.process.log.filter(({ event }: LogLine) => event === "memory.pressure").map(({ pressure }) => pressure)
}
