import { SeededRandom } from "@quire/testing"
import { expect, it } from "vitest"
import { Gate } from "./gate.js"
import {
  hurriedClock,
  onUpdate,
  ownedByTest,
  patience,
  type RunningServer,
  readFresh,
  serverForTest,
  turn,
  waitUntil,
} from "./harness.js"
import { brokenPromises, type Content, PAGE, PLAIN, Typist } from "./typing.js"

/*
 * A real server is killed with SIGKILL again and again while eight people type. After each restart a fresh client
 * reads before anybody who was here may come back and heal what is missing: everything that was acknowledged must be
 * there, exactly once. Then the others come back, and type on. SEED and KILLS replay or change a run.
 */

const KILLS = Number(process.env.KILLS ?? 200)
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32))
/** New documents and people after so many kills: a document that only grew would make every read slower. */
const KILLS_A_ROUND = 20
const TYPISTS = 4
/** A kill comes after up to this many edits or acknowledgements of a life. */
const EVENTS_A_LIFE = 160

it(`loses no acknowledged edit in ${KILLS} kills under typing clients`, { timeout: 600_000 }, async () => {
  const random = new SeededRandom(SEED)
  const server = await serverForTest()
  const gate = ownedByTest(await Gate.build(server.port))
  const tally = { kills: 0, edits: 0, acknowledgements: 0 }
  const documents: Crowd[] = []
  try {
    for (let round = 0; tally.kills < KILLS; round++) {
      const events = new Events()
      const crowds = [
        new Crowd(`plain/${round}`, { content: PLAIN, gate, random, events }),
        new Crowd(`page/${round}`, { content: PAGE, gate, random, events }),
      ]
      documents.push(...crowds)
      for (const crowd of crowds) await crowd.whenSynced()
      for (let i = 0; i < KILLS_A_ROUND && tally.kills < KILLS; i++) {
        for (const crowd of crowds) crowd.start()
        await events.oneOf(random)
        for (let turns = random.below(12); turns > 0; turns--) await turn()
        gate.hold()
        await server.kill9()
        tally.kills++
        for (const crowd of crowds) crowd.typeAlone(random)
        await server.restart()
        await Promise.all(crowds.map((crowd) => crowd.expectPromisesKept(server)))
        gate.release()
      }
      for (const crowd of crowds) await crowd.expectConvergence(server)
      tally.edits += events.edits
      tally.acknowledgements += events.acknowledgements
      for (const crowd of crowds) crowd.leave()
      expect(complaints(server)).toEqual([])
    }
    await server.kill9()
    await server.restart()
    for (const crowd of documents) await crowd.expectPromisesKept(server)
  } finally {
    const { kills, edits, acknowledgements } = tally
    const counts = `${kills} kills, ${edits} edits, ${acknowledgements} acknowledgements`
    process.stdout.write(`crash: ${counts}, SEED=${SEED}\n`)
  }
  expect(tally.kills).toBe(KILLS)
  expect(tally.acknowledgements).toBeGreaterThan(KILLS)
})

/** Counts edits and acknowledgements, and waits for one of them. */
class Events {
  edits = 0
  acknowledgements = 0
  readonly #listeners = new Set<() => void>()

  readonly note = (what: "edit" | "acknowledgement"): void => {
    if (what === "edit") this.edits++
    else this.acknowledgements++
    for (const listener of [...this.#listeners]) listener()
  }

  /** A random number of acknowledgements further on; or at an edit, before it is on its way. */
  async oneOf(random: SeededRandom): Promise<void> {
    const isEdit = random.below(2) === 0
    const reached = (): number => (isEdit ? this.edits : this.acknowledgements)
    const count = reached() + 1 + random.below(EVENTS_A_LIFE)
    const isMet = (): boolean => reached() >= count
    await waitUntil(this.#subscribe, isMet, "people to type and to be acknowledged")
  }

  readonly #subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

/** The people at one document. */
class Crowd {
  readonly #document: string
  readonly #content: Content
  readonly #typists: readonly Typist[]

  constructor(
    document: string,
    options: {
      readonly content: Content
      readonly gate: Gate
      readonly random: SeededRandom
      readonly events: Events
    },
  ) {
    const { content, gate, random, events } = options
    this.#document = document
    this.#content = content
    this.#typists = Array.from({ length: TYPISTS }, (_, i) => {
      return new Typist(`${document}-${i}`, {
        url: gate.sync,
        document,
        content,
        random,
        onEdit: events.note,
        provider: { clock: hurriedClock(5), random },
      })
    })
    ownedByTest({ close: () => this.leave() })
  }

  /** Nobody can type into a document that is not shown yet. */
  async whenSynced(): Promise<void> {
    await Promise.all(this.#typists.map(({ client }) => client.provider.whenSynced(patience())))
  }

  start(): void {
    for (const typist of this.#typists) typist.start()
  }

  /** Some type on while there is no server. */
  typeAlone(random: SeededRandom): void {
    for (const typist of this.#typists) for (let i = random.below(3); i > 0; i--) typist.type()
  }

  async expectPromisesKept(server: RunningServer): Promise<void> {
    const found = await this.#readFresh(server)
    expect(brokenPromises(found, this.#typists), `SEED=${SEED}`).toEqual([])
  }

  /** Everybody stops, is saved, and has the same; nothing is missing, acknowledged before a crash or not. */
  async expectConvergence(server: RunningServer): Promise<void> {
    for (const typist of this.#typists) typist.stop()
    await Promise.all(this.#typists.map(({ client }) => client.provider.whenSaved(patience())))
    const found = await this.#readFresh(server)
    const ydocs = this.#typists.map(({ client }) => client.ydoc)
    const isSame = (): boolean => ydocs.every((ydoc) => sameTokens(this.#content.tokens(ydoc), found))
    await waitUntil(onUpdate(...ydocs), isSame, `everybody at ${this.#document} to have the same`)
    const undecided = this.#typists.flatMap(({ fates }) => [...fates.values()].filter((fate) => fate.endsWith("ing")))
    expect(undecided).toEqual([])
    expect(brokenPromises(found, this.#typists), `SEED=${SEED}`).toEqual([])
  }

  leave(): void {
    for (const typist of this.#typists) {
      typist.stop()
      typist.client.close()
    }
  }

  #readFresh(server: RunningServer): Promise<string[]> {
    const { schema, tokens } = this.#content
    return readFresh(server.sync, this.#document, tokens, { schema })
  }
}

function sameTokens(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((token, i) => token === b[i])
}

/** What the server found wrong. */
function complaints(server: RunningServer): readonly unknown[] {
  return server.process.log.filter(({ level }) => level >= 50)
}
