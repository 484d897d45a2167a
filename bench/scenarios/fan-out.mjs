// One writes, two hundred read: what it costs the server to deliver one letter to one reader, and how long that takes.
import { setTimeout as wait } from "node:timers/promises"
import { typeLetters } from "../corpus.mjs"
import { Delivery } from "../delivery.mjs"
import { clientFrame } from "../light-socket.mjs"
import { join, leave, many } from "../participant.mjs"
import { cpuMsBetween, sampleCpu, whenQuiet } from "../process-cost.mjs"

const READERS = 200
/** So many that the engine has compiled most of what it will compile: a server runs for weeks, not for seconds. */
const WARM_UP = 400
const WARM_UP_A_SECOND = 200
const WRITER_CLIENT_ID = 1
const NAME = "fan-out"
const EVERYBODY = ["quire", "quire-native", "y-websocket-server", "hocuspocus", "floor-ws"]

export const fanOut = scenario("fan-out", {
  aSecond: 50,
  seconds: 6,
  contestants: [...EVERYBODY, "floor-net"],
  targets: { cpu: { times: 1.1, of: "floor-ws" } },
})

export const fanOutBusy = scenario("fan-out-200", {
  aSecond: 200,
  seconds: 5,
  contestants: [...EVERYBODY, "floor-window"],
  targets: { cpu: { times: 1.5, of: "floor-window" }, latency: { of: "floor-ws", plus: 12 } },
})

function scenario(id, { aSecond, seconds, contestants, targets }) {
  return {
    id,
    sizes: { full: { readers: READERS, warmUp: WARM_UP, seconds }, quick: { readers: 50, warmUp: 50, seconds: 1 } },
    title: (sizes) => `1 writer, ${sizes.readers} readers, ${aSecond} updates/s for ${sizes.seconds} s`,
    contestants,
    metrics: [
      { id: "cpuPerDelivery", label: "CPU per delivered update", unit: "µs", target: targets.cpu },
      { id: "latencyP50", label: "delivery, p50", unit: "ms", target: targets.latency },
      { id: "latencyP99", label: "delivery, p99", unit: "ms" },
    ],

    async measure(contestant, server, { sizes }) {
      const counted = aSecond * sizes.seconds
      const first = 1 + sizes.warmUp
      const room = await gather(contestant, server, {
        name: NAME,
        readers: sizes.readers,
        letters: first + counted,
        countedFrom: first,
      })
      await type(room, { from: 0, to: first, aSecond: WARM_UP_A_SECOND })
      await room.delivery.whenAllHave(first)
      const before = sampleCpu(server.pid)
      await type(room, { from: first, to: first + counted, aSecond })
      await room.delivery.whenAllHave(first + counted)
      const cpuMs = cpuMsBetween(before, sampleCpu(server.pid))
      await room.leave()
      const { latencies } = room.delivery
      return {
        cpuPerDelivery: (cpuMs * 1_000) / (sizes.readers * counted),
        latencyP50: latencies.at(0.5),
        latencyP99: latencies.at(0.99),
      }
    },
  }
}

/** A writer with its frames, and readers, all of whom have joined a new document. */
export async function gather(contestant, server, { name, readers, letters, countedFrom }) {
  const updates = typeLetters(WRITER_CLIENT_ID, letters)
  const frames = updates.map((update) => clientFrame(contestant.dialect.update(name, update)))
  const delivery = new Delivery(letters, countedFrom)
  const writer = await join(contestant, server, { name, clientId: WRITER_CLIENT_ID, onUpdate: () => {} })
  const audience = await many(readers, (index) =>
    join(contestant, server, { name, clientId: 100 + index, onUpdate: delivery.reader() }),
  )
  const everybody = [writer, ...audience]
  await Promise.all(everybody.map((participant) => participant.whenWhole()))
  await whenQuiet(server.pid)
  return { writer, frames, delivery, leave: () => leave(everybody) }
}

/** Sends each frame at its time, whatever the time before took. */
async function type({ writer, frames, delivery }, { from, to, aSecond }) {
  const startedAt = performance.now()
  for (let i = from; i < to; i++) {
    const dueAt = startedAt + ((i - from) * 1_000) / aSecond
    await wait(Math.max(0, dueAt - performance.now()))
    delivery.sent(i)
    writer.send(frames[i])
  }
}
