// Two hundred people in one document move their cursors: presence goes from everybody to everybody.
import { setTimeout as wait } from "node:timers/promises"
import { Latencies } from "../latencies.mjs"
import { clientFrame } from "../light-socket.mjs"
import { deferred, join, leave, many, within } from "../participant.mjs"
import { cpuMsBetween, sampleCpu, whenQuiet } from "../process-cost.mjs"
import { readPresence } from "../read-presence.mjs"

const NAME = "cursors"
const MOVES_A_SECOND = 10
/** Timers of Node.js are no finer. */
const STEP_MS = 2

export const cursors = {
  id: "cursors",
  sizes: { full: { people: 200, warmUp: 10, moves: 40 }, quick: { people: 40, warmUp: 5, moves: 10 } },
  title: ({ people, moves }) =>
    `${people} cursors in one document, ${MOVES_A_SECOND} moves/s each for ${moves / MOVES_A_SECOND} s`,
  contestants: ["quire", "quire-native", "y-websocket-server", "hocuspocus", "floor-ws", "floor-window"],
  metrics: [
    { id: "cpu", label: "CPU until everybody knows the last", unit: "ms", target: { times: 1.4, of: "floor-window" } },
    { id: "latencyP50", label: "what somebody learns is so old, p50", unit: "ms" },
    { id: "latencyP99", label: "the same, p99", unit: "ms", target: { atMost: 50 } },
  ],

  async measure(contestant, server, { sizes }) {
    const { people, warmUp, moves } = sizes
    const last = 1 + warmUp + moves
    const crowd = new Cursors(people, last)
    const persons = await many(people, async (index) => {
      const clientId = 1 + index
      const onPresence = (entries) => crowd.heard(index, entries)
      return { clientId, participant: await join(contestant, server, { name: NAME, clientId, onPresence }) }
    })
    await Promise.all(persons.map(({ participant }) => participant.whenWhole()))
    const frames = persons.map(({ clientId }) =>
      Array.from({ length: last }, (_, move) =>
        clientFrame(contestant.dialect.presence(NAME, clientId, state(clientId, move), 1 + move)),
      ),
    )
    const atPace = async (from, to) => {
      const startedAt = performance.now()
      const total = people * (to - from)
      for (let sent = 0; sent < total; ) {
        const elapsed = performance.now() - startedAt
        const due = Math.min(total, Math.ceil((elapsed * MOVES_A_SECOND * people) / 1_000))
        for (; sent < due; sent++) {
          const index = sent % people
          const move = from + Math.floor(sent / people)
          crowd.moved(index, 1 + move)
          persons[index].participant.send(frames[index][move])
        }
        await wait(STEP_MS)
      }
      await crowd.whenAllKnow(to)
    }
    await atPace(0, 1 + warmUp)
    await whenQuiet(server.pid)
    crowd.latencies = new Latencies()
    const before = sampleCpu(server.pid)
    await atPace(1 + warmUp, last)
    const cpuMs = cpuMsBetween(before, sampleCpu(server.pid))
    const { latencies } = crowd
    await leave(persons.map(({ participant }) => participant))
    return { cpu: cpuMs, latencyP50: latencies.at(0.5), latencyP99: latencies.at(0.99) }
  },
}

/** What an editor says of itself: who it is, and where its caret is as relative positions. */
function state(clientId, move) {
  const place = { type: null, tname: null, item: { client: clientId, clock: 100 + move }, assoc: 0 }
  return JSON.stringify({
    user: { name: `Writer ${clientId}`, color: "#30bced" },
    cursor: { anchor: place, head: place },
  })
}

/** Who knows how far everybody is. Servers may leave out a move that a later one has overtaken. */
class Cursors {
  latencies = new Latencies()
  #people
  /** Of each person, by clock, when that was said. */
  #saidAt
  /** Of each listener, then of each person, the newest clock heard. */
  #known
  #goal = { clock: Number.POSITIVE_INFINITY, lacking: 0, reached: deferred() }

  constructor(people, clocks) {
    this.#people = people
    this.#saidAt = Array.from({ length: people }, () => new Float64Array(clocks + 1))
    this.#known = new Uint32Array(people * people)
  }

  moved(index, clock) {
    this.#saidAt[index][clock] = performance.now()
  }

  heard(listener, entries) {
    const now = performance.now()
    readPresence(entries, (client, clock) => {
      const person = client - 1
      const at = listener * this.#people + person
      const before = this.#known[at]
      if (clock <= before || person === listener) return
      this.#known[at] = clock
      // Every tenth listener's is enough.
      if (listener % 10 === 0) this.latencies.add(now - this.#saidAt[person][clock])
      const { clock: wanted, reached } = this.#goal
      if (before < wanted && clock >= wanted && --this.#goal.lacking === 0) reached.resolve()
    })
  }

  /** Resolves when everybody has heard that clock of everybody else. */
  async whenAllKnow(clock) {
    let lacking = 0
    for (let listener = 0; listener < this.#people; listener++) {
      for (let person = 0; person < this.#people; person++) {
        if (person !== listener && this.#known[listener * this.#people + person] < clock) lacking++
      }
    }
    this.#goal = { clock, lacking, reached: deferred() }
    if (lacking === 0) return
    await within(this.#goal.reached.promise, () => `${this.#goal.lacking} cursors are not where they should be`)
  }
}
