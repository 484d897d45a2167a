import type { Crossing, StateVector } from "@quire/protocol"

/**
 * Whether an update's structs can be taken in one after the other, each after what it builds on. Two clients whose
 * structs wait for one another cannot: Yjs would keep both waiting for ever, while their clocks look as if they were
 * there.
 *
 * @param news per client how far the update reaches; everything it names is below that, or known.
 * @param known per client the next clock expected before it.
 */
export function isOrderable(crossings: readonly Crossing[], news: StateVector, known: StateVector): boolean {
  // A circle takes two.
  if (crossings.length < 2) return true
  const queues = new Map<number, Queue>()
  for (const crossing of crossings) {
    const { client, clock, named, end } = crossing
    const isBrought = news.has(named) && end > (known.get(named) ?? 0)
    if (!isBrought || clock < (known.get(client) ?? 0)) continue
    const queue = queues.get(client)
    if (queue === undefined) queues.set(client, { crossings: [crossing], passed: 0 })
    else queue.crossings.push(crossing)
  }
  if (queues.size < 2) return true
  const waiting = new Map<number, number[]>()
  const ready = [...queues.keys()]
  for (let client = ready.pop(); client !== undefined; client = ready.pop()) {
    const before = reached(queues.get(client))
    advance(client, queues, waiting)
    if (reached(queues.get(client)) > before) {
      ready.push(...(waiting.get(client) ?? []))
      waiting.delete(client)
    }
  }
  return [...queues.values()].every(({ crossings, passed }) => passed === crossings.length)
}

/** A client's crossings in the order of its clocks, and how many of them are no obstacle any more. */
interface Queue {
  readonly crossings: Crossing[]
  passed: number
}

/** Passes what is no obstacle any more, and waits for the next one. */
function advance(client: number, queues: ReadonlyMap<number, Queue>, waiting: Map<number, number[]>): void {
  const queue = queues.get(client)
  for (let next = queue?.crossings[queue.passed]; queue !== undefined && next !== undefined; ) {
    if (reached(queues.get(next.named)) < next.end) {
      waiting.set(next.named, [...(waiting.get(next.named) ?? []), client])
      return
    }
    next = queue.crossings[++queue.passed]
  }
}

/** Up to which clock a client's structs can be taken in. */
function reached(queue: Queue | undefined): number {
  return queue?.crossings[queue.passed]?.clock ?? Number.POSITIVE_INFINITY
}
