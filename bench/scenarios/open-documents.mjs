// A thousand documents that were written before, each opened by one person after a restart and kept open.
import { join, many } from "../participant.mjs"
import { assertWhole, documentName } from "../prepared.mjs"
import { whenQuiet } from "../process-cost.mjs"

const WARM_UP = 100
const COUNTED = 1_000

export const openDocuments = {
  id: "open-documents",
  title: `${COUNTED} open documents of 20 KB, one client each, after a restart`,
  prepared: "small",
  contestants: ["quire", "y-websocket-server", "hocuspocus"],
  // No target: a thousand such documents fit into Quire's cache for joiners, so this is its most generous case.
  metrics: [{ id: "memory", label: "memory per document, its connection included", unit: "KiB" }],

  async measure(contestant, server, { document }) {
    const open = async (first, count) => {
      const readers = await many(count, async (index) => {
        const name = documentName("small", first + index)
        return join(contestant, server, { name, clientId: 1 + first + index, expectedBytes: document.wholeBytes })
      })
      await Promise.all(readers.map((reader) => reader.whenWhole()))
      await whenQuiet(server.pid)
      return readers
    }
    const warm = await open(0, WARM_UP)
    const bytesBefore = await server.collectedBytes()
    const counted = await open(WARM_UP, COUNTED)
    const bytes = (await server.collectedBytes()) - bytesBefore
    assertWhole([...warm, ...counted], document)
    for (const reader of [...warm, ...counted]) reader.close()
    return { memory: bytes / 1_024 / COUNTED }
  },
}
