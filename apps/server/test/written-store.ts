import { asClientId, asSequence, asUserId, type DocumentId, type Sequence } from "@quire/base"
import { mergeUpdates } from "@quire/document"
import { DocumentLog, type Fold, type OpenLevel, type StorageReport } from "@quire/storage"
import { FakeClock, type SeededRandom, settle } from "@quire/testing"
import { Level } from "level"
import * as Y from "yjs"
import { runJob } from "../src/workers/run-job.js"
import { turn } from "./harness.js"

/** Real LevelDB. */
export const openLevelDb: OpenLevel = async (path) => {
  const level = new Level<Uint8Array, Uint8Array>(path, { keyEncoding: "view", valueEncoding: "view" })
  await level.open()
  return level
}

/** The server's own folding, in this thread. */
export const fold: Fold = async ({ kind, snapshot, records }) =>
  runJob({ kind: "fold", documentKind: kind, snapshot: snapshot?.update, records }) as Awaited<ReturnType<Fold>> // by its kind

/** The documents of a written store. */
export const NAMES: readonly DocumentId[] = ["minutes", "plan", "a/b ü", "letters"].map((name) => name as DocumentId)

/** Documents as a reader would find them, by name: title and text. */
export type Shown = ReadonlyMap<string, { readonly title: string; readonly text: string }>

/** Opens a log with the server's folding. @param reports takes what it reports. */
export async function openLog(
  directory: string,
  reports: StorageReport[] = [],
  openLevel: OpenLevel = openLevelDb,
): Promise<DocumentLog> {
  const onReport = (report: StorageReport): void => void reports.push(report)
  const compaction = { tailRecords: 40, tailBytes: 2 ** 30, retainedBytes: 1_000 }
  return await DocumentLog.open({
    directory,
    openLevel,
    fold,
    clock: new FakeClock(),
    onReport,
    compaction,
  })
}

/** Writes documents with snapshots, history, tails and titles, over several lives, so that there are logs and tables. */
export async function writeStore(directory: string, random: SeededRandom): Promise<Shown> {
  const ydocs = new Map(NAMES.map((name) => [name, new Y.Doc()]))
  for (let life = 0; life < 4; life++) {
    const log = await openLog(directory)
    for (const [name, ydoc] of ydocs) {
      if (life === 0) {
        await log.catalogue.create({ document: name, kind: "plain", title: `Title of ${name}`, timeMs: 1 })
        const { head } = (await log.load(name)) ?? {}
        if (head !== undefined) throw new Error("the folder is not empty")
      }
      const updates: Uint8Array[] = []
      ydoc.on("update", (update: Uint8Array) => updates.push(update))
      for (let i = 0; i < 25; i++) edit(ydoc, random, `${life}.${i} `)
      let sequence: Sequence = (await log.load(name))?.head.sequence ?? asSequence(0)
      for (const payload of updates) {
        sequence = asSequence(sequence + 1)
        await log.append(name, record(sequence, payload), { kind: "plain", epoch: "00112233445566ff", createdMs: 1 })
      }
      await settle()
      await turn()
      if (life === 2) await log.catalogue.setTitle(name, `New title of ${name}`, 2)
    }
    await log.close()
  }
  return new Map([...ydocs].map(([name, ydoc]) => [name, { title: `New title of ${name}`, text: textOf(ydoc) }]))
}

/** A record of somebody's. */
export function record(sequence: Sequence, payload: Uint8Array): Parameters<DocumentLog["append"]>[1] {
  const author = asUserId("ada")
  return { sequence, kind: "body", author, clientId: asClientId(7), timeMs: 5, schema: 0, payload }
}

/** What a server that opens the folder shows; a document that it refuses is left out. */
export async function readStore(directory: string, reports: StorageReport[] = []): Promise<Shown> {
  const log = await openLog(directory, reports)
  const shown = new Map<string, { title: string; text: string }>()
  try {
    for (const name of NAMES) {
      const found = await readDocument(log, name).catch(() => undefined)
      if (found !== undefined) shown.set(name, found)
    }
  } finally {
    await log.close()
  }
  return shown
}

async function readDocument(log: DocumentLog, name: DocumentId): Promise<{ title: string; text: string }> {
  const loaded = await log.load(name)
  const entry = await log.catalogue.get(name)
  const ydoc = new Y.Doc()
  const updates = (loaded?.tail ?? []).map(({ payload }) => payload)
  if (loaded?.snapshot !== undefined) updates.unshift(loaded.snapshot.update)
  Y.applyUpdate(ydoc, mergeUpdates(updates))
  return { title: entry?.title ?? "", text: textOf(ydoc) }
}

function edit(ydoc: Y.Doc, random: SeededRandom, text: string): void {
  const ytext = ydoc.getText("text")
  if (ytext.length > 20 && random.below(4) === 0) ytext.delete(random.below(ytext.length - 5), 5)
  else ytext.insert(random.below(ytext.length + 1), text)
}

function textOf(ydoc: Y.Doc): string {
  return ydoc.getText("text").toString()
}
