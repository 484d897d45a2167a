import type { ClientId } from "@quire/base"
import { encodeMessage, encodePresence, type Message } from "@quire/protocol"
import { type SeededRandom, writeUpdate } from "@quire/testing"
import * as Y from "yjs"
import type { Life } from "./life.js"
import type { World } from "./world.js"

/** What the server knows the forger by: all that is appended in this name is a forgery. */
export const FORGER = "forger"

/**
 * Somebody who may write, and writes what others would write next: under their client ids, to silence them, and in
 * their presence. It speaks to the server without a line, so that its frames meet everybody else at any moment.
 */
export class Forger {
  readonly #world: World
  #line: { readonly life: Life; readonly say: (message: Message) => void; readonly leave: () => void } | undefined

  constructor(world: World) {
    this.#world = world
  }

  /** It comes, as the client that it names, and goes after a while. @returns whether there was a server. */
  come(clientId: number, stayMs: number): boolean {
    if (this.#line?.life.isOver === false) return true
    let isClosed = false
    const knocked = this.#world.server.knock(FORGER, {
      send: () => undefined,
      queuedBytes: () => 0,
      pause: () => undefined,
      resume: () => undefined,
      close: () => {
        isClosed = true
      },
    })
    if (knocked === undefined) return false
    const { connection, life } = knocked
    const say = (message: Message): void => {
      if (!life.isOver && !isClosed) connection.receive(encodeMessage(message))
    }
    this.#line = {
      life,
      say,
      leave: () => {
        if (!life.isOver) connection.closed()
      },
    }
    const schema = this.#world.options.kind === "page" ? 1 : 0
    say({ type: "hello", clientId: clientId as ClientId, schema, resume: undefined, token: FORGER })
    say({ type: "step1", stateVector: Uint8Array.of(0) })
    this.#world.timeline.plan(0, stayMs, () => this.go())
    return true
  }

  /** It writes under a client id, from the clock that is known of it, and takes its presence. */
  forge(client: number, random: SeededRandom): void {
    const clock = this.#world.server.witness.clockOf(client) + random.below(3)
    const update =
      random.fraction() < 0.5 ? collected(client, clock, random.pick([1, 5, 2 ** 20])) : text(client, clock)
    this.#line?.say({ type: random.fraction() < 0.5 ? "update" : "step2", update })
    const entries = encodePresence([{ client, clock: 1_000_000, state: '{"user":"forged"}' }])
    this.#line?.say({ type: "presence", entries })
  }

  /** It is gone. */
  go(): void {
    this.#line?.leave()
    this.#line = undefined
  }
}

/** A collected struct of another client: whoever takes it in, takes nothing more that this client writes. */
function collected(client: number, clock: number, length: number): Uint8Array {
  const structs = [{ header: 0, fields: [{ kind: "number" as const, role: "length" as const, value: length }] }]
  return writeUpdate({ blocks: [{ client, clock, structs }], deletions: [], rest: new Uint8Array(0) })
}

/** Text of another client. */
function text(client: number, clock: number): Uint8Array {
  const ydoc = new Y.Doc()
  ydoc.clientID = client
  ydoc.getText("forged").insert(0, "x".repeat(clock))
  const before = Y.encodeStateVector(ydoc)
  ydoc.getText("forged").insert(clock, "not theirs")
  const update = Y.encodeStateAsUpdate(ydoc, before)
  ydoc.destroy()
  return update
}
