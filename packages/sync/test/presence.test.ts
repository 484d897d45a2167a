import { encodePresence, GONE } from "@quire/protocol"
import { describe, expect, it } from "vitest"
import { type Peer, World } from "./world.js"

function announce(peer: Peer, clock: number, state: string, client = peer.ydoc.clientID): void {
  peer.say({ type: "presence", entries: encodePresence([{ client, clock, state }]) })
}

async function pass(world: World, ms = 100): Promise<void> {
  await world.quiet()
  world.clock.advance(ms)
  await world.quiet()
}

describe("presence", () => {
  it("[P1] tells a joiner who is there, and the others of a joiner", async () => {
    const world = new World()
    const anna = await world.peer({ dialect: "plain" })
    announce(anna, 1, '{"user":"Anna"}')
    await pass(world)
    const ben = await world.peer()
    expect(ben.presence()).toEqual([{ client: anna.ydoc.clientID, clock: 1, state: '{"user":"Anna"}' }])
    announce(ben, 1, '{"user":"Ben"}')
    await pass(world)
    expect(anna.presence().at(-1)).toMatchObject({ client: ben.ydoc.clientID })
  })

  it("[P2] sends one message per room and window, with the newest state of each", async () => {
    const world = new World()
    const peers = [await world.peer(), await world.peer(), await world.peer()]
    announce(peers[0] as Peer, 1, '"first"')
    await pass(world, 0)
    const before = peers.map((peer) => peer.of("presence").length)
    for (const peer of peers) announce(peer, 2, '"2"')
    await world.quiet()
    for (let clock = 3; clock < 12; clock++) {
      for (const peer of peers) announce(peer, clock, `"${clock}"`)
      await world.quiet()
    }
    await pass(world)
    expect(peers.map((peer, i) => peer.of("presence").length - (before[i] ?? 0))).toEqual([1, 1, 1])
    expect(
      peers[0]
        ?.presence()
        .slice(-3)
        .map(({ state }) => state),
    ).toEqual(['"11"', '"11"', '"11"'])
  })

  it("[P3] passes mere renewals on at most every 10 s, and changes at once", async () => {
    const world = new World()
    const [anna, ben] = [await world.peer(), await world.peer()]
    for (let clock = 1; clock <= 30; clock++) {
      announce(anna, clock, '"same"')
      await pass(world, 1_000)
    }
    expect(ben.presence().length).toBeLessThanOrEqual(4)
    const heard = ben.presence().length
    announce(anna, 31, '"other"')
    await pass(world)
    expect(ben.presence().length).toBe(heard + 1)
  })

  it("[P4] takes from a native session only its own client id", async () => {
    const world = new World()
    const [anna, ben] = [await world.peer(), await world.peer()]
    announce(anna, 1, '"me"')
    announce(ben, 50, '"forged"', anna.ydoc.clientID)
    announce(ben, 50, '"nobody"', 4_711)
    await pass(world)
    expect(anna.presence().map(({ state }) => state)).toEqual(['"me"'])
  })

  it("[P4] takes from a plain session only the first id it announces, and drops what it relays", async () => {
    const world = new World()
    const anna = await world.peer()
    announce(anna, 5, '"anna"')
    await pass(world)
    const plain = await world.peer({ dialect: "plain" })
    announce(plain, 5, '"anna"', anna.ydoc.clientID)
    announce(plain, 1, '"plain"')
    announce(plain, 9, '"forged"', anna.ydoc.clientID)
    await pass(world)
    expect(anna.presence().map(({ state }) => state)).toEqual(['"anna"', '"plain"'])
  })

  it("[P4] does not take a plain session's echo of a client that has just left for its own", async () => {
    const world = new World()
    const anna = await world.peer()
    const ghost = await world.peer({ dialect: "plain", clientId: 30 })
    announce(anna, 5, '"anna"')
    announce(ghost, 6, '"plain"')
    await pass(world)
    // It comes back while its old connection lingers, so what it says first is no news.
    const plain = await world.peer({ dialect: "plain", clientId: 30 })
    announce(plain, 6, '"plain"')
    ghost.cut()
    anna.cut()
    announce(plain, 5, '"anna"', anna.ydoc.clientID)
    await pass(world)
    announce(plain, 7, '"plain"')
    await pass(world)
    expect((await world.peer()).presence().map(({ client, state }) => [client, state])).toEqual([[30, '"plain"']])
  })

  it("[P4] drops entries whose clock is not higher, except that the client is gone", async () => {
    const world = new World()
    const [anna, ben] = [await world.peer(), await world.peer()]
    announce(anna, 5, '"new"')
    await pass(world)
    announce(anna, 4, '"old"')
    announce(anna, 5, '"same clock"')
    await pass(world)
    expect(ben.presence().map(({ state }) => state)).toEqual(['"new"'])
    announce(anna, 5, GONE)
    await pass(world)
    expect(ben.presence().at(-1)).toMatchObject({ clock: 5, state: GONE })
  })

  it("[P5] says that a client is gone when its connection ends", async () => {
    const world = new World()
    const [anna, ben] = [await world.peer(), await world.peer()]
    announce(anna, 5, '"here"')
    await pass(world)
    anna.cut()
    await pass(world)
    expect(ben.presence().at(-1)).toEqual({ client: anna.ydoc.clientID, clock: 6, state: GONE })
    expect((await world.peer()).presence()).toEqual([])
  })

  it("[P5] keeps a client that came back on a newer connection when the old one ends", async () => {
    const world = new World()
    const [anna, ben] = [await world.peer({ clientId: 77 }), await world.peer()]
    announce(anna, 5, '"here"')
    await pass(world)
    const back = await world.peer({ clientId: 77 })
    announce(back, 6, '"back"')
    await pass(world)
    anna.cut()
    await pass(world)
    expect(ben.presence().at(-1)?.state).toBe('"back"')
  })

  it("[P6] answers who asks", async () => {
    const world = new World()
    const [anna, plain] = [await world.peer(), await world.peer({ dialect: "plain" })]
    announce(anna, 1, '"anna"')
    await pass(world)
    plain.say({ type: "query-presence" })
    expect(plain.presence().at(-1)?.state).toBe('"anna"')
  })
})
