// How long until a writer hears that its letter is on disk, at a thousand letters a second, beside what the disk itself
// takes to say so.
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs"
import { join as joinPath } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { typeLetters } from "../corpus.mjs"
import { Latencies } from "../latencies.mjs"
import { clientFrame } from "../light-socket.mjs"
import { deferred, join, leave, many, within } from "../participant.mjs"
import { cpuMsBetween, sampleCpu, whenQuiet } from "../process-cost.mjs"
import { readClocks } from "../read-update.mjs"

const A_SECOND = 1_000
const SYNCS = 300
/** Timers of Node.js are no finer. */
const STEP_MS = 1

export const durable = {
  id: "durable",
  sizes: { full: { writers: 100, warmUp: 10, letters: 50 }, quick: { writers: 20, warmUp: 5, letters: 20 } },
  title: ({ writers }) => `${A_SECOND} updates/s from ${writers} writers in a document each, until each is on disk`,
  contestants: ["quire", "quire-native"],
  metrics: [
    { id: "syncP50", label: "the disk's own fsync, p50", unit: "ms" },
    { id: "syncP99", label: "the disk's own fsync, p99", unit: "ms" },
    { id: "latencyP50", label: "acknowledged after, p50", unit: "ms", target: { beside: "syncP50", plus: 5 } },
    { id: "latencyP99", label: "acknowledged after, p99", unit: "ms", target: { beside: "syncP99", plus: 25 } },
    { id: "cpuPerUpdate", label: "CPU per update", unit: "µs" },
  ],

  async measure(contestant, server, { sizes, folder }) {
    const disk = measureDisk(joinPath(folder, "fsync"))
    const first = 1 + sizes.warmUp
    const last = first + sizes.letters
    const updates = typeLetters(1, last)
    const settled = new Settled(sizes.writers)
    const writers = await many(sizes.writers, async (index) => {
      const name = `durable-${index}`
      const participant = await join(contestant, server, { name, clientId: 1, ...settled.listener(index) })
      const frames = updates.map((update) => clientFrame(contestant.dialect.update(name, update)))
      return { participant, frames }
    })
    await Promise.all(writers.map(({ participant }) => participant.whenWhole()))
    const atPace = async (from, to) => {
      const startedAt = performance.now()
      const total = writers.length * (to - from)
      for (let sent = 0; sent < total; ) {
        const due = Math.min(total, Math.ceil(((performance.now() - startedAt) * A_SECOND) / 1_000))
        for (; sent < due; sent++) {
          const index = sent % writers.length
          const letter = from + Math.floor(sent / writers.length)
          settled.sent(index)
          writers[index].participant.send(writers[index].frames[letter])
        }
        await wait(STEP_MS)
      }
      await settled.whenAllHave(to)
    }
    await atPace(0, first)
    await whenQuiet(server.pid)
    settled.latencies = new Latencies()
    const before = sampleCpu(server.pid)
    await atPace(first, last)
    const cpuMs = cpuMsBetween(before, sampleCpu(server.pid))
    const { latencies } = settled
    await leave(writers.map(({ participant }) => participant))
    return {
      syncP50: disk.at(0.5),
      syncP99: disk.at(0.99),
      latencyP50: latencies.at(0.5),
      latencyP99: latencies.at(0.99),
      cpuPerUpdate: (cpuMs * 1_000) / (sizes.writers * sizes.letters),
    }
  },
}

/** Appends as a log does, one record at a time, each synced. */
function measureDisk(path) {
  const latencies = new Latencies()
  const file = openSync(path, "w")
  const record = Buffer.alloc(200, 1)
  for (let i = 0; i < SYNCS; i++) {
    writeSync(file, record)
    const startedAt = performance.now()
    fdatasyncSync(file)
    latencies.add(performance.now() - startedAt)
  }
  closeSync(file)
  return latencies
}

/** Which letters their writers know to be on disk: native ones by acknowledgement, plain ones by getting them back. */
class Settled {
  latencies = new Latencies()
  /** Of each writer, when the letters were sent whose fate is not known. */
  #waiting
  #through
  #goal = { letters: Number.POSITIVE_INFINITY, lacking: 0, reached: deferred() }

  constructor(writers) {
    this.#waiting = Array.from({ length: writers }, () => [])
    this.#through = new Uint32Array(writers)
  }

  sent(writer) {
    this.#waiting[writer].push(performance.now())
  }

  listener(writer) {
    return {
      onUpdate: (update) => readClocks(update, (_client, _start, end) => this.#settle(writer, end)),
      // The answer to the server's step 1 was the first.
      onAcknowledge: (through) => this.#settle(writer, through - 1),
    }
  }

  async whenAllHave(letters) {
    const lacking = this.#through.filter((through) => through < letters).length
    this.#goal = { letters, lacking, reached: deferred() }
    if (lacking === 0) return
    await within(this.#goal.reached.promise, () => `${this.#goal.lacking} writers have no word of the disk`)
  }

  #settle(writer, letters) {
    const before = this.#through[writer]
    if (letters <= before) return
    this.#through[writer] = letters
    const now = performance.now()
    for (const sentAt of this.#waiting[writer].splice(0, letters - before)) this.latencies.add(now - sentAt)
    const { letters: wanted, reached } = this.#goal
    if (before < wanted && letters >= wanted && --this.#goal.lacking === 0) reached.resolve()
  }
}
