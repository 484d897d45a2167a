// A thousand people who have all of a large document come back to it, as after a restart of the network: each says what
// it has, and is told that nothing is missing.
import * as Y from "yjs"
import { join, leave, many } from "../participant.mjs"
import { documentName } from "../prepared.mjs"
import { cpuMsBetween, sampleCpu, whenQuiet } from "../process-cost.mjs"

export const reconnect = {
  id: "reconnect",
  sizes: { full: { warmUp: 200, people: 1_000 }, quick: { warmUp: 20, people: 100 } },
  title: ({ people }) => `${people} clients that have all of a 300 KB document come back to it`,
  prepared: "large",
  contestants: ["quire", "quire-native", "y-websocket-server", "hocuspocus", "floor-ws"],
  // It has the document for those who have nothing; here nothing is missing.
  floor: { answerFile: undefined },
  metrics: [
    { id: "cpu", label: "CPU for each", unit: "µs", target: { times: 2, of: "floor-ws" } },
    { id: "bytes", label: "content sent to each", unit: "KiB" },
  ],

  async measure(contestant, server, { document, sizes }) {
    const name = documentName("large", 0)
    const first = await join(contestant, server, { name, clientId: 1, onUpdate: () => {} })
    await first.whenWhole()
    await whenQuiet(server.pid)
    const copy = { ...copyOf(document), resume: first.resume }
    const comeBack = async (from, count) => {
      const people = await many(count, (index) => join(contestant, server, { name, clientId: from + index, copy }))
      await Promise.all(people.map((person) => person.whenWhole()))
      await whenQuiet(server.pid)
      return people
    }
    const warm = await comeBack(10, sizes.warmUp)
    const before = sampleCpu(server.pid)
    const people = await comeBack(10 + sizes.warmUp, sizes.people)
    const cpuMs = cpuMsBetween(before, sampleCpu(server.pid))
    const bytes = people.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0)
    await leave([first, ...warm, ...people])
    return { cpu: (cpuMs * 1_000) / sizes.people, bytes: bytes / 1_024 / sizes.people }
  },
}

/** What somebody who has the document says of it. */
function copyOf({ state }) {
  const ydoc = new Y.Doc()
  Y.applyUpdate(ydoc, state)
  const stateVector = Y.encodeStateVector(ydoc)
  // A y-websocket client answers step 1 with what the server lacks: no text, but everything that was ever deleted.
  return { stateVector, answer: Y.encodeStateAsUpdate(ydoc, stateVector) }
}
