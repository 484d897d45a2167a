import { randomBytes } from "node:crypto"
import { cp } from "node:fs/promises"
import { join } from "node:path"
import { asSequence, type DocumentId } from "@quire/base"
import { DocumentLog } from "@quire/storage"
import { expect, it } from "vitest"
import { hurriedClock, ownedByTest, temporaryFolder } from "./harness.js"
import { mountSmallDisk, type SmallDisk } from "./small-disk.js"
import { fold, openLevelDb, record } from "./written-store.js"

/*
 * The log on a disk that gets full in the middle of a record: where in it decides what LevelDB leaves, and some places
 * hide what others show (reliability note L1). So it is done with twelve sizes of ballast.
 */

const BALLASTS = Array.from({ length: 12 }, (_, i) => i * 2_741)
const DOCUMENT = "notes" as DocumentId
/** Bytes that do not compress. Some hundred of them fill the disk. */
const RECORD_BYTES = 24_000
/** Appends after there was space again. */
const MORE = 30

it("a disk that gets full at twelve places of a record loses nothing that was acknowledged", async () => {
  const written: number[] = []
  for (const extraBytes of BALLASTS) {
    const disk = mountSmallDisk(extraBytes)
    if (disk === undefined) {
      process.stdout.write("ballast: this process may not mount; full-disk.test.ts limits the size of files instead\n")
      return
    }
    written.push(await fillFreeAndGoOn(ownedByTest(disk)))
  }
  process.stdout.write(`ballast: ${BALLASTS.length} full disks, ${written.join(" ")} appends each\n`)
})

/** @returns how many appends there were. */
async function fillFreeAndGoOn(disk: SmallDisk): Promise<number> {
  const log = await open(disk.folder)
  ownedByTest({ close: () => log.close() })
  const payloads: Buffer[] = []
  const append = (): Promise<unknown> => {
    payloads.push(randomBytes(RECORD_BYTES))
    const sequence = asSequence(payloads.length)
    return log.append(DOCUMENT, record(sequence, payloads.at(-1) ?? Buffer.alloc(0)), {
      kind: "plain",
      epoch: "00112233445566ff",
      createdMs: 1,
    })
  }
  const refused = new Promise<void>((resolve) => {
    log.subscribe(() => log.getHealth().kind === "failing" && resolve())
  })
  let waiting = append()
  while ((await Promise.race([waiting.then(() => "written"), refused.then(() => "refused")])) === "written") {
    waiting = append()
  }
  disk.free(undefined)
  await waiting
  for (let i = 0; i < MORE; i++) await append()
  // What a kill would leave.
  const left = join(await temporaryFolder(), "data")
  await cp(disk.folder, left, { recursive: true })
  await log.close()
  const survivor = await open(left)
  const loaded = await survivor.load(DOCUMENT)
  await survivor.close()
  expect(loaded?.head.sequence).toBe(payloads.length)
  expect(loaded?.tail.every(({ payload }, i) => payloads[i]?.equals(payload))).toBe(true)
  return payloads.length
}

async function open(directory: string): Promise<DocumentLog> {
  return await DocumentLog.open({
    directory,
    openLevel: openLevelDb,
    fold,
    clock: hurriedClock(20),
    onReport: (report) => {
      throw new Error(`nothing is to be reported here: ${JSON.stringify(report)}`)
    },
    compaction: { tailRecords: 1_000_000, tailBytes: 2 ** 40 },
  })
}
