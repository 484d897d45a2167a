// Ten people in each of many documents, each of whom says who they are and then does nothing: what a connection costs
// while it is open, what it cost to open it, and whether that stays the same up to what one process can hold.
import { readFileSync } from "node:fs"
import { clientFrame } from "../light-socket.mjs"
import { join, leave, many } from "../participant.mjs"
import { cpuMsBetween, sampleCpu, whenQuiet } from "../process-cost.mjs"

const PEOPLE_A_DOCUMENT = 10
/** Files that a server and the load have open beside sockets. */
const OTHER_FILES = 900

export const idleConnections = {
  id: "idle-connections",
  sizes: { full: { warmUp: 500, counted: 9_500, more: 9_000 }, quick: { warmUp: 100, counted: 400, more: 200 } },
  title: ({ warmUp, counted, more }) =>
    `${warmUp + counted} idle connections, ${PEOPLE_A_DOCUMENT} in each document, then ${more} more`,
  contestants: ["quire", "quire-native", "y-websocket-server", "hocuspocus", "floor-ws"],
  metrics: [
    { id: "memory", label: "memory per connection", unit: "KiB", target: { times: 1.15, of: "floor-ws" } },
    {
      id: "moreMemory",
      label: "memory for one of those that came then",
      unit: "KiB",
      target: { times: 1.1, beside: "memory" },
    },
    { id: "cpu", label: "CPU to accept, authorise and sync one", unit: "µs", target: { times: 1.5, of: "floor-ws" } },
    { id: "moreCpu", label: "CPU for one of those that came then", unit: "µs", target: { times: 1.1, beside: "cpu" } },
    { id: "presenceCpu", label: "CPU to tell nine others who it is", unit: "µs" },
    { id: "missing", label: "connections that this system's file limit left out", unit: "" },
  ],

  async measure(contestant, server, { sizes }) {
    const canHold = openFilesLimit() - OTHER_FILES
    const more = Math.min(sizes.more, Math.max(100, canHold - sizes.warmUp - sizes.counted))
    const crowd = new Crowd(contestant, server)
    await crowd.grow(sizes.warmUp)
    const bytesWarm = await server.collectedBytes()
    const first = await crowd.grow(sizes.counted)
    const bytesFull = await server.collectedBytes()
    const then = await crowd.grow(more)
    const bytesMore = await server.collectedBytes()
    await leave(crowd.people)
    return {
      memory: (bytesFull - bytesWarm) / 1_024 / sizes.counted,
      moreMemory: (bytesMore - bytesFull) / 1_024 / more,
      cpu: first.joinUs,
      moreCpu: then.joinUs,
      presenceCpu: first.presenceUs,
      missing: sizes.more - more,
    }
  },
}

class Crowd {
  people = []
  #contestant
  #server

  constructor(contestant, server) {
    this.#contestant = contestant
    this.#server = server
  }

  /** So many more. @returns microseconds of the server's CPU that each took to join, and to be announced. */
  async grow(count) {
    const first = this.people.length
    const nameOf = (index) => `idle-${Math.floor((first + index) / PEOPLE_A_DOCUMENT)}`
    const before = sampleCpu(this.#server.pid)
    const came = await many(count, (index) =>
      join(this.#contestant, this.#server, { name: nameOf(index), clientId: 1 + first + index }),
    )
    await Promise.all(came.map((person) => person.whenWhole()))
    await whenQuiet(this.#server.pid)
    const joined = sampleCpu(this.#server.pid)
    for (const [index, person] of came.entries()) {
      const clientId = 1 + first + index
      const state = JSON.stringify({ user: { name: `Reader ${clientId}`, color: "#30bced" } })
      person.send(clientFrame(this.#contestant.dialect.presence(nameOf(index), clientId, state)))
    }
    await whenQuiet(this.#server.pid)
    const announced = sampleCpu(this.#server.pid)
    this.people.push(...came)
    return {
      joinUs: (cpuMsBetween(before, joined) * 1_000) / count,
      presenceUs: (cpuMsBetween(joined, announced) * 1_000) / count,
    }
  }
}

/** How many files this process and those it starts may have open. */
function openFilesLimit() {
  const match = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))
  return Number(match[1])
}
