import { encodePresence } from "@quire/protocol"
import { describe, expect, it } from "vitest"
import { stampState } from "../src/stamp.js"
import { guardedWorld } from "./scripted-gate.js"
import type { Peer } from "./world.js"

const ANNA = { id: "account:1", name: "Anna", color: "#aa0000" }
const EVE = { id: "account:2", name: "Eve", color: "#00bb00" }

const stamped = (state: string): unknown => {
  const text = stampState(state, ANNA)
  return text === undefined ? undefined : JSON.parse(text)
}

describe("a stamped state", () => {
  it("[A8] keeps where somebody is and what they do, and says itself who they are", () => {
    const cursor = { anchor: { type: { client: 1, clock: 2 }, tname: null, item: null, assoc: 0 }, head: null }
    const state = { cursor, selection: [1, 2], status: "typing", user: { name: "Boss", color: "red" }, isAdmin: true }
    expect(stamped(JSON.stringify(state))).toEqual({ cursor, selection: [1, 2], status: "typing", user: ANNA })
    expect(stamped("{}")).toEqual({ user: ANNA })
    expect(stamped("null")).toBeNull()
  })

  it("[A8] drops what is no state, and what is too large before or after", () => {
    for (const state of ["", "1", '"x"', "[]", "{", "undefined", '{"a":1}x']) expect(stamped(state)).toBeUndefined()
    const ofLength = (length: number): string => JSON.stringify({ status: "x".repeat(length - '{"status":""}'.length) })
    const user = `,"user":${JSON.stringify(ANNA)}`.length
    expect(stamped(ofLength(2_048 - user))).toBeDefined()
    expect(stamped(ofLength(2_049 - user))).toBeUndefined()
    expect(stamped(ofLength(20_480))).toBeUndefined()
  })

  it("[A8] has no key that reaches a prototype, at any depth, and no depth without end", () => {
    const evil = '{"__proto__":{"x":1},"cursor":{"__proto__":{"y":1},"a":[{"constructor":1,"prototype":2,"b":3}]}}'
    expect(stampState(evil, ANNA)).toBe(`{"cursor":{"a":[{"b":3}]},"user":${JSON.stringify(ANNA)}}`)
    const deep = `{"status":${"[".repeat(900)}${"]".repeat(900)}}`
    expect(stampState(deep, ANNA)?.length).toBeLessThan(120)
  })
})

const states = (peer: Peer): string[] => peer.presence().map(({ state }) => state)
const say = (peer: Peer, state: unknown, clock = 1, client = peer.ydoc.clientID): void =>
  peer.say({ type: "presence", entries: encodePresence([{ client, clock, state: JSON.stringify(state) }]) })

describe("presence under accounts", () => {
  for (const dialect of ["native", "plain"] as const) {
    it(`[A8] is signed by the server (${dialect}), and forged names reach nobody`, async () => {
      const { world, people } = guardedWorld()
      people.add("anna", "write", ANNA)
      people.add("eve", "read", EVE)
      const anna = await world.peer({ user: "anna" })
      const eve = await world.peer({ user: "eve", dialect })
      say(anna, { user: { name: "anna" } })
      for (let clock = 1; clock <= 1_000; clock++) {
        say(eve, { user: ANNA, cursor: clock }, clock)
        say(eve, { user: ANNA, cursor: "forged" }, clock + 5, anna.ydoc.clientID)
      }
      world.clock.advance(100)
      await world.quiet()
      for (const peer of [anna, await world.peer({ user: "anna" })]) {
        expect(states(peer).filter((state) => state.includes("forged"))).toEqual([])
        const ofEve = peer.presence().filter(({ client }) => client === eve.ydoc.clientID)
        expect(ofEve.length).toBeGreaterThan(0)
        for (const { state } of ofEve) expect(JSON.parse(state).user).toEqual(EVE)
      }
    })
  }

  it("[A8] is sent again when the name has changed", async () => {
    const { world, people } = guardedWorld()
    people.add("anna", "write", ANNA)
    people.add("ben", "write", { ...ANNA, id: "account:3", name: "Ben" })
    const [anna, ben] = [await world.peer({ user: "anna" }), await world.peer({ user: "ben" })]
    say(anna, { cursor: 7 })
    world.clock.advance(100)
    people.change("anna", { identity: { ...ANNA, name: "Anna B." } })
    world.clock.advance(100)
    await world.quiet()
    const heard = states(ben).map((state) => JSON.parse(state))
    expect(heard.at(-1)).toEqual({ cursor: 7, user: { ...ANNA, name: "Anna B." } })
    say(anna, { cursor: 8 }, 3)
    world.clock.advance(100)
    expect(JSON.parse(states(ben).at(-1) ?? "")).toEqual({ cursor: 8, user: { ...ANNA, name: "Anna B." } })
  })

  it("[P2] is passed on as it came where people say themselves who they are", async () => {
    const { world, people } = guardedWorld()
    people.add("anna", "write")
    const [anna, other] = [await world.peer({ user: "anna" }), await world.peer({ user: "anna" })]
    say(anna, { user: { name: "Me" }, extra: 1 })
    world.clock.advance(100)
    expect(states(other)).toEqual(['{"user":{"name":"Me"},"extra":1}'])
  })

  it("[A8] and frames of another connection, played again, show nobody anything", async () => {
    const { world, people } = guardedWorld()
    people.add("anna", "write", ANNA)
    people.add("eve", "write", EVE)
    const anna = await world.peer({ user: "anna" })
    const frames: Uint8Array[] = []
    const receive = anna.connection.receive.bind(anna.connection)
    anna.connection.receive = (frame) => {
      frames.push(frame)
      receive(frame)
    }
    for (let i = 0; i < 50; i++) {
      anna.type("x")
      say(anna, { cursor: i }, i + 1)
    }
    await world.commit()
    const watcher = await world.peer({ user: "anna" })
    const [records, heard] = [[...world.log.documents.values()][0]?.records.length, watcher.presence().length]
    const eve = await world.peer({ user: "eve" })
    for (const frame of frames) eve.connection.receive(frame)
    world.clock.advance(200)
    await world.commit()
    expect([...world.log.documents.values()][0]?.records.length).toBe(records)
    expect(watcher.presence().slice(heard)).toEqual([])
    expect(eve.closed).toBeUndefined()
  })
})
