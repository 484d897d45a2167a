import { SeededRandom } from "@quire/testing"
import { beforeAll, describe, expect, it } from "vitest"
import {
  type Client,
  clientForTest,
  hurriedClock,
  openClient,
  ownedByTest,
  patience,
  type RunningServer,
  readFresh,
  serverForFile,
  waitUntil,
} from "../harness.js"
import { brokenPromises, PLAIN, Typist } from "../typing.js"
import { type ConnectionFate, Line } from "./line.js"

/** Bad lines between real providers and the real server: every edit arrives once, and nobody needs to be told. */

/** Waits between attempts would otherwise be most of a test. */
const CLOCK = hurriedClock(20)

let server: RunningServer
beforeAll(async () => {
  server = await serverForFile()
})

describe("a connection that is cut in the middle", () => {
  /** All of the handshake, hello, step 1, and the first updates and acknowledgements. */
  const SWEPT_BYTES = 600
  const AT_ONCE = 40

  it.each(["up", "down"] as const)("at any of its first bytes (%s) costs nothing but time", async (direction) => {
    for (let from = 0; from <= SWEPT_BYTES; from += AT_ONCE) {
      const cuts = Array.from({ length: AT_ONCE }, (_, i) => from + i)
      await Promise.all(cuts.map((bytes) => typeOver(direction, bytes)))
    }
  })

  async function typeOver(direction: "up" | "down", cutAfterBytes: number): Promise<void> {
    const line = await Line.lay(server.port)
    line.fateOf = (n) => (n === 1 ? { [direction]: { cutAfterBytes } } : {})
    const document = `cut-${direction}-${cutAfterBytes}`
    const client = openClient(line.sync, document, { clock: CLOCK })
    const words = client.ydoc.getArray<string>("words")
    words.push(["before"])
    await client.provider.whenSynced(patience())
    words.push(["after"])
    await client.provider.whenSaved(patience())
    client.close()
    const found = await readFresh(server.sync, document, (ydoc) => ydoc.getArray("words").toArray())
    expect([cutAfterBytes, found]).toEqual([cutAfterBytes, ["before", "after"]])
    await line.close()
  }
})

describe("a line that", () => {
  it("flaps while people type loses nothing and doubles nothing", async () => {
    const [line, ...typists] = await typingOver(3)
    const random = new SeededRandom(7)
    const ends = ["cut", "silence"] as const
    for (let flap = 0; flap < 30; flap++) {
      // A cut falls anywhere between two edits, acknowledged or not.
      const edits = totalEdits(typists) + 1 + random.below(20)
      await waitUntil(onEdits, () => totalEdits(typists) >= edits, `edit ${edits}`)
      line[ends[random.below(ends.length)] ?? "cut"]()
    }
    expect(line.begun).toBeGreaterThan(30)
    await expectKept(typists)
  })

  it("takes its time, another for each piece, loses nothing and doubles nothing", async () => {
    const random = new SeededRandom(8)
    const delayMs = (): number => random.below(120)
    const [, ...typists] = await typingOver(3, { up: { delayMs }, down: { delayMs } })
    await waitUntil(onEdits, () => totalEdits(typists) >= 60, "sixty edits")
    await expectKept(typists)
  })

  it("lets through one byte at a time changes nothing", async () => {
    const [, ...typists] = await typingOver(2, { up: { pieceBytes: 1 }, down: { pieceBytes: 1 } })
    await waitUntil(onEdits, () => totalEdits(typists) >= 100, "a hundred edits")
    await expectKept(typists)
  })

  it("falls silent is given up by a client with unsaved edits, which then saves them", async () => {
    const line = await Line.lay(server.port)
    const client = clientForTest(line.sync, "silent", { clock: CLOCK })
    await client.provider.whenSynced(patience())
    line.silence()
    client.ydoc.getArray<string>("words").push(["kept"])
    await client.provider.whenSaved(patience())
    expect(line.begun).toBeGreaterThanOrEqual(2)
    const found = await readFresh(server.sync, "silent", (ydoc) => ydoc.getArray("words").toArray())
    expect(found).toEqual(["kept"])
  })
})

const editListeners = new Set<() => void>()

/** Looks at each edit and each acknowledgement. */
function onEdits(listener: () => void): () => void {
  editListeners.add(listener)
  return () => editListeners.delete(listener)
}

function totalEdits(typists: readonly Typist[]): number {
  return typists.reduce((sum, { fates }) => sum + fates.size, 0)
}

/** People who type into one document over a line. Each test has its own document. */
async function typingOver(count: number, fate: ConnectionFate = {}): Promise<readonly [Line, ...Typist[]]> {
  const line = await Line.lay(server.port)
  line.fateOf = () => fate
  const document = `line-${line.port}`
  const typists = Array.from({ length: count }, (_, i) => {
    const typist = new Typist(`typist${i}`, {
      url: line.sync,
      document,
      content: PLAIN,
      random: new SeededRandom(i),
      onEdit: () => {
        for (const listener of [...editListeners]) listener()
      },
      provider: { clock: CLOCK },
    })
    ownedByTest({ close: () => typist.client.close() })
    return typist
  })
  await Promise.all(typists.map(({ client }) => client.provider.whenSynced(patience())))
  documents.set(typists[0]?.client, document)
  for (const typist of typists) typist.start()
  return [line, ...typists]
}

const documents = new Map<Client | undefined, string>()

/** The typing ends: everything was saved, and somebody who comes then finds it, once. */
async function expectKept(typists: readonly Typist[]): Promise<void> {
  for (const typist of typists) typist.stop()
  await Promise.all(typists.map(({ client }) => client.provider.whenSaved(patience())))
  const found = await readFresh(server.sync, documents.get(typists[0]?.client) ?? "", PLAIN.tokens)
  expect(brokenPromises(found, typists)).toEqual([])
  expect(typists.flatMap(({ undecided }) => undecided)).toEqual([])
}
