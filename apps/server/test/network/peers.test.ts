import { describe, expect, it } from "vitest"
import {
  clientForTest,
  hurriedClock,
  onUpdate,
  ownedByTest,
  patience,
  temporaryFolder,
  unusedPort,
  waitUntil,
} from "../harness.js"
import { FaultyDisk, InProcessServer } from "../in-process.js"
import { Line } from "./line.js"

/** Peers that are dead, or read too slowly, at the server's real sockets and rooms, whose time runs faster. */

/** The server's seconds are tenths. */
const HURRY = 10

describe("a peer that falls silent without an end", () => {
  it("is noticed by the server, and gone for the others", async () => {
    const server = await hurriedServer()
    const line = await Line.lay(server.port)
    const [anna, ben] = [clientForTest(line.sync, "notes"), clientForTest(server.sync, "notes")]
    await Promise.all([anna, ben].map(({ provider }) => provider.whenSynced(patience())))
    const isHere = (): boolean => ben.awareness.getStates().has(anna.ydoc.clientID)
    const onPresence = (look: () => void): (() => void) => {
      ben.awareness.on("change", look)
      return () => ben.awareness.off("change", look)
    }
    anna.awareness.setLocalState({ name: "Anna" })
    await waitUntil(onPresence, isHere, "Anna's presence")
    line.silence()
    await waitUntil(onPresence, () => !isHere(), "the end of Anna's presence")
    // Her provider has noticed nothing yet: it was the server that ended it.
    expect(line.begun).toBe(1)
  })
})

describe("a reader that takes next to nothing", () => {
  /** All of it is less than a document may have, and much more than systems and queues hold. */
  const BLOCK = "x".repeat(65_000)
  const BLOCKS = 160
  /** `dropBytes`, and the update that leads over it. */
  const MOST_QUEUED_BYTES = 4_194_304 + 2 * BLOCK.length

  it("costs bounded memory, is sent away, and has everything when it is back; others notice nothing", async () => {
    const server = await hurriedServer()
    const line = await Line.lay(server.port)
    const writer = clientForTest(server.sync, "long")
    const reader = clientForTest(server.sync, "long")
    const slow = clientForTest(line.sync, "long")
    await Promise.all([writer, reader, slow].map(({ provider }) => provider.whenSynced(patience())))
    line.trickle(512, 50)
    let longestQueueBytes = 0
    const blocks = writer.ydoc.getArray<string>("blocks")
    const arrived = reader.ydoc.getArray<string>("blocks")
    for (let i = 1; i <= BLOCKS; i++) {
      blocks.push([BLOCK])
      await waitUntil(onUpdate(reader.ydoc), () => arrived.length === i, `block ${i} at the reader`)
      longestQueueBytes = Math.max(longestQueueBytes, server.longestQueueBytes)
    }
    expect(longestQueueBytes).toBeGreaterThan(1_048_576)
    expect(longestQueueBytes).toBeLessThanOrEqual(MOST_QUEUED_BYTES)
    const isComplete = (): boolean => slow.ydoc.getArray("blocks").length === BLOCKS
    await waitUntil(onUpdate(slow.ydoc), isComplete, "everything at the slow reader")
    expect(line.begun).toBeGreaterThanOrEqual(2)
    expect(slow.ydoc.getArray("blocks").toArray()).toEqual(blocks.toArray())
  })
})

/** The server's sockets, rooms and log, with time that runs faster. Closed after the test. */
async function hurriedServer(): Promise<InProcessServer> {
  const clock = hurriedClock(HURRY)
  return ownedByTest(
    await InProcessServer.start(await temporaryFolder(), await unusedPort(), new FaultyDisk(), { clock }),
  )
}
