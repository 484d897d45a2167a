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

interface Tally {
  kills: number
  edits: number
  acknowledgements: number
}

it(`loses no acknowledged edit in ${KILLS} kills under typing clients`, { timeout: 600_000 }, async () => {
  const tally: Tally = { kills: 0, edits: 0, acknowledgements: 0 }
  // Two servers at once, because most of the time goes into starting one.
  const shares = [Math.ceil(KILLS / 2), Math.floor(KILLS / 2)]
  try {
    await Promise.all(shares.map((kills, i) => killAgainAndAgain(kills, new SeededRandom(SEED + i), tally)))
  } finally {
    const { kills, edits, acknowledgements } = tally
    const counts = `${kills} kills, ${edits} edits, ${acknowledgements} acknowledgements`
    process.stdout.write(`crash: ${counts}, SEED=${SEED}\n`)
  }
  expect(tally.kills).toBe(KILLS)
  expect(tally.acknowledgements).toBeGreaterThan(KILLS)
})

async function killAgainAndAgain(kills: number, random: SeededRandom, tally: Tally): Promise<void> {
  const server = await serverForTest()
  const gate = ownedByTest(await Gate.build(server.port))
  const everybody: Crowd[] = []
  for (let killed = 0; killed < kills; ) {
    const events = new Events(tally)
    const crowds = [
      new Crowd(`plain/${killed}`, { content: PLAIN, gate, random, events }),
      new Crowd(`page/${killed}`, { content: PAGE, gate, random, events }),
    ]
    everybody.push(...crowds)
    for (const crowd of crowds) await crowd.whenSynced()
    for (let i = 0; i < KILLS_A_ROUND && killed < kills; i++, killed++) {
      for (const crowd of crowds) crowd.start()
      await events.someLater(random)
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
    for (const crowd of crowds) crowd.leave()
    expect(complaints(server)).toEqual([])
  }
  await server.kill9()
  await server.restart()
  for (const crowd of everybody) await crowd.expectPromisesKept(server)
}

/** Counts edits and acknowledgements, and waits for them. */
class Events {
  readonly #total: Tally
  readonly #listeners = new Set<() => void>()
  #edits = 0
  #acknowledgements = 0

  constructor(total: Tally) {
    this.#total = total
  }

  readonly note = (what: "edit" | "acknowledgement"): void => {
    if (what === "edit") {
      this.#edits++
      this.#total.edits++
    } else {
      this.#acknowledgements++
      this.#total.acknowledgements++
    }
    for (const listener of [...this.#listeners]) listener()
  }

  /** A random number of acknowledgements later; or of edits, and then before the last is on its way. */
  async someLater(random: SeededRandom): Promise<void> {
    const isEdit = random.below(2) === 0
    const reached = (): number => (isEdit ? this.#edits : this.#acknowledgements)
    const count = reached() + 1 + random.below(EVENTS_A_LIFE)
    await waitUntil(this.#subscribe, () => reached() >= count, "people to type and to be acknowledged")
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
    expect(this.#typists.flatMap(({ undecided }) => undecided)).toEqual([])
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
