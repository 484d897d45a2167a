import { SeededRandom } from "@quire/testing"
import * as Y from "yjs"
import { canonicalJson } from "./body.js"
import { COMMANDS } from "./commands.js"
import type { Faults } from "./faults.js"
import { optionsOf, type RunOptions } from "./options.js"
import { drain, mix } from "./timeline.js"
import { World } from "./world.js"

/** Virtual time that everybody has for becoming equal once the world is healed. */
const QUIESCENCE_MS = 200_000

/** What a run came to. */
export interface RunResult {
  readonly options: RunOptions
  /** The first promise that was broken; `undefined` if all were kept. */
  readonly fault: string | undefined
  /** Checksum of everything that happened. */
  readonly digest: string
  readonly faults: Faults
  /** Events on the timeline. */
  readonly events: number
  /** Virtual milliseconds. */
  readonly virtualMs: number
  /** Tokens called saved. */
  readonly acknowledged: number
  /** The newest lines of the trace. */
  readonly trace: readonly string[]
}

/** One run: a phase of faults, then a healed world that has to come to rest. */
export async function run(options: RunOptions, isTraced = false): Promise<RunResult> {
  const world = new World(options, isTraced)
  const rejected = (reason: unknown): void => world.fail(`nobody handles a rejection: ${String(reason)}`)
  process.on("unhandledRejection", rejected)
  try {
    await misbehave(world)
    if (world.fault === undefined) await recover(world)
  } catch (error) {
    world.fail(error instanceof Error ? (error.stack ?? error.message) : String(error))
  } finally {
    world.end()
    await drain()
    process.off("unhandledRejection", rejected)
  }
  return {
    options,
    fault: world.fault,
    digest: world.trace.digest,
    faults: world.faults,
    events: world.timeline.events,
    virtualMs: world.timeline.nowMs,
    acknowledged: world.tokens.acknowledged,
    trace: world.trace.lines,
  }
}

/** `run` for a seed alone. */
export function runSeed(seed: number, steps?: number, skip?: ReadonlySet<number>): Promise<RunResult> {
  return run(optionsOf(seed, steps, skip))
}

async function misbehave(world: World): Promise<void> {
  const { options, timeline } = world
  const total = options.weights.reduce((sum, [, weight]) => sum + weight, 0)
  world.server.start()
  for (const client of world.clients) client.open()
  await timeline.advance(50 + 8 * options.latencyMs)
  for (let step = 0; step < options.steps && world.fault === undefined; step++) {
    // Each command has randomness of its own, so that leaving one out changes none of the others.
    const random = new SeededRandom(mix(options.seed, step))
    let choice = random.fraction() * total
    const command = COMMANDS.find((_, at) => {
      choice -= options.weights[at]?.[1] ?? 0
      return choice < 0
    })
    if (command !== undefined && !options.skip.has(step)) {
      world.trace.note(`${timeline.nowMs} ms, step ${step}: ${command.name}`)
      command.run(world, random)
      await drain()
    }
    await timeline.advance(Math.floor(-Math.log(1 - random.fraction()) * options.paceMs))
  }
}

async function recover(world: World): Promise<void> {
  world.trace.note(`${world.timeline.nowMs} ms: healed`)
  // Faults that were given a length end by themselves; so do those that come meanwhile.
  let why: string | undefined = "it was not looked at"
  const mute = new Set(world.natives)
  for (let passedMs = 0; passedMs < QUIESCENCE_MS && world.fault === undefined; passedMs += 1_000) {
    if (why !== undefined) world.healAll()
    await world.timeline.advance(1_000)
    // Everybody writes once more: a world at rest is one that can still be written to.
    for (const client of mute) {
      if (client.status?.isReadable !== true) continue
      client.write(world.random)
      mute.delete(client)
    }
    why = mute.size > 0 ? "not everybody has written" : unrest(world)
    if (why === undefined) break
  }
  if (world.fault !== undefined) return
  if (why !== undefined) return world.fail(`no rest after ${QUIESCENCE_MS} ms: ${why}`)
  await compareAll(world)
}

/** What is not at rest yet, in words. */
function unrest(world: World): string | undefined {
  if (!world.server.isUp) return "the server is not up"
  const ids = new Set<number>()
  for (const { name, status, ydoc } of world.natives) {
    if (status === undefined || ydoc === undefined) return `${name} has no tab`
    if (status.connection.kind !== "live" || !status.connection.isSynced) return `${name} is ${status.connection.kind}`
    if (status.save.kind !== "saved") return `${name} is ${status.save.kind}`
    ids.add(ydoc.clientID)
  }
  for (const { name, isSynced, ydoc } of world.plains) {
    if (!isSynced || ydoc === undefined) return `${name} is not in sync`
    ids.add(ydoc.clientID)
  }
  const json = canonicalJson(world.server.witness.ydoc)
  const stored = Y.snapshot(world.server.witness.ydoc)
  for (const { name, ydoc, awareness } of world.clients) {
    if (ydoc === undefined || awareness === undefined) return `${name} has no page`
    // Deletions of what nobody sees any more show in no JSON.
    const isSame = canonicalJson(ydoc) === json && Y.equalSnapshots(Y.snapshot(ydoc), stored)
    if (!isSame) return `${name} shows another document than the server's disk`
    const seen = [...awareness.getStates().keys()]
    if (seen.length !== ids.size || seen.some((id) => !ids.has(id))) {
      return `${name} sees ${seen.sort().join()}, here are ${[...ids].sort().join()}`
    }
  }
  return undefined
}

/** At rest: everybody has the same, to the byte, and so has what a new process would load. */
async function compareAll(world: World): Promise<void> {
  world.server.crash(true)
  const reading = world.server.read()
  let stored: Y.Doc | undefined
  reading.then(
    (ydoc) => {
      stored = ydoc
    },
    (error: unknown) => world.fail(`the log cannot be read: ${String(error)}`),
  )
  for (let i = 0; i < 100 && stored === undefined; i++) await world.timeline.advance(100)
  if (stored === undefined) return world.fail("the log was not read in time")
  const expected = canonicalBytes(stored)
  for (const { name, ydoc } of world.clients) {
    if (ydoc === undefined) continue
    world.check(
      canonicalJson(ydoc) === canonicalJson(stored),
      () => `${name} shows another document than the log holds`,
    )
    world.check(Buffer.compare(canonicalBytes(ydoc), expected) === 0, () => `${name} holds other bytes than the log`)
    world.check(
      ydoc.store.pendingStructs === null && ydoc.store.pendingDs === null,
      () => `${name} still waits for something it builds on`,
    )
  }
  const fault = world.tokens.faultIn(stored)
  world.check(fault === undefined, () => `in the end ${fault}`)
}

/** A ydoc's state after it was loaded anew: structs joined and garbage collected as far as they can be. */
function canonicalBytes(ydoc: Y.Doc): Uint8Array {
  let bytes = Y.encodeStateAsUpdate(ydoc)
  for (let round = 0; round < 2; round++) {
    const fresh = new Y.Doc()
    Y.applyUpdate(fresh, bytes)
    bytes = Y.encodeStateAsUpdate(fresh)
    fresh.destroy()
  }
  return bytes
}
