import { WebsocketProvider as Provider4 } from "@y/websocket"
import * as Y14 from "@y/y"
import { beforeAll, describe, expect, it } from "vitest"
import WebSocket from "ws"
import { WebsocketProvider as Provider3 } from "y-websocket"
import * as Y from "yjs"
import {
  clientForTest,
  ownedByTest,
  patience,
  type RunningServer,
  readFresh,
  type Subscribe,
  serverForFile,
  serverForTest,
  waitUntil,
} from "./harness.js"
import { PAGE } from "./typing.js"

/** The published Yjs clients, unchanged, in Node: Quire's plain `/sync/NAME` is all they are given. */

const OPTIONS = {
  // A browser's WebSocket has more than these clients use; they ask for the type of the whole.
  WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
  // The clients of one process are to meet at the server, not behind its back.
  disableBc: true,
}

/** What the tests ask of a client, whichever it is. */
interface Peer {
  readonly name: string
  readonly awareness: {
    readonly clientID: number
    getStates(): Map<number, unknown>
    setLocalState(state: object): void
  }
  /** Calls when anything has changed: text, presence, connection. */
  readonly subscribe: Subscribe
  isSynced(): boolean
  isConnected(): boolean
  text(): string
  write(text: string): void
  /** Goes away for good. */
  leave(): void
}

type Make = (server: RunningServer, document: string) => Peer

const v3 = (server: RunningServer, document: string): Peer & { readonly ydoc: Y.Doc } => {
  const ydoc = new Y.Doc()
  const provider = new Provider3(server.sync, document, ydoc, OPTIONS)
  const leave = (): void => {
    provider.destroy()
    provider.awareness.destroy()
  }
  ownedByTest({ close: leave })
  const { awareness } = provider
  return {
    ydoc,
    leave,
    name: "y-websocket 3",
    awareness,
    subscribe: (listener) => {
      ydoc.on("update", listener)
      awareness.on("change", listener)
      provider.on("sync", listener)
      provider.on("status", listener)
      return () => {
        ydoc.off("update", listener)
        awareness.off("change", listener)
        provider.off("sync", listener)
        provider.off("status", listener)
      }
    },
    isSynced: () => provider.synced,
    isConnected: () => provider.wsconnected,
    text: () => ydoc.getText("text").toString(),
    write: (text) => ydoc.getText("text").insert(ydoc.getText("text").length, text),
  }
}

const v4 = (server: RunningServer, document: string): Peer & { readonly ydoc: Y14.Doc } => {
  const ydoc = new Y14.Doc()
  const provider = new Provider4(server.sync, document, ydoc, OPTIONS)
  const leave = (): void => {
    provider.destroy()
    provider.awareness.destroy()
  }
  ownedByTest({ close: leave })
  const { awareness } = provider
  return {
    ydoc,
    leave,
    name: "@y/websocket 4",
    awareness,
    subscribe: (listener) => {
      ydoc.on("update", listener)
      awareness.on("change", listener)
      provider.on("sync", listener)
      provider.on("status", listener)
      return () => {
        ydoc.off("update", listener)
        awareness.off("change", listener)
        provider.off("sync", listener)
        provider.off("status", listener)
      }
    },
    isSynced: () => provider.synced,
    isConnected: () => provider.wsconnected,
    text: () => ydoc.getText("text").toString(),
    write: (text) => ydoc.getText("text").insert(ydoc.getText("text").length, text),
  }
}

const native: Make = (server, document) => {
  const { ydoc, awareness, provider, close } = clientForTest(server.sync, document)
  const isLive = (isSynced: boolean): boolean => {
    const { connection } = provider.getStatus()
    return connection.kind === "live" && (connection.isSynced || !isSynced)
  }
  return {
    leave: close,
    name: "@quire/provider",
    awareness,
    subscribe: (listener) => {
      ydoc.on("update", listener)
      awareness.on("change", listener)
      const unsubscribe = provider.subscribe(listener)
      return () => {
        ydoc.off("update", listener)
        awareness.off("change", listener)
        unsubscribe()
      }
    },
    isSynced: () => isLive(true),
    isConnected: () => isLive(false),
    text: () => ydoc.getText("text").toString(),
    write: (text) => ydoc.getText("text").insert(ydoc.getText("text").length, text),
  }
}

