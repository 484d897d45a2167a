import { createHash } from "node:crypto"
import { asClientId, asSequence } from "@quire/base"
import { CloseCode, encodeMessage, encodePresence, LIMITS, type Message } from "@quire/protocol"
import { HostileUpdates, mutateBytes, SeededRandom } from "@quire/testing"
import { describe, expect, it } from "vitest"
import * as Y from "yjs"
import type { GateAnswer } from "../src/index.js"
import { guardedWorld } from "./scripted-gate.js"
import { DOCUMENT, Peer, World } from "./world.js"

/** Frames for each role. */
const FRAMES = Number(process.env.HOSTILE_FRAMES ?? 100_000)
/** Connections that are opened together: what is malformed ends one. */
const TOGETHER = 100

/** Everything that a frame could have changed of the document. */
function digest(world: World): string {
  const stored = world.log.documents.get(DOCUMENT)
  const ydoc = new Y.Doc()
  const hash = createHash("sha256")
  for (const { payload, author, sequence } of stored?.records ?? []) {
    Y.applyUpdate(ydoc, payload)
    hash.update(`${sequence} ${author} `).update(payload)
  }
  const snapshot = Y.snapshot(ydoc)
  return hash.update(Y.encodeSnapshot(snapshot)).update(Y.encodeStateVector(ydoc)).digest("hex")
}

/** Every message there is, with contents from valid to hostile, and any of them with its bytes changed. */
function frames(seed: number, ydoc: Y.Doc, own: number): () => Uint8Array {
  const random = new SeededRandom(seed)
  const away = new Y.Doc()
  away.clientID = own
  Y.applyUpdate(away, Y.encodeStateAsUpdate(ydoc))
  const valid: Uint8Array[] = []
  away.on("update", (update: Uint8Array) => valid.push(update))
  for (let i = 0; i < 40; i++) away.getText("t").insert(random.below(5), `v${i}`)
  for (let i = 0; i < 10; i++) away.getText("t").delete(random.below(4), 2)
  const known = new Map(Y.decodeStateVector(Y.encodeStateVector(ydoc)))
  const hostile = new HostileUpdates({ random, seeds: [...valid, Y.encodeStateAsUpdate(ydoc)], known, roots: ["t"] })
  const update = (): Uint8Array => (random.below(2) === 0 ? random.pick(valid) : hostile.next().bytes)
  const clients = [own, ydoc.clientID, random.below(2 ** 32)]
  const presence = (): Uint8Array =>
    encodePresence([{ client: random.pick(clients), clock: random.below(2 ** 31), state: '{"user":{"name":"x"}}' }])
  const makers: readonly (() => Message)[] = [
    () => ({ type: "step1", stateVector: random.below(2) === 0 ? Uint8Array.of(0) : Y.encodeStateVector(ydoc) }),
    () => ({ type: "step2", update: update() }),
    () => ({ type: "update", update: update() }),
    () => ({ type: "step2", update: Y.encodeStateAsUpdate(away) }),
    () => ({ type: "presence", entries: presence() }),
    () => ({ type: "query-presence" }),
    () => ({ type: "token", token: random.pick(["anna", "vera", "", "x".repeat(5_000)]) }),
    () => ({ type: "hello", clientId: asClientId(ydoc.clientID), schema: 9, resume: undefined, token: "anna" }),
    () => ({ type: "welcome", epoch: "00112233445566ff", grant: "write", schema: 0, isResumed: false }),
    () => ({ type: "rights", grant: "write", reason: "because" }),
    () => ({ type: "acknowledge", through: 9, sequence: asSequence(9) }),
    () => ({ type: "durable", sequence: asSequence(9), checksum: 9, head: asSequence(9) }),
    () => ({ type: "refused", number: 1, code: "QUIRE_X", reason: "no" }),
    () => ({ type: "notice", code: "QUIRE_X", text: "hello" }),
    () => ({ type: "trouble", isFailing: true, text: "no" }),
    () => ({ type: "denied", reason: "no" }),
  ]
  const others = makers.map((make) => encodeMessage(make()))
  return () => {
    const frame = encodeMessage(random.pick(makers)())
    return random.below(4) === 0 ? mutateBytes(random, frame, others) : frame
  }
}

