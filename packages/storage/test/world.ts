import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  asClientId,
  asSequence,
  asUserId,
  type ClientId,
  type DocumentId,
  type Sequence,
  type UserId,
} from "@quire/base"
import { FakeClock } from "@quire/testing"
import { Level } from "level"
import { afterEach } from "vitest"
import {
  DocumentLog,
  type DocumentLogOptions,
  type DocumentOrigin,
  type Fold,
  type LoadedDocument,
  type NewRecord,
  type OpenLevel,
  type StorageReport,
} from "../src/index.js"

/** A document's name. */
export function name(text: string): DocumentId {
  return text as DocumentId // tests choose valid names
}

/** A sequence. */
export const seq: (value: number) => Sequence = asSequence

/** Where the documents of these tests come from. */
export const ORIGIN: DocumentOrigin = { kind: "page", epoch: "00112233445566ff", createdMs: 1_700_000_000_000 }

/** A record that says its own number. */
export function bodyRecord(sequence: number, part: Partial<NewRecord> = {}): NewRecord {
  const author: UserId = asUserId("ada")
  const clientId: ClientId = asClientId(2 ** 53 - 1)
  return {
    sequence: seq(sequence),
    kind: "body",
    author,
    clientId,
    timeMs: ORIGIN.createdMs + sequence,
    schema: 1,
    payload: Buffer.from(`[${sequence}]`),
    ...part,
  }
}

/** A feed record that says its own number. */
export function feedRecord(sequence: number): NewRecord {
  return bodyRecord(sequence, { kind: "feed", payload: Buffer.from(`<${sequence}>`) })
}

/** Stands in for Yjs: an update is the payloads one after another. */
export const concatenate: Fold = async ({ snapshot, records }) => ({
  update: Buffer.concat([snapshot?.update ?? new Uint8Array(), ...records.map((record) => record.payload)]),
  stateVector: Buffer.from(`vector ${records.at(-1)?.sequence}`),
  deleteSet: Buffer.from("deletions"),
  authorship: Buffer.from(records.map((record) => record.author).join()),
})

/** Everything a loaded document's body says, folded or not. */
export function bodyText(loaded: LoadedDocument | undefined): string {
  if (loaded === undefined) return ""
  const tail = loaded.tail.filter((record) => record.kind === "body")
  return Buffer.concat([loaded.snapshot?.update ?? new Uint8Array(), ...tail.map((r) => r.payload)]).toString()
}

/** The payloads of a loaded document's feed. */
export function feedText(loaded: LoadedDocument | undefined): string {
  const feed = (loaded?.tail ?? []).filter((record) => record.kind === "feed")
  return feed.map((record) => Buffer.from(record.payload).toString()).join("")
}

/** "[1][2]…" */
export function numbered(from: number, to: number): string {
  let text = ""
  for (let i = from; i <= to; i++) text += `[${i}]`
  return text
}

/** Real LevelDB. */
export const openLevelDb: OpenLevel = async (path) => {
  const level = new Level<Uint8Array, Uint8Array>(path, { keyEncoding: "view", valueEncoding: "view" })
  await level.open()
  return level
}

const folders: string[] = []
const logs: DocumentLog[] = []

afterEach(async () => {
  for (const log of logs.splice(0)) await log.close()
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "quire-storage-"))
  folders.push(folder)
  return folder
}

/** A log with what it reported and the clock it goes by. Closed after the test. */
export interface OpenedLog {
  readonly log: DocumentLog
  readonly clock: FakeClock
  readonly reports: StorageReport[]
  readonly directory: string
}

/** Open a log in a folder of its own, or the given one. */
export async function openLog(
  options: Partial<DocumentLogOptions> & Pick<DocumentLogOptions, "openLevel">,
): Promise<OpenedLog> {
  const clock = new FakeClock()
  const reports: StorageReport[] = []
  const directory = options.directory ?? (await temporaryFolder())
  const log = await DocumentLog.open({
    fold: concatenate,
    clock,
    onReport: (report) => reports.push(report),
    ...options,
    directory,
  })
  logs.push(log)
  return { log, clock, reports, directory }
}

/** Let the event loop turn until something is so. No time passes on the clock. Gives up before the test would. */
export async function until(condition: () => boolean): Promise<void> {
  const patience = AbortSignal.timeout(4_500)
  while (!condition()) {
    if (patience.aborted) throw new Error("it never came to be")
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Wait for a promise while time passes as fast as timers want it to. */
export async function drive<T>(clock: FakeClock, promise: Promise<T>): Promise<T> {
  let isSettled = false
  const settled = promise.finally(() => {
    isSettled = true
  })
  settled.catch(() => {}) // the caller hears of it below
  await until(() => {
    if (!isSettled && clock.pending > 0) clock.advance(5_000)
    return isSettled
  })
  return await settled
}