const PAIRS: readonly [string, Make, Make][] = [
  ["y-websocket 3 and itself", v3, v3],
  ["@y/websocket 4 and itself", v4, v4],
  ["y-websocket 3 and @y/websocket 4", v3, v4],
  ["y-websocket 3 and @quire/provider", v3, native],
  ["@y/websocket 4 and @quire/provider", v4, native],
]

let server: RunningServer
let documents = 0
beforeAll(async () => {
  server = await serverForFile()
})

/** A document of one's own. */
const fresh = (): string => `stock/${++documents}`

describe.each(PAIRS)("%s", (_pair, makeA, makeB) => {
  it("converge on one document, and report that they are synced", async () => {
    const document = fresh()
    const [a, b] = [makeA(server, document), makeB(server, document)]
    await synced(a, b)
    a.write("one ")
    await sees(b, "one ")
    b.write("two ")
    await sees(a, "one two ")
    a.write("three ")
    b.write("four ")
    await everybody([a, b], () => a.text() === b.text() && a.text().length === "one two three four ".length, "one text")
    expect(await storedText(server, document)).toBe(a.text())
  })

  it("see who else is here, and who has left", async () => {
    const document = fresh()
    const [a, b] = [makeA(server, document), makeB(server, document)]
    await synced(a, b)
    a.awareness.setLocalState({ user: { name: "Ada" } })
    b.awareness.setLocalState({ user: { name: "Bob" } })
    await seesPresence(a, b, "Bob")
    await seesPresence(b, a, "Ada")
    const late = makeA(server, document)
    await seesPresence(late, a, "Ada")
    await seesPresence(late, b, "Bob")
    b.leave()
    await everybody([a], () => !a.awareness.getStates().has(b.awareness.clientID), "the other to be gone")
    await everybody([late], () => !late.awareness.getStates().has(b.awareness.clientID), "the other to be gone")
  })

  it("go on after the server was killed, with what was written meanwhile", async () => {
    const server = await serverForTest()
    const [a, b] = [makeA(server, "notes"), makeB(server, "notes")]
    await synced(a, b)
    a.write("before ")
    await sees(b, "before ")
    await server.kill9()
    await everybody([a, b], () => !a.isConnected() && !b.isConnected(), "the loss of the server")
    a.write("meanwhile ")
    await server.restart()
    await synced(a, b)
    await sees(b, "before meanwhile ")
    b.write("after")
    await sees(a, "before meanwhile after")
    // What one client has seen of another's may be on its way to the disk; what came back to its sender is there.
    await server.stop()
    await server.restart()
    expect(await storedText(server, "notes")).toBe("before meanwhile after")
  })
})

describe.each([["y-websocket 3", v3] as const, ["@y/websocket 4", v4] as const])("%s", (_name, make) => {
  it.each(["team/notes/today", "two words", "Übergrößenträger/漢字 🖋", "a+b&c=d;e"])(
    "keeps the document %j apart from others",
    async (name) => {
      const document = `${fresh()}/${name}`
      const [a, b, other] = [make(server, document), make(server, document), make(server, fresh())]
      await synced(a, b, other)
      a.write(name)
      await sees(b, name)
      expect(await storedText(server, document)).toBe(name)
      expect(other.text()).toBe("")
    },
  )

  it("learns of a deletion that was made while the server was away", async () => {
    const server = await serverForTest()
    const [a, b] = [make(server, "notes"), native(server, "notes")]
    await synced(a, b)
    a.write("x")
    await sees(b, "x")
    const c = clientForTest(server.sync, "notes")
    await c.provider.whenSynced(patience())
    await server.kill9()
    c.ydoc.getText("text").delete(0, 1)
    await server.restart()
    await c.provider.whenSaved(patience())
    await sees(a, "")
    await sees(b, "")
  })
})

