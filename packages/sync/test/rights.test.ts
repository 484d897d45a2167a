import { CloseCode, encodeMessage } from "@quire/protocol"
import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import { FORBIDDEN, guardedWorld, type ScriptedGate } from "./scripted-gate.js"
import { DOCUMENT, type Peer, type World } from "./world.js"

interface Two {
  readonly world: World
  readonly people: ScriptedGate
  readonly anna: Peer
  readonly ben: Peer
}

/** Two who may write, and have written. */
async function two(dialect: "native" | "plain" = "native"): Promise<Two> {
  const { world, people } = guardedWorld()
  people.add("anna", "write")
  people.add("ben", "write")
  const [anna, ben] = [await world.peer({ user: "anna", dialect }), await world.peer({ user: "ben" })]
  anna.type("one ")
  await world.commit()
  return { world, people, anna, ben }
}

describe("changed rights", () => {
  it("[A4] make a writer a reader at once: what was taken is acknowledged, what comes later is not taken", async () => {
    const { world, people, anna, ben } = await two()
    anna.type("two ")
    people.change("anna", { rights: "read" })
    anna.type("three ")
    await world.commit()
    expect(anna.of("rights")).toMatchObject([{ grant: "read", reason: expect.stringMatching(/read/) }])
    expect(anna.of("acknowledge").at(-1)?.through).toBe(3)
    expect(anna.of("refused")).toMatchObject([{ number: 4, code: "QUIRE_READ_ONLY" }])
    expect(ben.text()).toBe("two one ")
    expect(anna.closed).toBeUndefined()
    ben.type("four ")
    await world.quiet()
    expect(anna.text()).toContain("four ")
  })

  it("[A4] make a commenter of a writer, who cannot write either", async () => {
    const { world, people, anna, ben } = await two()
    people.change("anna", { rights: "comment" })
    anna.type("two ")
    await world.quiet()
    expect(anna.of("rights").map(({ grant }) => grant)).toEqual(["comment"])
    expect(ben.text()).toBe("one ")
  })

  it("[A4] make a reader a writer, and ask for what was refused before", async () => {
    const { world, people, anna, ben } = await two()
    people.change("anna", { rights: "read" })
    anna.type("two ")
    await world.quiet()
    expect(ben.text()).toBe("one ")
    people.change("anna", { rights: "write" })
    anna.type("three ")
    await world.commit()
    expect(ben.text()).toBe("three two one ")
    expect(anna.of("rights").map(({ grant }) => grant)).toEqual(["read", "write"])
    const content = anna.of("acknowledge").at(-1)?.through
    expect(content).toBeGreaterThanOrEqual(4)
    expect(world.log.waiting).toBe(0)
  })

  it("[A4] are told to a stock client only when it writes", async () => {
    const { world, people, anna, ben } = await two("plain")
    people.change("anna", { rights: "read" })
    ben.type("two ")
    await world.quiet()
    expect(anna.closed).toBeUndefined()
    expect(anna.text()).toContain("two ")
    anna.type("three ")
    await world.quiet()
    expect(anna.of("denied")[0]?.reason).toMatch(/^QUIRE_READ_ONLY/)
    expect(anna.closed?.code).toBe(CloseCode.Forbidden)
    expect(ben.text()).toBe("two one ")
  })

  it("[A4] count while the document is still being opened", async () => {
    const { world, people } = guardedWorld()
    people.add("anna", "write")
    const open = world.log.holdLoads()
    const anna = await world.peer({ user: "anna" })
    people.change("anna", { rights: "read" })
    open()
    await world.quiet()
    anna.type("x")
    await world.quiet()
    expect(anna.of("refused")).toHaveLength(1)
    expect(world.log.waiting).toBe(0)
  })

  it("[A4] end the taking of what still waits for something it builds on", async () => {
    const { world, people, anna, ben } = await two()
    const away = new Y.Doc()
    Y.applyUpdate(away, Y.encodeStateAsUpdate(ben.ydoc))
    const updates: Uint8Array[] = []
    away.on("update", (update: Uint8Array) => updates.push(update))
    away.getText("t").insert(0, "a")
    away.getText("t").insert(1, "b")
    const [first, second] = updates as [Uint8Array, Uint8Array] // one for each insertion
    anna.isSpeaking = false
    anna.say({ type: "update", update: second })
    anna.say({ type: "step2", update: second })
    await world.quiet()
    expect(anna.of("notice").map(({ code }) => code)).toEqual(["QUIRE_UPDATE_INCOMPLETE"])
    people.change("anna", { rights: "read" })
    ben.say({ type: "update", update: first })
    await world.commit()
    expect((await world.peer({ user: "ben" })).text()).toBe("aone ")
  })
})

