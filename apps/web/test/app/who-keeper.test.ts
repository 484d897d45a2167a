import { QuireError } from "@quire/base"
import { describe, expect, it } from "vitest"
import type { SignedIn, WhoAnswer } from "../../src/api/who.js"
import { type Who, WhoKeeper } from "../../src/app/who-keeper.js"
import { memoryStorage } from "../memory-storage.js"

const WAYS = { hasPassword: true, provider: undefined }
const ANNA: SignedIn = {
  kind: "account",
  id: "account:1",
  name: "Anna",
  color: "#2474bb",
  isAdmin: true,
  email: "a@b.c",
}
const BEN: SignedIn = { ...ANNA, id: "account:2", name: "Ben" }

function members(person?: SignedIn): WhoAnswer {
  return { mode: "members", person, ways: WAYS, needsSetup: false }
}

/** A keeper whose server gives these answers, one after the other; without one it cannot be reached. */
function keeperAt(storage: Storage, ...answers: WhoAnswer[]): WhoKeeper {
  const ask = async (): Promise<WhoAnswer> => {
    const answer = answers.shift()
    if (answer === undefined) throw new QuireError("QUIRE_UNREACHABLE", "the server cannot be reached")
    return answer
  }
  return new WhoKeeper({ ask, storage: () => storage })
}

describe("WhoKeeper", () => {
  it("knows nothing on a new device, and then what the server says, after a reload at once", async () => {
    const storage = memoryStorage()
    const first = keeperAt(storage, members(ANNA))
    expect(first.get()).toEqual({ kind: "unknown", mayBeOpen: true })
    await first.refresh()
    const somebody: Who = { kind: "somebody", person: ANNA, ways: WAYS, hasLapsed: false }
    expect(first.get()).toEqual(somebody)
    const second = keeperAt(storage)
    expect(second.get()).toEqual(somebody)
    await second.refresh()
    expect(second.get()).toEqual(somebody)
    expect(second.user()).toBe("account:1")
  })

  it("keeps everything of an open server for its one guest", async () => {
    const storage = memoryStorage()
    const first = keeperAt(storage, { mode: "open" })
    await first.refresh()
    expect([first.get(), first.user()]).toEqual([{ kind: "open" }, "guest"])
    expect(keeperAt(storage).get()).toEqual({ kind: "open" })
  })

  it("says that a sign-in has ended, and still whose it was", async () => {
    const storage = memoryStorage()
    const keeper = keeperAt(storage, members(ANNA), members(), members(ANNA))
    await keeper.refresh()
    await keeper.refresh()
    expect(keeper.get()).toMatchObject({ kind: "somebody", person: ANNA, hasLapsed: true })
    await keeper.refresh()
    expect(keeper.get()).toMatchObject({ kind: "somebody", person: ANNA, hasLapsed: false })
  })

  it("waits for the server where it knows people and none of them sits here", async () => {
    const storage = memoryStorage()
    await keeperAt(storage, members()).refresh()
    const second = keeperAt(storage)
    expect(second.get()).toEqual({ kind: "unknown", mayBeOpen: false })
    await second.refresh() // which cannot be reached: there is nothing to wait for any more
    expect(second.get()).toMatchObject({ kind: "nobody" })
  })

  it("is of another once somebody else sits here, and not after a sign-out", async () => {
    const storage = memoryStorage()
    const keeper = keeperAt(storage, members(ANNA), members(BEN))
    await keeper.refresh()
    expect(keeper.isOfAnother()).toBe(true) // the page was opened before anybody was known
    const next = keeperAt(storage, members(BEN))
    expect(next.isOfAnother()).toBe(false)
    next.leave()
    expect(next.isOfAnother()).toBe(false)
    await next.refresh()
    expect([next.isOfAnother(), next.user()]).toEqual([true, "account:1"])
  })

  it("tells its listeners of a change and of nothing else", async () => {
    const keeper = keeperAt(memoryStorage(), members(ANNA), members(ANNA))
    let told = 0
    const stop = keeper.subscribe(() => told++)
    await keeper.refresh()
    await keeper.refresh()
    expect(told).toBe(1)
    keeper.become({ ...ANNA, name: "Anna B." })
    expect(told).toBe(2)
    stop()
    keeper.leave()
    expect(told).toBe(2)
  })

  it("hears from another tab that somebody has signed out, or in", () => {
    const storage = memoryStorage()
    const one = keeperAt(storage)
    const other = keeperAt(storage)
    one.become(ANNA)
    other.heard()
    expect(other.get()).toMatchObject({ kind: "somebody", person: ANNA })
    one.leave()
    other.heard()
    expect(other.get()).toMatchObject({ kind: "nobody" })
  })

  it.each(["", "{", "null", "7", "[]", '{"mode":"members"}', '{"mode":"members","signIn":{},"person":{"id":7}}'])(
    "knows nothing where %s is kept",
    (kept) => {
      expect(keeperAt(memoryStorage({ "quire.who": kept })).get()).toMatchObject({ kind: "unknown" })
    },
  )

  it("lasts as long as the page where storage cannot be reached", async () => {
    const keeper = new WhoKeeper({
      ask: async () => members(ANNA),
      storage: () => {
        throw new DOMException("denied", "SecurityError")
      },
    })
    await keeper.refresh()
    expect(keeper.get()).toMatchObject({ kind: "somebody", person: ANNA })
  })
})
