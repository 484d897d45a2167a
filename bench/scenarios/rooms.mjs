// Many small rooms, four people writing in each: what an update costs with everything that belongs to it. Nothing counts
// as done before the three others have it and, where the server says so, it is on disk.
import { setTimeout as wait } from "node:timers/promises"
import { typeLetters } from "../corpus.mjs"
import { Latencies } from "../latencies.mjs"
import { clientFrame } from "../light-socket.mjs"
import { deferred, join, leave, many, within } from "../participant.mjs"
import { cpuMsBetween, sampleCpu, whenQuiet } from "../process-cost.mjs"
import { readClocks } from "../read-update.mjs"

const WRITERS = 4
const CONTESTANTS = ["quire", "quire-native", "y-websocket-server", "hocuspocus", "floor-ws"]
/** Longer than a server puts its writing off (Hocuspocus: 2 s). */
const WRITTEN_QUIET_MS = 2_500
/** Timers of Node.js are no finer. */
const STEP_MS = 2

export const rooms = {
  id: "rooms",
  sizes: { full: { rooms: 500, warmUp: 4, letters: 10 }, quick: { rooms: 50, warmUp: 2, letters: 4 } },
  title: (sizes) => `${sizes.rooms} rooms, ${WRITERS} writers in each, 2 updates/s from everybody, durable`,
  contestants: CONTESTANTS,
  // Plain clients get their own update back, so the floor gives it to them too.
  floor: { isEchoing: true },
  metrics: [
    { id: "cpuPerUpdate", label: "CPU per update", unit: "µs", target: { times: 1.5, of: "floor-ws" } },
    { id: "latencyP50", label: "delivery, p50", unit: "ms" },
    { id: "latencyP99", label: "delivery, p99", unit: "ms" },
  ],

  async measure(contestant, server, { sizes }) {
    const first = 1 + sizes.warmUp
    const last = first + sizes.letters
    const crowd = await gather(contestant, server, { rooms: sizes.rooms, letters: last })
    await atPace(crowd, { from: 0, to: first, everyMs: 250 })
    await crowd.whenAllHave(first)
    await whenQuiet(server.pid, WRITTEN_QUIET_MS)
    crowd.latencies = new Latencies()
    const before = sampleCpu(server.pid)
    await atPace(crowd, { from: first, to: last, everyMs: 500 })
    await crowd.whenAllHave(last)
    const cpuMs = cpuMsBetween(before, sampleCpu(server.pid))
    const { latencies } = crowd
    await crowd.leave()
    return {
      cpuPerUpdate: (cpuMs * 1_000) / (crowd.writers.length * sizes.letters),
      latencyP50: latencies.at(0.5),
      latencyP99: latencies.at(0.99),
    }
  },
}

export const roomsSaturated = {
  id: "rooms-saturated",
  sizes: { full: { rooms: 500, warmUp: 6, letters: 16 }, quick: { rooms: 50, warmUp: 2, letters: 4 } },
  title: (sizes) => `${sizes.rooms} rooms, ${WRITERS} writers in each, everybody as fast as it gets through`,
  contestants: CONTESTANTS,
  floor: { isEchoing: true },
  metrics: [{ id: "cpuPerUpdate", label: "CPU per update", unit: "µs", target: { times: 1.5, of: "floor-ws" } }],

  async measure(contestant, server, { sizes }) {
    const first = 1 + sizes.warmUp
    const last = first + sizes.letters
    const crowd = await gather(contestant, server, { rooms: sizes.rooms, letters: last })
    await crowd.pour(0, first)
    await whenQuiet(server.pid, WRITTEN_QUIET_MS)
    const before = sampleCpu(server.pid)
    await crowd.pour(first, last)
    const cpuMs = cpuMsBetween(before, sampleCpu(server.pid))
    await crowd.leave()
    return { cpuPerUpdate: (cpuMs * 1_000) / (crowd.writers.length * sizes.letters) }
  },
}

/** Everybody has joined; nothing is written yet. The client ids are the same in every room, so the frames are too. */
async function gather(contestant, server, { rooms, letters }) {
  const updates = Array.from({ length: WRITERS }, (_, place) => typeLetters(1 + place, letters))
  const crowd = new Crowd(contestant, rooms)
  crowd.writers = await many(rooms * WRITERS, async (index) => {
    const room = Math.floor(index / WRITERS)
    const place = index % WRITERS
    const name = `room-${room}`
    const { onUpdate, onAcknowledge } = crowd.listener(index)
    const participant = await join(contestant, server, { name, clientId: 1 + place, onUpdate, onAcknowledge })
    const frames = updates[place].map((update) => clientFrame(contestant.dialect.update(name, update)))
    return { participant, frames }
  })
  await Promise.all(crowd.writers.map(({ participant }) => participant.whenWhole()))
  await whenQuiet(server.pid)
  return crowd
}

