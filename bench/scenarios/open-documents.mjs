// Thousands of documents that were written before, each opened by one person after a restart and kept open.
import { join, leave, many } from "../participant.mjs"
import { assertWhole, documentName } from "../prepared.mjs"
import { cpuMsBetween, sampleCpu, whenQuiet } from "../process-cost.mjs"

export const openDocuments = {
  id: "open-documents",
  sizes: { full: { warmUp: 250, counted: 5_000 }, quick: { warmUp: 50, counted: 200 } },
  title: ({ counted }) => `${counted} open documents of 20 KB, one client each, after a restart`,
  prepared: "small",
  contestants: ["quire", "quire-native", "y-websocket-server", "hocuspocus"],
  metrics: [
    { id: "memory", label: "memory per document, its connection included", unit: "KiB", target: { atMost: 25 } },
    { id: "cpu", label: "CPU to open one", unit: "µs" },
  ],

  async measure(contestant, server, { document, sizes }) {
    const open = async (first, count) => {
      const readers = await many(count, async (index) => {
        const name = documentName("small", first + index)
        const reader = await join(contestant, server, {
          name,
          clientId: 1 + first + index,
          expectedBytes: document.wholeBytes,
        })
        await reader.whenWhole()
        return reader
      })
      await whenQuiet(server.pid)
      return readers
    }
    const warm = await open(0, sizes.warmUp)
    const bytesBefore = await server.collectedBytes()
    const cpuBefore = sampleCpu(server.pid)
    const counted = await open(sizes.warmUp, sizes.counted)
    const cpuMs = cpuMsBetween(cpuBefore, sampleCpu(server.pid))
    const bytes = (await server.collectedBytes()) - bytesBefore
    assertWhole([...warm, ...counted], document)
    await leave([...warm, ...counted])
    return { memory: bytes / 1_024 / sizes.counted, cpu: (cpuMs * 1_000) / sizes.counted }
  },
}