describe("an admission that ends", () => {
  it("[A5] tells why, acknowledges what is on disk, closes with 4403, and sends nothing of the document after that", async () => {
    const { world, people, anna, ben } = await two()
    anna.type("two ")
    world.log.commit()
    people.end("anna", CloseCode.Forbidden, FORBIDDEN)
    const heard = anna.received.length
    anna.type("three ")
    ben.type("four ")
    await world.commit()
    expect(anna.closed).toEqual({ code: CloseCode.Forbidden, reason: FORBIDDEN })
    expect(anna.of("notice")).toMatchObject([{ code: "QUIRE_FORBIDDEN", text: expect.not.stringContaining("QUIRE_") }])
    expect(anna.received.slice(heard)).toEqual([])
    expect(ben.text()).toMatch(/^(four two|two four) one $/)
    expect(world.rooms.counts.sessions).toBe(1)
    expect((await world.peer({ user: "anna" })).closed?.code).toBe(CloseCode.Forbidden)
  })

  it("[A5] takes nothing more of that person's, also not what was being separated", async () => {
    const { world, people, anna, ben } = await two()
    const away = new Y.Doc()
    Y.applyUpdate(away, Y.encodeStateAsUpdate(ben.ydoc))
    away.getText("t").insert(0, "late ")
    // Structs the room has, together with news: to be taken apart first.
    anna.isSpeaking = false
    const whole = Y.encodeStateAsUpdate(away)
    anna.say({ type: "step2", update: whole })
    anna.say({ type: "step2", update: whole })
    people.end("anna", CloseCode.Unauthorized, "QUIRE_SIGN_IN: your session has ended: sign in again")
    await world.commit()
    expect(anna.closed?.code).toBe(CloseCode.Unauthorized)
    expect(ben.text()).toBe("one ")
  })

  it("[A5] ends a connection whose document is still being opened", async () => {
    const { world, people } = guardedWorld()
    people.add("anna", "write")
    const open = world.log.holdLoads()
    const anna = await world.peer({ user: "anna" })
    people.end("anna", CloseCode.Forbidden, FORBIDDEN)
    open()
    await world.quiet()
    expect(anna.closed?.code).toBe(CloseCode.Forbidden)
    expect(anna.received).toEqual([])
    expect(people.watched).toBe(0)
    expect(world.rooms.counts.sessions).toBe(0)
  })

  it("[A5] never goes on as somebody else", async () => {
    const { world, people, anna } = await two()
    const other = await people.gate(DOCUMENT, { token: "ben", cookie: "" })
    people.say("anna", other)
    await world.quiet()
    expect(anna.closed?.code).toBe(CloseCode.Unauthorized)
  })

  it("[A5] is watched no longer than the connection is open", async () => {
    const { world, people, anna, ben } = await two()
    expect(people.watched).toBe(2)
    anna.cut()
    ben.connection.receive(Uint8Array.of(99))
    await world.quiet()
    expect(people.watched).toBe(0)
    people.change("anna", { rights: "read" })
    expect(anna.of("rights")).toEqual([])
  })
})