it("y-websocket 3 and @y/websocket 4 agree on formats, deletions, maps, lists and trees", async () => {
  const document = fresh()
  const [a, b] = [v3(server, document), v4(server, document)]
  await synced(a, b)
  a.ydoc.getText("text").insert(0, "hello world", { bold: true })
  a.ydoc.getText("text").delete(2, 3)
  a.ydoc.getMap("map").set("plain", 1)
  a.ydoc.getArray("list").push([new Y.Map([["deep", true]]), "x"])
  await everybody([b], () => b.ydoc.getArray("list").length === 2, "the last of it at @y/websocket 4")
  b.ydoc.getText("text").insert(0, ">>", { italic: true })
  b.ydoc.getText("text").delete(4, 1)
  b.ydoc.getMap("map").delete("plain")
  b.ydoc.getMap("map").set("nested", [1, { two: 2 }])
  const paragraph = new Y14.XmlElement("p")
  b.ydoc.getXmlFragment("tree").insert(0, [paragraph])
  paragraph.setAttribute("align", "end")
  paragraph.insert(0, [new Y14.XmlText("leaf")])
  const view = (ydoc: Y.Doc | Y14.Doc): unknown => [
    ydoc.getMap("map").toJSON(),
    ydoc.getArray("list").toJSON(),
    ydoc.getXmlFragment("tree").toString(),
    ydoc.getText("text").toString(),
  ]
  const isTree = (): boolean => a.ydoc.getXmlFragment("tree").toString() === '<p align="end">leaf</p>'
  await everybody([a], isTree, "the last of it at y-websocket 3")
  const expected = [{ nested: [1, { two: 2 }] }, [{ deep: true }, "x"], '<p align="end">leaf</p>', ">>heworld"]
  expect(view(a.ydoc)).toEqual(expected)
  expect(view(b.ydoc)).toEqual(expected)
  expect(a.ydoc.getText("text").toDelta()).toEqual([
    { insert: ">>", attributes: { italic: true } },
    { insert: "heworld", attributes: { bold: true } },
  ])
  expect(await readFresh(server.sync, document, view)).toEqual(expected)
})

describe("a stock client that writes to a page", () => {
  it("is told and stops: y-websocket 3", async () => {
    const document = fresh()
    const author = clientForTest(server.sync, document, { schema: 1 })
    await author.provider.whenSynced(patience())
    PAGE.insert(author.ydoc, 0, "text")
    await author.provider.whenSaved(patience())
    const ydoc = new Y.Doc()
    const provider = new Provider3(server.sync, document, ydoc, OPTIONS)
    ownedByTest({ close: () => provider.destroy() })
    let closed: { readonly code: number; readonly reason: string } | undefined
    provider.on("closed", (event) => {
      closed = event
    })
    ydoc.getText("text").insert(0, "foreign")
    await waitUntil(
      (listener) => {
        provider.on("closed", listener)
        return () => provider.off("closed", listener)
      },
      () => closed !== undefined,
      "the refusal",
    )
    expect(closed).toEqual({ code: 4422, reason: expect.stringContaining("QUIRE_PAGE_NEEDS_QUIRE") })
    expect(provider.shouldConnect).toBe(false)
    expect(await storedText(server, document)).toBe("")
  })
})

async function synced(...peers: readonly Peer[]): Promise<void> {
  for (const peer of peers) await waitUntil(peer.subscribe, () => peer.isSynced(), `${peer.name} to be synced`)
}

async function sees(peer: Peer, text: string): Promise<void> {
  await waitUntil(peer.subscribe, () => peer.text() === text, `${JSON.stringify(text)} at ${peer.name}`)
}

async function seesPresence(peer: Peer, other: Peer, name: string): Promise<void> {
  const isSeen = (): boolean =>
    JSON.stringify(peer.awareness.getStates().get(other.awareness.clientID)) === JSON.stringify({ user: { name } })
  await waitUntil(peer.subscribe, isSeen, `${name} (${other.name}) at ${peer.name}`)
}

async function everybody(peers: readonly Peer[], isMet: () => boolean, what: string): Promise<void> {
  const subscribe: Subscribe = (listener) => {
    const undo = peers.map((peer) => peer.subscribe(listener))
    return () => {
      for (const unsubscribe of undo) unsubscribe()
    }
  }
  await waitUntil(subscribe, isMet, what)
}

function storedText(server: RunningServer, document: string): Promise<string> {
  return readFresh(server.sync, document, (ydoc) => ydoc.getText("text").toString())
}
