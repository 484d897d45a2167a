import type { DocumentId } from "@quire/base"
import { expect, it } from "vitest"
import { Rooms } from "../src/index.js"
import { BIRTH, HeldLog, inlineMerging, Peer, World } from "./world.js"

it("[O6] reads eight documents at once, and the others in the order in which they were asked for", async () => {
  const world = new World()
  const reading: string[] = []
  const read: (() => void)[] = []
  world.log.load = (document) => {
    reading.push(document)
    return new Promise((resolve) => read.push(() => resolve(undefined)))
  }
  const peers = Array.from({ length: 20 }, (_, i) => new Peer(world, { document: `d${i}` as DocumentId }))
  await world.quiet()
  expect(reading.length).toBe(8)
  expect(world.rooms.isOpen("d19" as DocumentId)).toBe(true)
  for (let i = 0; i < 20; i++) {
    read.shift()?.()
    await world.quiet()
    expect(reading.length).toBe(Math.min(20, 9 + i))
  }
  expect(reading).toEqual(Array.from({ length: 20 }, (_, i) => `d${i}`))
  for (const peer of peers) expect(peer.of("step2").length).toBe(1)
})

it("[O6] goes on with the others after a document that cannot be read", async () => {
  const world = new World()
  const load = world.log.load.bind(world.log)
  world.log.load = (document) => (document === "d0" ? Promise.reject(new Error("damaged")) : load(document))
  const peers = Array.from({ length: 20 }, (_, i) => new Peer(world, { document: `d${i}` as DocumentId }))
  await world.quiet()
  expect(peers.map(({ closed }) => closed === undefined)).toEqual(peers.map((_, i) => i !== 0))
})

it("[O3] spreads the return of a large crowd over longer than that of a small one", async () => {
  const hintsOf = async (count: number): Promise<number[]> => {
    const world = new World(new HeldLog())
    const rooms = new Rooms({
      clock: world.clock,
      random: world.random,
      log: world.log,
      documents: { kindOf: async () => undefined },
      merging: inlineMerging,
      watch: { event: () => undefined },
      birth: BIRTH,
      returnSpreadMs: (sessions) => sessions * 100,
    })
    Object.assign(world.setting, { rooms })
    const peers = await Promise.all(Array.from({ length: count }, () => world.peer()))
    await rooms.close(Promise.resolve())
    return peers.map(({ closed }) => Number(/^retry=(\d+) /.exec(closed?.reason ?? "")?.[1]))
  }
  expect(Math.max(...(await hintsOf(10)))).toBeLessThanOrEqual(5_500)
  const many = await hintsOf(200)
  expect(Math.max(...many)).toBeGreaterThan(15_000)
  expect(Math.max(...many)).toBeLessThanOrEqual(20_500)
  expect(Math.min(...many)).toBeLessThan(3_000)
})
