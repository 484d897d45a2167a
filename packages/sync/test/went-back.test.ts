import { asSequence } from "@quire/base"
import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { DOCUMENT, HeldLog, type Peer, World } from "./world.js"

/** A log as it was after its first records. */
function olderCopyOf(log: HeldLog, records: number): HeldLog {
  const copy = new HeldLog()
  const stored = log.documents.get(DOCUMENT)
  if (stored === undefined) throw new Error("nothing was written")
  copy.documents.set(DOCUMENT, { origin: stored.origin, records: stored.records.slice(0, records) })
  return copy
}

/** Two people who have written three words, all of them durable. */
async function threeWords(): Promise<{ readonly world: World; readonly anna: Peer; readonly ben: Peer }> {
  const world = new World()
  const [anna, ben] = [await world.peer({ user: "anna" }), await world.peer({ user: "ben" })]
  for (const word of ["one ", "two ", "three"]) {
    anna.type(word, anna.text().length)
    await world.commit()
    world.clock.advance(1_000)
    await world.quiet()
  }
  return { world, anna, ben }
}

const codes = (peer: Peer): string[] => peer.of("notice").map(({ code }) => code)

describe("a log that went back", () => {
  it("[J6] is told to who knows more than the log, to the operator once, and healed by what that client has", async () => {
    const { world, anna, ben } = await threeWords()
    const after = new World(olderCopyOf(world.log, 1))
    const content = Y.encodeStateAsUpdate(ben.ydoc)
    const back = await after.peer({ user: "ben", resume: ben.token(), content })
    expect(codes(back)).toEqual(["QUIRE_LOG_WENT_BACK"])
    expect(back.of("welcome")[0]?.isResumed).toBe(false)
    const other = await after.peer({ user: "anna", resume: anna.token(), content })
    expect(codes(other)).toEqual(["QUIRE_LOG_WENT_BACK"])
    expect(after.events).toEqual(["room.log-went-back"])
    await after.commit()
    expect((await after.peer()).text()).toBe("one two three")
    expect(back.of("acknowledge").at(-1)?.through).toBe(1)
  })

  it("[J6] is known by another record in the place of the token's, too", async () => {
    const { world, ben } = await threeWords()
    const after = new World(olderCopyOf(world.log, 1))
    const carla = await after.peer()
    for (const word of ["that ", "is ", "other "]) {
      carla.type(word)
      await after.commit()
    }
    const back = await after.peer({ resume: ben.token(), content: Y.encodeStateAsUpdate(ben.ydoc) })
    expect(codes(back)).toEqual(["QUIRE_LOG_WENT_BACK"])
    await after.commit()
    expect(back.text()).toContain("one two three")
    expect((await after.peer()).text()).toBe(back.text())
  })

  it("[J6] is not what a token means that is too old, of another epoch, or good", async () => {
    const { world, ben } = await threeWords()
    const good = ben.token()
    world.log.forgotten = 2
    for (const resume of [
      good,
      { ...good, sequence: asSequence(1) },
      { ...good, sequence: asSequence(9), epoch: "0".repeat(16) },
    ]) {
      expect(codes(await world.peer({ resume }))).toEqual([])
    }
    expect(world.events).toEqual([])
  })
})
