import { afterEach, expect, it } from "vitest"
import { Awareness } from "y-protocols/awareness"
import * as Y from "yjs"
import type { OpenChannel } from "../src/index.js"
import { createWorld, foreignUpdate, textOf } from "./fake-network.js"

const owned: Awareness[] = []
afterEach(() => {
  for (const awareness of owned.splice(0)) awareness.destroy()
})

/** One browser: its channels by name. */
function createBrowser(): { readonly channel: OpenChannel; readonly names: Set<string>; members(): number } {
  const members = new Map<(message: unknown) => void, string>()
  const names = new Set<string>()
  const channel: OpenChannel = (name) => {
    names.add(name)
    let own: ((message: unknown) => void) | undefined
    return {
      post: (frame) => {
        for (const [listener, at] of [...members]) if (at === name && listener !== own) listener(frame.slice())
      },
      subscribe: (listener) => {
        own = listener
        members.set(listener, name)
        return () => members.delete(listener)
      },
      close: () => undefined,
    }
  }
  return { channel, names, members: () => members.size }
}

it("keeps two tabs of one document in step without a server", () => {
  const { channel, names, members } = createBrowser()
  const first = createWorld({ channel })
  first.ydoc.getText("body").insert(0, "before ")
  first.provider.open()
  first.type("one ")
  const second = createWorld({ channel })
  second.ydoc.getText("other").insert(0, "x")
  second.provider.open()
  expect(second.text()).toBe("before one ")
  second.type("two")
  expect(first.text()).toBe("before one two")
  expect(first.ydoc.getText("other").toString()).toBe("x")
  expect(names).toEqual(new Set(["quire:0:ws://127.0.0.1:4400/sync/my-doc"]))
  expect(first.provider.getStatus().save).toMatchObject({ edits: 2 })
  first.provider.close()
  second.provider.close()
  expect(members()).toBe(0)
  expect(first.clock.pending + second.clock.pending).toBe(0)
})

it("passes on what a tab without a line wrote, and leaves alone what its tab sends by itself", () => {
  const { channel } = createBrowser()
  const offline = createWorld({ channel })
  const online = createWorld({ channel })
  offline.provider.open()
  online.provider.open()
  const socket = online.join()
  offline.type("cut off")
  online.clock.advance(0)
  expect(textOf(socket.takeContent())).toBe("cut off")
  expect(online.provider.getStatus().save).toEqual({ kind: "saved" })

  const vector = Y.encodeStateVector(online.ydoc)
  offline.join({ vector })
  offline.type(" and back")
  online.clock.advance(0)
  expect(online.text()).toBe("cut off and back")
  expect(socket.takeContent()).toEqual([])
  online.provider.close()
  offline.provider.close()
})

it("does not send the server what it sent itself, when another tab repeats it", () => {
  const { channel } = createBrowser()
  const online = createWorld({ channel })
  online.provider.open()
  const update = foreignUpdate("known")
  const socket = online.join({ update })
  const late = createWorld({ channel })
  Y.applyUpdate(late.ydoc, update)
  late.provider.open()
  online.clock.advance(0)
  expect(socket.takeContent()).toEqual([])
  late.provider.close()
  online.provider.close()
})

it("keeps a reader's edits out of the other tabs", () => {
  const { channel } = createBrowser()
  const reader = createWorld({ channel })
  const writer = createWorld({ channel })
  reader.provider.open()
  writer.provider.open()
  reader.join({ grant: "read" })
  reader.type("not mine to write")
  expect(writer.text()).toBe("")
  reader.provider.close()
  writer.provider.close()
})

it("shows the people of other tabs without a server, also longer than 5 s, until they leave", () => {
  const { channel } = createBrowser()
  const make = (name: string) => {
    const awareness = new Awareness(new Y.Doc())
    owned.push(awareness)
    awareness.setLocalState({ name })
    return { ...createWorld({ ydoc: awareness.doc, awareness, channel }), awareness }
  }
  const ada = make("Ada")
  const bob = make("Bob")
  ada.provider.open()
  bob.provider.open()
  expect(ada.awareness.getStates().get(bob.ydoc.clientID)).toEqual({ name: "Bob" })
  expect(bob.awareness.getStates().get(ada.ydoc.clientID)).toEqual({ name: "Ada" })
  ada.join().hangUp()
  ada.clock.advance(6_000)
  expect(ada.awareness.getStates().has(bob.ydoc.clientID)).toBe(true)
  bob.provider.close()
  expect(ada.awareness.getStates().has(bob.ydoc.clientID)).toBe(false)
  ada.provider.close()
})

it("ignores what other code posts on the channel", () => {
  let say: (message: unknown) => void = () => undefined
  const channel: OpenChannel = () => ({
    post: () => undefined,
    subscribe: (listener) => {
      say = listener
      return () => undefined
    },
    close: () => undefined,
  })
  const { provider, text } = createWorld({ channel })
  provider.open()
  for (const message of ["hi", undefined, {}, Uint8Array.of(), Uint8Array.of(0, 2, 3, 1, 255, 255), Uint8Array.of(9)])
    say(message)
  expect(text()).toBe("")
  expect(provider.getStatus().notices).toEqual([])
  provider.close()
})

it.each([false, undefined] as const)("uses no channel when it is %s", (channel) => {
  const { provider } = createWorld({ channel })
  provider.open()
  expect(provider.getStatus().connection.kind).toBe("connecting")
  provider.close()
})
