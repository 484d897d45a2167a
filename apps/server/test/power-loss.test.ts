import { execFile } from "node:child_process"
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import type { DocumentId } from "@quire/base"
import { mergeUpdates } from "@quire/document"
import { DocumentLog, type StorageReport } from "@quire/storage"
import { FakeClock, SeededRandom } from "@quire/testing"
import { expect, it } from "vitest"
import * as Y from "yjs"
import { temporaryFolder, unusedPort } from "./harness.js"
import { LEFTOVERS, type Leftovers, ReplayedDisk } from "./replayed-disk.js"
import { type PlacedCall, readTrace, TRACED } from "./system-calls.js"
import { fold, openLevelDb } from "./written-store.js"

/*
 * The real server is run under strace while people type. From the trace, the data folder is built as the disk may hold it
 * when the power fails at one of the calls: what was synced, and of the rest nothing, or some. Opened, it must hold all
 * that anybody had been promised by then. POINTS (or "all"), EDITS and SEED change or replay a run.
 */

const POINTS = process.env.POINTS === "all" ? Number.POSITIVE_INFINITY : Number(process.env.POINTS ?? 120)
const EDITS = process.env.EDITS ?? "24"
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32))
/** Folders looked at at once: most of the time goes into waiting for the disk. */
const LANES = 4

/** How often the writer starts the server. */
const LIVES = 4

const SERVER = fileURLToPath(new URL("../dist/main.js", import.meta.url))
const WRITER = fileURLToPath(new URL("./fixtures/write-until-power-loss.mjs", import.meta.url))

/** What somebody was told: a document's token was saved, or a title. */
type Promised =
  | { readonly document: DocumentId; readonly number: number; readonly length: number }
  | { readonly document: DocumentId; readonly title: string }

it("a loss of power at any call loses nothing that was called saved", { timeout: 3_600_000 }, async () => {
  const root = await temporaryFolder()
  const { calls, promisesAt } = await record(root)
  await expectSameAsReal(calls, root)
  const random = new SeededRandom(SEED)
  const cuts = choose(calls, random)
  const tally = { syncs: calls.filter(({ call }) => call.kind === "sync").length, points: 0, promises: 0 }
  const broken: string[] = []
  const folders = await temporaryFolder()
  const disk = new ReplayedDisk(root)
  const underWay = new Set<Promise<void>>()
  for (const [at, placed] of calls.entries()) {
    disk.take(placed)
    for (const leftovers of cuts.get(at) ?? []) {
      const folder = join(folders, String(tally.points++))
      await mkdir(folder)
      await disk.build(folder, leftovers, random)
      const promised = promisesAt(calls[at + 1]?.began ?? Number.POSITIVE_INFINITY)
      tally.promises = Math.max(tally.promises, promised.length)
      const where = `${leftovers} unsafe left, after call ${at}: ${placed.call.kind} ${placed.call.path.slice(root.length)}`
      const looking = look(join(folder, "data"), promised).then(async (wrong) => {
        if (wrong.length > 0) broken.push(`${where}: ${wrong.slice(0, 3).join("; ")}`)
        else await rm(folder, { recursive: true, force: true })
      })
      underWay.add(looking)
      looking.then(
        () => underWay.delete(looking),
        () => undefined,
      )
      if (underWay.size >= LANES) await Promise.race(underWay)
    }
  }
  await Promise.all(underWay)
  process.stdout.write(
    `power: ${calls.length} calls, ${tally.syncs} syncs, ${tally.points} losses of power, ${tally.promises} promises, SEED=${SEED}\n`,
  )
  expect(broken).toEqual([])
  expect(tally.promises).toBeGreaterThan(100)
  // LevelDB begins a log whenever it is opened, and must have begun one under way as well.
  const logs = calls.filter(({ call }) => call.kind === "create" && call.path.endsWith(".log"))
  expect(logs.length).toBeGreaterThan(LIVES)
})

/** Runs the writer and its servers under strace. */
async function record(root: string): Promise<{
  readonly calls: readonly PlacedCall[]
  /** What had been promised when the line of the trace was written. */
  readonly promisesAt: (line: number) => readonly Promised[]
}> {
  const elsewhere = await temporaryFolder()
  const [trace, promises] = [join(elsewhere, "trace"), join(elsewhere, "promises")]
  const strace = ["-f", "--seccomp-bpf", "-y", "-xx", "-s", "4194304", "-e", `trace=${TRACED}`, "-o", trace]
  const command = [process.execPath, WRITER, SERVER, String(await unusedPort()), join(root, "data"), promises, EDITS]
  const env = { ...process.env, UV_USE_IO_URING: "0" }
  try {
    await promisify(execFile)("strace", [...strace, ...command], { env, timeout: 300_000 })
  } catch (error) {
    const hint = "This test needs strace and leave to trace processes (Debian and Ubuntu: apt-get install strace)."
    throw new Error(hint, { cause: error })
  }
  const made = (await readTrace(trace, promises)).flatMap(({ call, began }) =>
    call.kind === "write" ? [{ line: began, promised: JSON.parse(call.bytes.toString()) as Promised }] : [],
  )
  const promisesAt = (line: number): Promised[] => made.filter((one) => one.line < line).map(({ promised }) => promised)
  return { calls: await readTrace(trace, root), promisesAt }
}