describe("hostile frames", () => {
  for (const rights of ["read", "comment"] as const) {
    it(`[A1] ${FRAMES} of them with the right to ${rights} change nothing of the document, and break nothing`, {
      timeout: 240_000,
    }, async () => {
      const { world, people } = guardedWorld()
      people.add("anna", "write")
      people.add("vera", rights)
      const anna = await world.peer({ user: "anna" })
      for (const word of ["one ", "two ", "three "]) anna.type(word)
      anna.ydoc.getText("t").delete(2, 3)
      await world.commit()
      const before = digest(world)
      const own = 77_777
      const next = frames(rights === "read" ? 1 : 2, anna.ydoc, own)
      let left = FRAMES
      let ended = 0
      while (left > 0) {
        const dialect = ended % 3 === 0 ? "plain" : "native"
        const crowd = Array.from({ length: TOGETHER }, (_, i) => {
          const options = { user: "vera", dialect, clientId: own + i, isJoining: false } as const
          return Object.assign(new Peer(world, options), { isStuck: true, received: [], parcels: [] })
        })
        await world.quiet()
        for (const peer of crowd) {
          peer.send = () => undefined
          for (let sent = 0; sent < 200 && peer.closed === undefined && left > 0; sent++) {
            peer.connection.receive(next())
            left--
          }
          if (peer.closed !== undefined) ended++
          peer.cut()
        }
        world.clock.advance(50)
        await world.quiet()
      }
      expect(world.log.waiting).toBe(0)
      await world.commit()
      expect(digest(world)).toBe(before)
      expect(world.events.filter((event) => event !== "connection.refused")).toEqual([])
      expect(ended).toBeGreaterThan(FRAMES / 200)
      expect((await world.peer({ user: "anna" })).text()).toBe(anna.text())
    })
  }
})

describe("before the gate has answered", () => {
  it("[C1] takes one frame of the size of a hello, and no more", async () => {
    const world = new World()
    const sizes = [LIMITS.helloBytes, LIMITS.helloBytes + 1, LIMITS.helloBytes * 10]
    const codes = sizes.map((size) => {
      const peer = new Peer(world, { isSilent: true, isJoining: false })
      peer.connection.receive(new Uint8Array(size).fill(255))
      return peer.closed?.code
    })
    expect(codes).toEqual([CloseCode.Malformed, CloseCode.TooLarge, CloseCode.TooLarge])
    const longest = encodeMessage({
      type: "hello",
      clientId: asClientId(Number.MAX_SAFE_INTEGER),
      schema: Number.MAX_SAFE_INTEGER,
      token: "x".repeat(LIMITS.tokenBytes),
      resume: { epoch: "00112233445566ff", sequence: asSequence(Number.MAX_SAFE_INTEGER), checksum: 2 ** 32 - 1 },
    })
    expect(longest.length).toBeLessThanOrEqual(LIMITS.helloBytes)
    const polite = new Peer(world, { isSilent: true, isJoining: false })
    polite.connection.receive(longest)
    await world.quiet()
    expect(polite.of("welcome")).toHaveLength(1)
  })

  const waiting = (): { world: World; peer: Peer; answer: (answer: GateAnswer) => void } => {
    const world = new World()
    let answer: (answer: GateAnswer) => void = () => undefined
    const gate = (): Promise<GateAnswer> => new Promise((resolve) => (answer = resolve))
    Object.assign(world.setting, { gate })
    return { world, peer: new Peer(world, { isJoining: false }), answer: (value) => answer(value) }
  }

  it("[C2] keeps 10,000 small messages, reads nothing on, says nothing, and judges them by the answer", async () => {
    const { world, peer, answer } = waiting()
    for (let i = 0; i < 10_000; i++) peer.type("x")
    await world.quiet()
    world.clock.advance(60_000)
    await world.quiet()
    expect([peer.isPaused, peer.closed, peer.received]).toEqual([true, undefined, []])
    expect(world.log.loads).toBe(0)
    answer({ ok: false, close: CloseCode.Forbidden, reason: "QUIRE_FORBIDDEN: no" })
    await world.quiet()
    expect(peer.closed?.code).toBe(CloseCode.Forbidden)
    expect([peer.received, world.log.waiting, world.rooms.counts.rooms]).toEqual([[], 0, 0])
  })

  it("[C2] ends whoever sends 64 MiB meanwhile, long before all of it has come", async () => {
    const { peer } = waiting()
    const frame = new Uint8Array(65_536)
    let sent = 0
    while (peer.closed === undefined && sent < 1_024) {
      peer.connection.receive(frame)
      sent++
    }
    expect(peer.closed?.code).toBe(CloseCode.TooLarge)
    expect(sent * frame.length).toBeLessThanOrEqual(LIMITS.frameBytes)
  })

  it("[C2] counts what a frame costs beside its bytes", () => {
    const { peer } = waiting()
    let sent = 0
    while (peer.closed === undefined && sent < 1_000_000) {
      peer.connection.receive(Uint8Array.of(3))
      sent++
    }
    expect(peer.closed?.code).toBe(CloseCode.TooLarge)
    expect(sent).toBeLessThan(200_000)
  })
})
