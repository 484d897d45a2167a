// One writes as fast as two hundred readers get it: a letter leaves as soon as all of them have the 256th before it.
import { cpuMsBetween, sampleCpu } from "../process-cost.mjs"
import { gather } from "./fan-out.mjs"

const IN_FLIGHT = 256

export const fanOutSaturated = {
  id: "fan-out-saturated",
  sizes: {
    // As in fan-out: the engine has compiled most of what it will compile.
    full: { readers: 200, warmUp: 32_768, counted: 32_768 },
    quick: { readers: 50, warmUp: 256, counted: 512 },
  },
  title: ({ readers }) => `1 writer, ${readers} readers, ${IN_FLIGHT} updates in flight`,
  contestants: ["quire", "quire-native", "y-websocket-server", "hocuspocus", "floor-ws", "floor-window"],
  metrics: [
    { id: "cpuPerUpdate", label: "CPU per update", unit: "µs", target: { times: 0.5, of: "hocuspocus" } },
    { id: "msPerUpdate", label: "time per update", unit: "ms" },
  ],

  async measure(contestant, server, { sizes }) {
    const { readers, warmUp, counted } = sizes
    const letters = warmUp + counted
    const room = await gather(contestant, server, { name: "saturated", readers, letters, countedFrom: letters })
    await pour(room, 0, warmUp)
    const before = sampleCpu(server.pid)
    const startedAt = performance.now()
    await pour(room, warmUp, letters)
    const ms = performance.now() - startedAt
    const cpuMs = cpuMsBetween(before, sampleCpu(server.pid))
    await room.leave()
    return { cpuPerUpdate: (cpuMs * 1_000) / counted, msPerUpdate: ms / counted }
  },
}

async function pour({ writer, frames, delivery }, from, to) {
  for (let i = from; i < to; i++) {
    if (i - from >= IN_FLIGHT) await delivery.whenAllHave(i - IN_FLIGHT + 1)
    writer.send(frames[i])
  }
  await delivery.whenAllHave(to)
}
