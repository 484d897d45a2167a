import { randomBytes } from "node:crypto"
import { describe, expect, it } from "vitest"
import { Gate } from "./gate.js"
import {
  type Client,
  clientForTest,
  hurriedClock,
  ownedByTest,
  patience,
  type RunningServer,
  readFresh,
  serverForTest,
  waitUntil,
} from "./harness.js"
import { limitFileSize, mountSmallDisk, type SmallDisk } from "./small-disk.js"

/**
 * A real server on a disk that is really full. LevelDB loses what it acknowledges after a failed write, unless it is
 * reopened first (reliability note L1); so everything that was called saved is looked for after a kill.
 */

const DOCUMENT = "notes"

/** Each disk, made anew for each test. On a mounted one the space ends at different places in LevelDB's log. */
const DISKS: readonly [string, () => SmallDisk][] = [["a limit on the size of files", limitFileSize]]
const canMount = probeMount()
const MOUNTED: typeof DISKS = [0, 4_099, 12_345].map((extra) => [
  `a small tmpfs, ${extra} bytes of extra ballast`,
  () => mountSmallDisk(extra) ?? fail("mounting worked a moment ago"),
])
if (!canMount) process.stdout.write("disk: this process may not mount; only the limit on file sizes was tested\n")

describe.each(canMount ? [...DISKS, ...MOUNTED] : DISKS)("a full disk (%s)", (_name, makeDisk) => {
  it("is shown as not saved; once there is space, what waits is saved without anybody's help", async () => {
    const { disk, server, writer } = await smallServer(makeDisk)
    const { saved, waiting } = await fillUp(writer, disk.editLength)
    const { save } = writer.provider.getStatus()
    expect(save).toMatchObject({ kind: "not-saved", edits: 1 })
    const health = await fetch(`${server.http}/api/health`)
    expect([health.status, await health.json()]).toEqual([503, { status: "failing", reason: reasonOf(save) }])
    // Reading goes on, for those who are here and those who come; they are told as well.
    const reader = clientForTest(server.sync, DOCUMENT)
    await reader.provider.whenSynced(patience())
    expect(edits(reader.ydoc)).toEqual([...saved, waiting])
    reader.ydoc.getArray("edits").push(["the reader's"])
    const isTold = (): boolean => reader.provider.getStatus().save.kind === "not-saved"
    await waitUntil(reader.provider.subscribe, isTold, "the reader to be told")
    disk.free(server.process.pid)
    await writer.provider.whenSaved(patience())
    await reader.provider.whenSaved(patience())
    expect((await fetch(`${server.http}/api/health`)).status).toBe(200)
    const last = await typeMore(writer)
    await server.kill9()
    await server.restart()
    expect(await readFresh(server.sync, DOCUMENT, edits)).toEqual([...saved, waiting, "the reader's", last])
  })

  it("loses nothing that was saved if the server is killed on it", async () => {
    const { disk, server, gate, writer } = await smallServer(makeDisk)
    const { saved, waiting } = await fillUp(writer, disk.editLength)
    gate.hold()
    await server.kill9()
    await expectRefusalOrService(server)
    disk.free(undefined)
    await server.restart()
    const found = await readFresh(server.sync, DOCUMENT, edits)
    // The edit that was on its way may have been written just then; nothing else may differ.
    expect([saved, [...saved, waiting]]).toContainEqual(found)
    gate.release()
    await writer.provider.whenSaved(patience())
    expect(await readFresh(server.sync, DOCUMENT, edits)).toEqual([...saved, waiting])
  })
})

/** A disk may be too full even to open LevelDB: that is said. If it opens, the server is killed once more. */
async function expectRefusalOrService(server: RunningServer): Promise<void> {
  const isUp = await server.restart().then(
    () => true,
    () => false,
  )
  if (isUp) return server.kill9()
  expect(server.process.exit).toEqual({ code: 1, signal: null })
  expect(server.process.stderr).toMatch(/^quire: the data folder \S+ cannot be opened: the disk [^\n]+\n$/)
}

async function smallServer(
  makeDisk: () => SmallDisk,
): Promise<{ disk: SmallDisk; server: RunningServer; gate: Gate; writer: Client }> {
  const disk = ownedByTest(makeDisk())
  const server = await serverForTest({ folder: disk.folder, under: disk.under })
  disk.begin(server.process.pid)
  const gate = ownedByTest(await Gate.build(server.port))
  const writer = clientForTest(gate.sync, DOCUMENT, { clock: hurriedClock(2) })
  await writer.provider.whenSynced(patience())
  return { disk, server, gate, writer }
}

/** Types what does not compress, each edit after the one before was saved, until one is not. */
async function fillUp(
  { ydoc, provider }: Client,
  editLength: number,
): Promise<{ readonly saved: string[]; readonly waiting: string }> {
  const saved: string[] = []
  for (;;) {
    const edit = randomBytes(editLength / 2).toString("hex")
    ydoc.getArray("edits").push([edit])
    const isSaved = (): boolean => provider.getStatus().save.kind === "saved"
    // On a busy machine an edit may also be called not saved because its acknowledgement is late.
    const isRefused = (): boolean => reasonOf(provider.getStatus().save).startsWith("the disk ")
    await waitUntil(provider.subscribe, () => isSaved() || isRefused(), "an edit to be saved, or refused")
    if (!isSaved()) return { saved, waiting: edit }
    saved.push(edit)
  }
}

async function typeMore({ ydoc, provider }: Client): Promise<string> {
  const edit = "typed after there was space"
  ydoc.getArray("edits").push([edit])
  await provider.whenSaved(patience())
  return edit
}

function edits(ydoc: Client["ydoc"]): string[] {
  return ydoc.getArray<string>("edits").toArray()
}

function reasonOf(save: ReturnType<Client["provider"]["getStatus"]>["save"]): string {
  return save.kind === "not-saved" ? save.reason : ""
}

function probeMount(): boolean {
  const disk = mountSmallDisk(0)
  disk?.close()
  return disk !== undefined
}

function fail(reason: string): never {
  throw new Error(reason)
}
