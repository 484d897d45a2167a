// Ten people in each of many documents, each of whom says who they are and then does nothing: what a connection costs
// while it is open, and what it cost to open it.
import { clientFrame } from "../light-socket.mjs"
import { join, many } from "../participant.mjs"
import { cpuMsBetween, sampleCpu, whenQuiet } from "../process-cost.mjs"

const PEOPLE_A_DOCUMENT = 10
const WARM_UP = 500
const COUNTED = 2_000

export const idleConnections = {
  id: "idle-connections",
  title: `${COUNTED} idle connections, ${PEOPLE_A_DOCUMENT} in each document`,
  contestants: ["quire", "quire-native", "y-websocket-server", "hocuspocus", "floor-ws"],
  metrics: [
    { id: "memory", label: "memory per connection", unit: "KiB", target: { times: 1.15, of: "floor-ws" } },
    { id: "cpu", label: "CPU to accept, join and announce one", unit: "µs", target: { times: 1.5, of: "floor-ws" } },
  ],

  async measure(contestant, server) {
    const warm = await crowd(contestant, server, { first: 0, count: WARM_UP })
    await whenQuiet(server.pid)
    const bytesBefore = await server.collectedBytes()
    const cpuBefore = sampleCpu(server.pid)
    const counted = await crowd(contestant, server, { first: WARM_UP, count: COUNTED })
    await whenQuiet(server.pid)
    const cpuMs = cpuMsBetween(cpuBefore, sampleCpu(server.pid))
    const bytes = (await server.collectedBytes()) - bytesBefore
    for (const participant of [...warm, ...counted]) participant.assertOpen()
    for (const participant of [...warm, ...counted]) participant.close()
    return { memory: bytes / 1_024 / COUNTED, cpu: (cpuMs * 1_000) / COUNTED }
  },
}

async function crowd(contestant, server, { first, count }) {
  const people = await many(count, async (index) => {
    const clientId = first + index + 1
    const name = `idle-${Math.floor((first + index) / PEOPLE_A_DOCUMENT)}`
    const person = await join(contestant, server, { name, clientId })
    const state = JSON.stringify({ user: { name: `Reader ${clientId}`, color: "#30bced" } })
    person.send(clientFrame(contestant.dialect.presence(name, clientId, state)))
    return person
  })
  await Promise.all(people.map((person) => person.whenWhole()))
  return people
}