/** Every writer's letters, at its own times: the rooms are spread over the interval, and so are the people in each. */
async function atPace(crowd, { from, to, everyMs }) {
  const { writers } = crowd
  const startedAt = performance.now()
  const inTurn = writers.map((_, turn) => writerAt(turn, writers.length))
  const total = writers.length * (to - from)
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.ceil(((performance.now() - startedAt) / everyMs) * writers.length))
    for (; sent < due; sent++) crowd.send(inTurn[sent % writers.length], from + Math.floor(sent / writers.length))
    await wait(STEP_MS)
  }
}

/** Of the people who write one after the other, the one whose turn it is: nobody's neighbour follows. */
function writerAt(turn, writers) {
  const rooms = writers / WRITERS
  return (turn % rooms) * WRITERS + Math.floor(turn / rooms)
}

/** Who has which letters: of each writer, the other three in its room must get each once and in order. */
class Crowd {
  writers = []
  latencies = new Latencies()
  #says
  /** Of each receiver, then of each place in its room, the next letter. */
  #next
  /** Of each writer, how many letters are on disk, as the server told it. */
  #durable
  #sentAt
  #goal = { letters: Number.POSITIVE_INFINITY, lacking: 0, reached: deferred() }
  #pouringTo = 0

  constructor(contestant, rooms) {
    this.#says = contestant.durability
    this.#next = new Uint32Array(rooms * WRITERS * WRITERS)
    this.#durable = new Uint32Array(rooms * WRITERS)
    this.#sentAt = new Float64Array(rooms * WRITERS)
  }

  send(writer, letter) {
    this.#sentAt[writer] = performance.now()
    const { participant, frames } = this.writers[writer]
    participant.send(frames[letter])
  }

  leave() {
    return leave(this.writers.map(({ participant }) => participant))
  }

  /** What a writer hears. */
  listener(writer) {
    const place = writer % WRITERS
    return {
      onUpdate: (update) =>
        readClocks(update, (client, start, end) => {
          if (client === 1 + place) this.#settled(writer, this.#says === "echo" ? end : 0)
          else this.#got(writer, client - 1, start, end)
        }),
      // The answer to the server's step 1 was the first.
      onAcknowledge: (through) => this.#settled(writer, through - 1),
    }
  }

  /** Resolves when everybody has that many letters of the other three, and every letter is durable. */
  async whenAllHave(letters) {
    this.#expect(letters)
    const { reached } = this.#goal
    await within(reached.promise, () => `${this.#goal.lacking} writers lack somebody's letters, or word of the disk`)
  }

  /** Everybody sends the next letter when the last is through, up to a letter. */
  async pour(from, to) {
    this.#pouringTo = to
    const done = this.whenAllHave(to)
    for (let writer = 0; writer < this.writers.length; writer++) this.send(writer, from)
    await done
    this.#pouringTo = 0
  }

  #expect(letters) {
    let lacking = 0
    for (let writer = 0; writer < this.writers.length; writer++) if (this.#through(writer) < letters) lacking++
    this.#goal = { letters, lacking, reached: deferred() }
    if (lacking === 0) this.#goal.reached.resolve()
  }

  #got(receiver, place, start, end) {
    const at = receiver * WRITERS + place
    if (this.#next[at] !== start) {
      this.#goal.reached.reject(new Error(`somebody got letter ${start} where ${this.#next[at]} was due`))
      return
    }
    const writer = receiver - (receiver % WRITERS) + place
    const throughBefore = this.#through(writer)
    this.#next[at] = end
    this.latencies.add(performance.now() - this.#sentAt[writer])
    this.#moved(writer, throughBefore)
  }

  #settled(writer, letters) {
    if (letters <= this.#durable[writer]) return
    const throughBefore = this.#through(writer)
    this.#durable[writer] = letters
    this.#moved(writer, throughBefore)
  }

  /** How many of a writer's letters the other three have, and the disk where that is told. */
  #through(writer) {
    const room = writer - (writer % WRITERS)
    let through = this.#says === undefined ? Number.POSITIVE_INFINITY : this.#durable[writer]
    for (let other = room; other < room + WRITERS; other++) {
      if (other !== writer) through = Math.min(through, this.#next[other * WRITERS + (writer - room)])
    }
    return through
  }

  #moved(writer, throughBefore) {
    const through = this.#through(writer)
    if (through === throughBefore) return
    if (through < this.#pouringTo) this.send(writer, through)
    const { letters, reached } = this.#goal
    if (throughBefore < letters && through >= letters && --this.#goal.lacking === 0) reached.resolve()
  }
}
