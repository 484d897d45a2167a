import { expect, it } from "vitest"
import * as Y from "yjs"
import {
  type Client,
  clientForTest,
  hurriedClock,
  onUpdate,
  patience,
  type RunningServer,
  readFresh,
  serverForTest,
  turn,
  waitUntil,
} from "./harness.js"
import { applyPatches, friendsforever, stepsOf, sveltecomponent } from "./traces.js"

/** Recordings of real typing, through a real server and real providers, with a restart of the server in the middle. */

/** Transactions that a provider sends together: fewer would only take longer. */
const A_TURN = 25
const DOCUMENT = "trace"

const textOf = (ydoc: Y.Doc): Y.Text => ydoc.getText("text")

it("replays sveltecomponent through a server that is restarted in the middle", { timeout: 300_000 }, async () => {
  const { txns, endContent } = sveltecomponent()
  const server = await serverForTest()
  const author = await syncedClient(server)
  const reader = await syncedClient(server)
  let restarted: Promise<void> | undefined
  for (const [i, { patches }] of txns.entries()) {
    author.ydoc.transact(() => applyPatches(textOf(author.ydoc), patches))
    if (i % A_TURN === 0) await turn()
    // The author types on while the server stops and starts.
    if (i === Math.floor(txns.length / 2)) restarted = stopAndStart(server)
  }
  await restarted
  await author.provider.whenSaved(patience())
  await expectEverywhere(endContent, server, [author.ydoc, reader.ydoc])
})

it("replays friendsforever, two authors, through a server that is killed in the middle", {
  timeout: 300_000,
}, async () => {
  const trace = friendsforever()
  const server = await serverForTest()
  const authors: Author[] = []
  // Letters typed at one place at one time are ordered by client id: the recording's order is that of n + 1.
  for (let agent = 0; agent < trace.numAgents; agent++) {
    authors.push(new Author(await syncedClient(server), agent, trace.numAgents))
  }
  const steps = stepsOf(trace)
  let restarted: Promise<void> | undefined
  let inTurn = 0
  for (const step of steps) {
    const author = authors[step.transaction.agent]
    if (author === undefined) throw new Error(`there is no author ${step.transaction.agent}`)
    await author.bringTo(step.seen, authors)
    author.type(step.transaction.patches)
    if (step.isAwaited || ++inTurn % A_TURN === 0) await turn()
    if (step.index === Math.floor(steps.length / 2)) restarted = killAndStart(server)
  }
  await restarted
  const ends = authors.map(({ typed }) => typed)
  for (const author of authors) await author.bringTo(ends, authors)
  for (const author of authors) await author.client.provider.whenSaved(patience())
  const ydocs = authors.flatMap(({ client, desk }) => [client.ydoc, desk])
  await expectEverywhere(trace.endContent, server, ydocs)
})

/**
 * Somebody who types at a desk: a replica that is brought to exactly the state in which each transaction was made,
 * while the provider's ydoc runs ahead of it. What the desk takes in has come through the server.
 */
class Author {
  readonly client: Client
  readonly desk = new Y.Doc()
  readonly #agent: number
  /** Own transactions as updates, in order. */
  readonly #updates: Uint8Array[] = []
  /** How many transactions of each author the desk has. */
  readonly #seen: number[]
  #last: Uint8Array = new Uint8Array()

  constructor(client: Client, agent: number, agents: number) {
    this.client = client
    this.#agent = agent
    this.#seen = new Array<number>(agents).fill(0)
    this.desk.clientID = agent + 1
    this.desk.on("update", (update: Uint8Array) => {
      this.#last = update
    })
  }

  /** How many transactions this author has made. */
  get typed(): number {
    return this.#updates.length
  }

  /** Takes in others' transactions, once the server has brought them, up to the counts and no further. */
  async bringTo(seen: readonly number[], authors: readonly Author[]): Promise<void> {
    for (const [agent, count] of seen.entries()) {
      if (agent === this.#agent) continue
      for (let i = this.#seen[agent] ?? 0; i < count; i++) {
        const update = authors[agent]?.updateAt(i)
        if (update === undefined) throw new Error(`author ${agent} has not made transaction ${i} yet`)
        await this.#arrived(update)
        Y.applyUpdate(this.desk, update)
        this.#seen[agent] = i + 1
      }
    }
  }

  /** Makes the next transaction at the desk, and hands it to the provider. */
  type(patches: Parameters<typeof applyPatches>[1]): void {
    this.desk.transact(() => applyPatches(textOf(this.desk), patches))
    this.#updates.push(this.#last)
    this.#seen[this.#agent] = this.#updates.length
    Y.applyUpdate(this.client.ydoc, this.#last, "desk")
  }

  /** One of this author's transactions. */
  updateAt(index: number): Uint8Array | undefined {
    return this.#updates[index]
  }

  async #arrived(update: Uint8Array): Promise<void> {
    const { ydoc } = this.client
    const needed = Y.parseUpdateMeta(update).to
    const { clients: deleted } = Y.decodeUpdate(update).ds
    const isThere = (): boolean =>
      [...needed].every(([client, clock]) => Y.getState(ydoc.store, client) >= clock) &&
      [...deleted].every(([client, ranges]) => ranges.every(({ clock, len }) => isDeleted(ydoc, client, clock, len)))
    if (!isThere()) await waitUntil(onUpdate(ydoc), isThere, "the other author's transaction")
  }
}

function isDeleted(ydoc: Y.Doc, client: number, clock: number, length: number): boolean {
  if (Y.getState(ydoc.store, client) < clock + length) return false
  for (let at = clock; at < clock + length; ) {
    const struct = Y.getItem(ydoc.store, Y.createID(client, at)) as Y.Item | Y.GC // Yjs types it as Item only
    if (!struct.deleted) return false
    at = struct.id.clock + struct.length
  }
  return true
}

async function syncedClient(server: RunningServer): Promise<Client> {
  const client = clientForTest(server.sync, DOCUMENT, { clock: hurriedClock(5) })
  await client.provider.whenSynced(patience())
  return client
}

async function stopAndStart(server: RunningServer): Promise<void> {
  expect(await server.stop()).toEqual({ code: 0, signal: null })
  await server.restart()
}

async function killAndStart(server: RunningServer): Promise<void> {
  await server.kill9()
  await server.restart()
}

/** Every replica gets to this text, and so does somebody who comes when all others have left. */
async function expectEverywhere(text: string, server: RunningServer, ydocs: readonly Y.Doc[]): Promise<void> {
  const isSame = (ydoc: Y.Doc): boolean => textOf(ydoc).toString() === text
  await waitUntil(onUpdate(...ydocs), () => ydocs.every(isSame), "every replica to have the text")
  expect(await readFresh(server.sync, DOCUMENT, (ydoc) => textOf(ydoc).toString())).toBe(text)
  await killAndStart(server)
  expect(await readFresh(server.sync, DOCUMENT, (ydoc) => textOf(ydoc).toString())).toBe(text)
}
