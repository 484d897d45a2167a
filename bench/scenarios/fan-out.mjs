// One writes, two hundred read: what it costs the server to deliver one letter to one reader, and how long that takes.
import { setTimeout as wait } from "node:timers/promises"
import { typeLetters } from "../corpus.mjs"
import { clientFrame } from "../light-socket.mjs"
import { join, many, within } from "../participant.mjs"
import { cpuMsBetween, sampleCpu, whenQuiet } from "../process-cost.mjs"
import { readTypedClocks } from "../wire.mjs"

const READERS = 200
const UPDATES_A_SECOND = 50
const SECONDS = 6
/** So many that the engine has compiled most of what it will compile: a server runs for weeks, not for seconds. */
const WARM_UP_UPDATES = 400
const WARM_UP_A_SECOND = 4 * UPDATES_A_SECOND
const COUNTED_UPDATES = UPDATES_A_SECOND * SECONDS
const WRITER_CLIENT_ID = 1
const NAME = "fan-out"

export const fanOut = {
  id: "fan-out",
  title: `1 writer, ${READERS} readers, ${UPDATES_A_SECOND} updates/s for ${SECONDS} s`,
  contestants: ["quire", "quire-native", "y-websocket-server", "hocuspocus", "floor-ws"],
  metrics: [
    { id: "cpuPerDelivery", label: "CPU per delivered update", unit: "µs", target: { times: 1.1, of: "floor-ws" } },
    { id: "latencyP50", label: "delivery, p50", unit: "ms" },
    { id: "latencyP99", label: "delivery, p99", unit: "ms" },
  ],

  async measure(contestant, server) {
    const updates = typeLetters(WRITER_CLIENT_ID, 1 + WARM_UP_UPDATES + COUNTED_UPDATES)
    const frames = updates.map((update) => clientFrame(contestant.dialect.update(NAME, update)))
    const delivery = new Delivery(updates.length)
    const writer = await join(contestant, server, { name: NAME, clientId: WRITER_CLIENT_ID, onUpdate: () => {} })
    const readers = await many(READERS, (index) =>
      join(contestant, server, { name: NAME, clientId: 100 + index, onUpdate: delivery.reader() }),
    )
    await Promise.all([writer, ...readers].map((participant) => participant.whenWhole()))
    await whenQuiet(server.pid)

    await type(writer, { frames, from: 0, to: 1 + WARM_UP_UPDATES, delivery, aSecond: WARM_UP_A_SECOND })
    await delivery.whenAllHave(1 + WARM_UP_UPDATES)
    const before = sampleCpu(server.pid)
    await type(writer, { frames, from: 1 + WARM_UP_UPDATES, to: frames.length, delivery, aSecond: UPDATES_A_SECOND })
    await delivery.whenAllHave(frames.length)
    const cpuMs = cpuMsBetween(before, sampleCpu(server.pid))

    for (const participant of [writer, ...readers]) participant.assertOpen()
    for (const participant of [writer, ...readers]) participant.close()
    const latencies = delivery.latenciesSince(1 + WARM_UP_UPDATES)
    return {
      cpuPerDelivery: (cpuMs * 1_000) / (READERS * COUNTED_UPDATES),
      latencyP50: latencies[Math.floor(latencies.length * 0.5)],
      latencyP99: latencies[Math.floor(latencies.length * 0.99)],
    }
  },
}

/** Sends each frame at its time, whatever the time before took. */
async function type(writer, { frames, from, to, delivery, aSecond }) {
  const startedAt = performance.now()
  for (let i = from; i < to; i++) {
    const dueAt = startedAt + ((i - from) * 1_000) / aSecond
    await wait(Math.max(0, dueAt - performance.now()))
    delivery.sent(i)
    writer.send(frames[i])
  }
}

/** Who has got what: every reader must get every letter once, in order. */
class Delivery {
  #sentAt
  /** Of each reader, the next letter it must get. */
  #next = []
  #latencies = []
  #goal = Number.POSITIVE_INFINITY
  #missing = 0
  #reached = () => {}
  #fail = () => {}

  constructor(updateCount) {
    this.#sentAt = new Float64Array(updateCount)
  }

  sent(index) {
    this.#sentAt[index] = performance.now()
  }

  /** A new reader's listener. */
  reader() {
    const index = this.#next.push(0) - 1
    return (update) => {
      const { start, end } = readTypedClocks(update)
      const expected = this.#next[index]
      if (start !== expected) {
        this.#fail(new Error(`reader ${index} got letter ${start} where ${expected} was due`))
        return
      }
      const now = performance.now()
      for (let clock = start; clock < end; clock++) this.#latencies.push([clock, now - this.#sentAt[clock]])
      this.#next[index] = end
      if (expected < this.#goal && end >= this.#goal && --this.#missing === 0) this.#reached()
    }
  }

  /** Resolves when every reader has that many letters. */
  whenAllHave(count) {
    this.#goal = count
    this.#missing = this.#next.filter((next) => next < count).length
    const all = new Promise((resolve, reject) => {
      this.#reached = resolve
      this.#fail = reject
      if (this.#missing === 0) resolve()
    })
    return within(all, () => `${this.#missing} readers lack letters`)
  }

  /** Milliseconds each delivery took, ascending, from a letter on. */
  latenciesSince(first) {
    const values = this.#latencies.filter(([clock]) => clock >= first).map(([, ms]) => ms)
    return values.sort((a, b) => a - b)
  }
}
