import { FakeClock, HostileUpdates, mutateBytes } from "@quire/testing"
import { describe, expect, it } from "vitest"
import { Awareness, encodeAwarenessUpdate } from "y-protocols/awareness"
import * as Y from "yjs"
import { readPerson } from "../../../editor/src/person.js"
import { readCursors } from "../../../editor/src/plugins/cursors/remote-cursor.js"
import { Exchange } from "../../../provider/src/exchange.js"
import { Presence } from "../../../provider/src/presence.js"
import { decodeStateVector, encodePresence } from "../../src/index.js"
import { openDocument, ROOTS, writeDocument } from "./documents.js"
import { fuzz, PATIENCE_MS } from "./runs.js"

/** Inputs for each reader in `npm test`. */
const INPUTS = 3_000

describe("a client", { timeout: PATIENCE_MS }, () => {
  it("shows whatever presence others send as people and cursors, or not at all, and keeps its own", async () => {
    const states = [
      '{"user":{"name":"Zoë","color":"#aa0000"},"cursor":{"anchor":{"type":null,"tname":"body","item":{"client":7,"clock":3},"assoc":0},"head":{"tname":"body","assoc":-1}}}',
      '{"user":{"name":"\\u202eevil","color":"url(x)","__proto__":{"a":1}},"cursor":null}',
      '{"cursor":{"anchor":[],"head":{}},"user":[1,2,3]}',
      "null",
      "[]",
    ]
    const seeds = states.map((state, client) => encodePresence([{ client, clock: 1, state }]))
    await fuzz("presence in a client", INPUTS, {
      input: (random) => mutateBytes(random, random.pick(seeds), seeds),
      check: (entries) => {
        const ydoc = new Y.Doc()
        const awareness = new Awareness(ydoc)
        awareness.setLocalState({ user: { name: "me" } })
        const own = encodeAwarenessUpdate(awareness, [ydoc.clientID])
        const presence = new Presence({
          awareness,
          clock: new FakeClock(),
          origin: {},
          publish: () => undefined,
          tooLarge: () => undefined,
        })
        presence.receive(entries, "server")
        presence.receive(own, "server")
        const cursors = readCursors(awareness.getStates(), ydoc.clientID)
        for (const { person } of cursors) expect(person.color).toMatch(/^#[0-9a-f]{6}$/)
        for (const state of awareness.getStates().values()) {
          const { name } = readPerson(state?.user)
          expect(Array.from(name).length).toBeLessThanOrEqual(40)
        }
        expect(awareness.getLocalState()).toEqual({ user: { name: "me" } })
        expect(Object.prototype).not.toHaveProperty("a")
        const others = awareness.getStates().size - 1
        awareness.destroy()
        return others === 0 ? "nobody" : cursors.length === 0 ? "somebody" : "somebody with a cursor"
      },
    })
  })

  it("takes in of a damaged copy on its device what can be read, and says what cannot", async () => {
    const { state, updates } = writeDocument(6)
    const known = decodeStateVector(Y.encodeStateVectorFromUpdate(state))
    let hostile: HostileUpdates | undefined
    const sound = updateOf("sound")
    await fuzz("the copy on a device", INPUTS, {
      input: (random) => {
        hostile ??= new HostileUpdates({ random, seeds: updates, known, roots: ROOTS })
        return hostile.next().bytes
      },
      check: (damaged) => {
        const ydoc = openDocument(state)
        const exchange = new Exchange({
          ydoc,
          origin: {},
          schema: 0,
          clock: new FakeClock(),
          synced: () => undefined,
          forged: () => undefined,
          changed: () => undefined,
          notice: () => undefined,
          missing: () => undefined,
          keep: () => undefined,
          share: () => undefined,
        })
        exchange.start()
        const copy = { updates: [damaged, sound], isKnown: true, resume: undefined, waiting: [] }
        const errors = exchange.receiveFromDevice(copy, true)
        // One that cannot be read keeps nothing else from being read, and the page goes on.
        expect(ydoc.getText("sound").toString()).toBe("sound")
        ydoc.getText("sound").insert(0, "more ")
        expect(exchange.outbox.sentThrough).toBe(0)
        exchange.stop()
        return errors.length === 0 ? "read" : "named"
      },
    })
  })
})

function updateOf(text: string): Uint8Array {
  const ydoc = new Y.Doc()
  ydoc.clientID = 2 ** 41
  ydoc.getText("sound").insert(0, text)
  return Y.encodeStateAsUpdate(ydoc)
}
