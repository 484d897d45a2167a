import { SeededRandom } from "@quire/testing"
import { describe, expect, it } from "vitest"
import {
  clientForTest,
  hurriedClock,
  onUpdate,
  ownedByTest,
  patience,
  readFresh,
  temporaryFolder,
  unusedPort,
  waitUntil,
} from "./harness.js"
import { FaultyDisk, InProcessServer } from "./in-process.js"
import { brokenPromises, PLAIN, Typist } from "./typing.js"

/** Sockets, rooms and log over a disk that fails at a chosen write, which the kernel's disks do not do on request. */

const DOCUMENT = "notes"
/** Edits a typist makes in one test: more than the write that fails last. */
const EDITS = 24
const FAULTS = 8

interface World {
  readonly disk: FaultyDisk
  readonly server: InProcessServer
  readonly typist: Typist
  /** The process ends here, whatever is not written; another one takes its place. */
  crash(): Promise<InProcessServer>
}

async function world(): Promise<World> {
  const disk = new FaultyDisk()
  const folder = await temporaryFolder()
  const port = await unusedPort()
  const start = async (): Promise<InProcessServer> => {
    return ownedByTest(await InProcessServer.start(folder, port, disk))
  }
  const server = await start()
  const typist = new Typist("t", {
    url: server.sync,
    document: DOCUMENT,
    content: PLAIN,
    random: new SeededRandom(7),
    onEdit: () => undefined,
    provider: { clock: hurriedClock(5) },
  })
  ownedByTest({ close: () => typist.client.close() })
  await typist.client.provider.whenSynced(patience())
  const crash = async (): Promise<InProcessServer> => {
    await server.close()
    disk.isRefused = () => false
    return start()
  }
  return { disk, server, typist, crash }
}

describe("[L1] a write that fails", () => {
  for (let n = 1; n <= FAULTS; n++) {
    it(`is made up for, and nothing after it is lost: write ${n}`, async () => {
      const { disk, server, typist, crash } = await world()
      const first = disk.batches
      disk.isRefused = (batch) => batch === first + n
      for (let i = 0; i < EDITS; i++) {
        typist.type()
        // Now and then several edits wait for one write.
        if (i % 3 === 0) await typist.client.provider.whenSaved(patience())
      }
      await typist.client.provider.whenSaved(patience())
      expect(disk.refusals).toBe(1)
      expect(server.log.getHealth()).toEqual({ kind: "ok" })
      const again = await crash()
      const found = await readFresh(again.sync, DOCUMENT, PLAIN.tokens)
      expect(typist.undecided).toEqual([])
      expect(brokenPromises(found, [typist])).toEqual([])
    })
  }
})

describe("a disk that fails for a while", () => {
  it("is shown as not saved, with the reason; colleagues see the words at once; then all is saved", async () => {
    const { disk, server, typist, crash } = await world()
    const colleague = clientForTest(server.sync, DOCUMENT)
    await colleague.provider.whenSynced(patience())
    typist.type()
    await typist.client.provider.whenSaved(patience())
    disk.isRefused = () => true
    typist.type()
    typist.type()
    const { provider } = typist.client
    const isTold = (): boolean => provider.getStatus().save.kind === "not-saved"
    await waitUntil(provider.subscribe, isTold, "the writer to be told")
    expect(provider.getStatus().save).toEqual({ kind: "not-saved", edits: 2, reason: "the disk is full" })
    expect(server.log.getHealth()).toMatchObject({ kind: "failing", reason: "the disk is full" })
    const sees = (): boolean => PLAIN.length(colleague.ydoc) === 3
    await waitUntil(onUpdate(colleague.ydoc), sees, "the words at the colleague")
    expect(await readFresh(server.sync, DOCUMENT, PLAIN.length)).toBe(3)
    disk.isRefused = () => false
    await provider.whenSaved(patience())
    expect(provider.getStatus().save).toEqual({ kind: "saved" })
    const again = await crash()
    expect(brokenPromises(await readFresh(again.sync, DOCUMENT, PLAIN.tokens), [typist])).toEqual([])
  })

  it("loses nothing if the process ends meanwhile: what was not saved comes again", async () => {
    const { disk, server, typist, crash } = await world()
    // Somebody else holds the words too; whoever comes back first hands them on.
    const colleague = clientForTest(server.sync, DOCUMENT, { clock: hurriedClock(5) })
    await colleague.provider.whenSynced(patience())
    for (let i = 0; i < EDITS; i++) typist.type()
    await typist.client.provider.whenSaved(patience())
    disk.isRefused = () => true
    const before = typist.fates.size
    for (let i = 0; i < EDITS; i++) typist.type()
    const { provider } = typist.client
    const isTold = (): boolean => provider.getStatus().save.kind === "not-saved"
    await waitUntil(provider.subscribe, isTold, "the writer to be told")
    expect(typist.undecided.length).toBeGreaterThanOrEqual(typist.fates.size - before)
    const again = await crash()
    await provider.whenSaved(patience())
    const found = await readFresh(again.sync, DOCUMENT, PLAIN.tokens)
    expect(typist.undecided).toEqual([])
    expect(brokenPromises(found, [typist])).toEqual([])
  })
})