/** The trace is understood: replayed to its end, nothing lost, it gives the folder that the server has left. */
async function expectSameAsReal(calls: readonly PlacedCall[], root: string): Promise<void> {
  const disk = new ReplayedDisk(root)
  for (const call of calls) disk.take(call)
  const built = await temporaryFolder()
  await disk.build(built, "everything", new SeededRandom(1))
  const names = (await readdir(join(root, "data"), { recursive: true })).sort()
  expect((await readdir(join(built, "data"), { recursive: true })).sort()).toEqual(names)
  for (const name of names) {
    const path = join(root, "data", name)
    if ((await stat(path)).isDirectory()) continue
    expect((await readFile(join(built, "data", name))).equals(await readFile(path)), name).toBe(true)
  }
}

/**
 * The calls after which the power fails, and what that leaves: after each call that makes something safe, before it, and
 * after the write that follows; and around every change of names. As many as are asked for; while names are not safe, and at
 * the rarer calls, more often.
 */
function choose(calls: readonly PlacedCall[], random: SeededRandom): ReadonlyMap<number, readonly Leftovers[]> {
  const all: { readonly at: number; readonly leftovers: Leftovers; readonly rank: number }[] = []
  let areNamesSafe = true
  for (const [at, { call }] of calls.entries()) {
    if (call.kind === "sync") areNamesSafe ||= call.path.endsWith("/level")
    else if (call.kind !== "write") areNamesSafe = false
    if (call.kind === "write" && calls[at - 1]?.call.kind !== "sync" && calls[at + 1]?.call.kind !== "sync") continue
    const isRare = !areNamesSafe || (call.kind !== "write" && !(call.kind === "sync" && call.path.endsWith(".log")))
    for (const leftovers of LEFTOVERS) all.push({ at, leftovers, rank: random.fraction() * (isRare ? 0.3 : 1) })
  }
  const chosen = new Map<number, Leftovers[]>()
  for (const { at, leftovers } of all.sort((a, b) => a.rank - b.rank).slice(0, POINTS)) {
    chosen.set(at, [...(chosen.get(at) ?? []), leftovers])
  }
  return chosen
}

/** Opens what is left. @returns what is wrong with it. */
async function look(directory: string, promised: readonly Promised[]): Promise<string[]> {
  const reports: StorageReport[] = []
  const onReport = (report: StorageReport): void => void reports.push(report)
  let log: DocumentLog
  try {
    log = await DocumentLog.open({ directory, openLevel: openLevelDb, fold, clock: new FakeClock(), onReport })
  } catch (error) {
    return [`not opened: ${String(error)}`]
  }
  try {
    const wrong = reports.map((report) => JSON.stringify(report))
    const found = new Map<DocumentId, Map<number, number[]>>()
    for (const one of promised) {
      if ("title" in one) {
        const title = (await log.catalogue.get(one.document))?.title
        if (title !== one.title) wrong.push(`the title of ${one.document} is ${title}`)
        continue
      }
      const tokens = found.get(one.document) ?? (await tokensOf(log, one.document))
      found.set(one.document, tokens)
      const lengths = tokens.get(one.number) ?? []
      if (lengths.join() !== String(one.length)) wrong.push(`token ${one.number} of ${one.document}: ${lengths.join()}`)
    }
    return wrong
  } catch (error) {
    return [`not read: ${String(error)}`]
  } finally {
    await log.close()
  }
}

/** The numbers of the tokens in a document, with the length of each one that has it. */
async function tokensOf(log: DocumentLog, document: DocumentId): Promise<Map<number, number[]>> {
  const loaded = await log.load(document)
  const updates = (loaded?.tail ?? []).map(({ payload }) => payload)
  if (loaded?.snapshot !== undefined) updates.unshift(loaded.snapshot.update)
  const ydoc = new Y.Doc()
  if (updates.length > 0) Y.applyUpdate(ydoc, mergeUpdates(updates))
  const tokens = new Map<number, number[]>()
  for (const token of ydoc.getArray<string>("tokens").toArray()) {
    const number = Number.parseInt(token, 10)
    tokens.set(number, [...(tokens.get(number) ?? []), token.length])
  }
  ydoc.destroy()
  return tokens
}