describe("a token in place", () => {
  it("[A6] of the same person goes on with the rights it gives, on the open connection", async () => {
    const { world, people, anna, ben } = await two()
    people.people.set("anna", { rights: "read", identity: undefined })
    anna.say({ type: "token", token: "anna:second" })
    await world.quiet()
    expect(people.asked).toEqual(["anna:second"])
    expect(anna.of("rights").map(({ grant }) => grant)).toEqual(["read"])
    anna.type("two ")
    await world.quiet()
    expect(ben.text()).toBe("one ")
    expect(anna.closed).toBeUndefined()
  })

  it("[A6] of another person, or that the gate refuses, is told and changes nothing", async () => {
    const { world, people, anna, ben } = await two()
    people.change("anna", { rights: "read" })
    anna.say({ type: "token", token: "ben" })
    await world.quiet()
    world.clock.advance(1_000)
    anna.say({ type: "token", token: "nobody" })
    await world.quiet()
    world.clock.advance(1_000)
    people.answerRefresh = () => Promise.reject(new Error("no answer"))
    anna.say({ type: "token", token: "anna" })
    await world.quiet()
    expect(anna.of("notice").map(({ code }) => code)).toEqual([
      "QUIRE_TOKEN_OTHER_USER",
      "QUIRE_TOKEN_REFUSED",
      "QUIRE_TOKEN_REFUSED",
    ])
    expect(world.events).toContain("connection.refresh-failed")
    anna.type("two ")
    await world.quiet()
    expect(ben.text()).toBe("one ")
    expect(anna.of("rights")).toHaveLength(1)
    expect(anna.closed).toBeUndefined()
  })

  it("[A6] raises nothing that was lowered while it was looked at", async () => {
    const { world, people, anna, ben } = await two()
    const stale = await people.gate(DOCUMENT, { token: "anna", cookie: "" })
    let answer: () => void = () => undefined
    people.answerRefresh = () => new Promise((resolve) => (answer = () => resolve(stale)))
    anna.say({ type: "token", token: "anna:second" })
    await world.quiet()
    people.change("anna", { rights: "read" })
    answer()
    await world.quiet()
    anna.type("two ")
    await world.quiet()
    expect(ben.text()).toBe("one ")
  })

  it("[A6] is looked at once a second at most, the newest first, and not after the end", async () => {
    const { world, people, anna } = await two()
    for (let i = 0; i < 100; i++) anna.say({ type: "token", token: `anna:${i}` })
    await world.quiet()
    expect(people.asked).toEqual(["anna:0"])
    world.clock.advance(1_000)
    await world.quiet()
    expect(people.asked).toEqual(["anna:0", "anna:99"])
    anna.say({ type: "token", token: "anna:100" })
    anna.cut()
    world.clock.advance(5_000)
    await world.quiet()
    expect(people.asked).toHaveLength(2)
  })

  it("[A6] means nothing where nothing can expire", async () => {
    const { World } = await import("./world.js")
    const world = new World()
    const guest = await world.peer()
    guest.say({ type: "token", token: "x" })
    await world.quiet()
    expect(guest.closed).toBeUndefined()
    expect(guest.of("notice")).toEqual([])
  })

  it("[C3] is unknown to a plain connection, and no longer than the limit", async () => {
    const { anna, ben } = await two("plain")
    anna.connection.receive(encodeMessage({ type: "token", token: "anna" }))
    ben.connection.receive(encodeMessage({ type: "token", token: "x".repeat(4_097) }))
    expect([anna.closed?.code, ben.closed?.code]).toEqual([CloseCode.Malformed, CloseCode.TooLarge])
  })
})

describe("a refused edit", () => {
  it("[A7] is told by its number, so that nobody waits for it or takes it for saved", async () => {
    const { world, people } = guardedWorld()
    people.add("vera", "read")
    const vera = await world.peer({ user: "vera" })
    vera.type("mine")
    vera.type("more")
    await world.commit()
    expect(vera.of("refused").map(({ number, code }) => [number, code])).toEqual([
      [2, "QUIRE_READ_ONLY"],
      [3, "QUIRE_READ_ONLY"],
    ])
    expect(vera.of("acknowledge").at(-1)?.through ?? 0).toBeLessThan(2)
  })
})

describe("the log", () => {
  it("[A8] names the account that wrote, whatever the client says", async () => {
    const { world } = await two()
    expect(world.log.documents.get(DOCUMENT)?.records.map(({ author }) => author)).toEqual(["anna"])
  })
})
