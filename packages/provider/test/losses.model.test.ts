import fc from "fast-check"
import { expect, it } from "vitest"
import * as Y from "yjs"
import { createWorld, EPOCH, type FakeSocket, seq, type World } from "./fake-network.js"

/** A server in small: a room in memory, a disk, sessions. It sends on at once and acknowledges what it has committed. */
class SmallServer {
  #room = new Y.Doc()
  readonly disk = new Y.Doc()
  readonly #sessions = new Map<FakeSocket, { received: number; sequence: number }>()
  #sequence = 0

  /** Accepts a socket and greets it. */
  accept(socket: FakeSocket): void {
    socket.accept()
    this.#sessions.set(socket, { received: 0, sequence: 0 })
    socket.say(
      { type: "welcome", epoch: EPOCH, grant: "write", schema: 0, isResumed: false },
      { type: "step1", stateVector: Y.encodeStateVector(this.#room) },
    )
  }

  /** Takes what a client has said since the last call. */
  serve(socket: FakeSocket): void {
    const session = this.#sessions.get(socket)
    if (session === undefined) return
    for (const message of socket.take()) {
      if (message.type === "step1") {
        socket.say({ type: "step2", update: Y.encodeStateAsUpdate(this.#room, message.stateVector) })
      } else if (message.type === "step2" || message.type === "update") {
        Y.applyUpdate(this.#room, message.update)
        session.received++
        session.sequence = ++this.#sequence
        for (const other of this.#sessions.keys())
          if (other !== socket) other.say({ type: "update", update: message.update })
      }
    }
  }

  /** Writes the room to the disk, and says so. */
  commit(): void {
    Y.applyUpdate(this.disk, Y.encodeStateAsUpdate(this.#room))
    for (const [socket, { received, sequence }] of this.#sessions) {
      socket.say({ type: "acknowledge", through: received, sequence: seq(sequence) })
      socket.say({ type: "durable", sequence: seq(this.#sequence), checksum: 1, head: seq(this.#sequence) })
    }
  }

  /** Forgets what was not committed, and every session. */
  crash(): void {
    this.#room = new Y.Doc()
    Y.applyUpdate(this.#room, Y.encodeStateAsUpdate(this.disk))
    const lost = [...this.#sessions.keys()]
    this.#sessions.clear()
    for (const socket of lost) socket.hangUp()
  }

  /** The line to one client breaks; what it said and the server has not taken is lost. */
  cut(socket: FakeSocket): void {
    if (this.#sessions.delete(socket)) socket.hangUp()
  }
}

const PEERS = 3
const steps = fc.tuple(
  fc.constantFrom("edit", "edit", "edit", "delete", "turn", "serve", "serve", "commit", "cut", "crash", "connect"),
  fc.nat(PEERS - 1),
)

// Thousands of steps: a machine at work takes longer for them than a test is given by default.
it("never calls an edit saved that is not on the disk, and converges after any losses and crashes", {
  timeout: 60_000,
}, () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 120, size: "max" }), (script) => {
      const server = new SmallServer()
      const worlds = Array.from({ length: PEERS }, () => createWorld())
      const made = worlds.map(() => new Set<string>())
      const gone = new Set<string>()
      for (const { provider } of worlds) provider.open()
      let token = 0

      const step = (what: string, peer: number): void => {
        const world = worlds[peer] as World // peer < PEERS
        const map = world.ydoc.getMap("body")
        if (what === "edit") {
          const name = `t${token++}`
          made[peer]?.add(name)
          map.set(name, peer)
        } else if (what === "delete") {
          const [name] = [...map.keys()]
          if (name === undefined) return
          map.delete(name)
          gone.add(name)
        } else if (what === "turn") world.clock.advance(0)
        else if (what === "serve") server.serve(world.socket())
        else if (what === "commit") server.commit()
        else if (what === "cut") server.cut(world.socket())
        else if (what === "crash") server.crash()
        else connect(world, server)
      }

      for (const [what, peer] of script) {
        step(what, peer)
        const disk = server.disk.getMap("body")
        worlds.forEach(({ provider }, i) => {
          if (provider.getStatus().save.kind !== "saved") return
          for (const name of made[i] ?? []) expect(disk.has(name) || gone.has(name)).toBe(true)
        })
      }

      server.crash()
      for (const world of worlds) connect(world, server)
      for (let round = 0; round < 3; round++) {
        for (const { clock, socket } of worlds) {
          clock.advance(0)
          server.serve(socket())
        }
      }
      server.commit()
      const contents = worlds.map(({ ydoc }) => ydoc.getMap("body").toJSON())
      expect(new Set(contents.map((content) => JSON.stringify(Object.entries(content).sort()))).size).toBe(1)
      expect(server.disk.getMap("body").toJSON()).toEqual(contents[0])
      for (const names of made) for (const name of names) expect(name in (contents[0] ?? {})).toBe(!gone.has(name))
      for (const { provider, clock } of worlds) {
        expect(provider.getStatus().save).toEqual({ kind: "saved" })
        provider.close()
        expect(clock.pending).toBe(0)
      }
    }),
    { numRuns: 150 },
  )
})

/** Lets the wait pass, if there is one, and accepts the socket. */
function connect(world: World, server: SmallServer): void {
  if (world.provider.getStatus().connection.kind === "waiting") world.clock.advance(30_000)
  if (world.provider.getStatus().connection.kind === "waiting") world.clock.advance(15_000)
  if (world.provider.getStatus().connection.kind === "connecting") server.accept(world.socket())
}
