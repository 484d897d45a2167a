// A large document after a restart: the first who opens it, then a crowd that comes at once while it is open.
import { join, leave } from "../participant.mjs"
import { assertWhole, documentName } from "../prepared.mjs"
import { cpuMsBetween, sampleCpu, whenQuiet } from "../process-cost.mjs"

export const joinLarge = {
  id: "join",
  sizes: { full: { crowd: 200 }, quick: { crowd: 20 } },
  title: ({ crowd }) => `a 300 KB document: the first to open it after a restart, then ${crowd} at once`,
  prepared: "large",
  contestants: ["quire", "quire-native", "y-websocket-server", "hocuspocus", "floor-ws"],
  metrics: [
    { id: "coldCpu", label: "first open, CPU", unit: "ms", target: { atMost: 10 } },
    { id: "coldMs", label: "first open, until the client has all", unit: "ms" },
    { id: "saidSyncedEarly", label: 'first open, said "synced" before it was', unit: "yes/no", target: { atMost: 0 } },
    { id: "cpuPerJoin", label: "CPU per join in the crowd", unit: "ms", target: { times: 2, of: "floor-ws" } },
  ],

  async measure(contestant, server, { document, sizes }) {
    const options = { name: documentName("large", 0), expectedBytes: document.wholeBytes }
    await whenQuiet(server.pid)
    const coldBefore = sampleCpu(server.pid)
    const startedAt = performance.now()
    const first = await join(contestant, server, { ...options, clientId: 1 })
    await first.whenWhole()
    const coldMs = performance.now() - startedAt
    await whenQuiet(server.pid)
    const coldCpu = cpuMsBetween(coldBefore, sampleCpu(server.pid))

    // The first crowd warms the server's code up; the second is counted.
    const crowds = []
    let cpuMs = 0
    for (let round = 0; round < 2; round++) {
      const before = sampleCpu(server.pid)
      const crowd = await Promise.all(
        Array.from({ length: sizes.crowd }, (_, index) =>
          join(contestant, server, { ...options, clientId: 10 + index }),
        ),
      )
      await Promise.all(crowd.map((reader) => reader.whenWhole()))
      await whenQuiet(server.pid)
      cpuMs = cpuMsBetween(before, sampleCpu(server.pid))
      await leave(crowd)
      crowds.push(...crowd)
      await whenQuiet(server.pid)
    }
    await leave([first])
    assertWhole([first, ...crowds], document)
    const crowdMetrics = { cpuPerJoin: cpuMs / sizes.crowd }
    if (contestant.server === "floor-ws") return crowdMetrics
    return { ...crowdMetrics, coldCpu, coldMs, saidSyncedEarly: first.wasSyncedEarly ? 1 : 0 }
  },
}
