// The others: people who type in the document without holding it. Their edits and their presence are made before the
// clock runs, one ydoc for all of them, and then only sent, so the load beside the browser stays small.
import * as encoding from "lib0/encoding"
import WebSocket from "ws"
import { Awareness, encodeAwarenessUpdate } from "y-protocols/awareness"
import * as sync from "y-protocols/sync"
import * as Y from "yjs"
import { within } from "../participant.mjs"
import { textOf, writeBody } from "./body.mjs"
import { MARK, writeText } from "./text.mjs"

/** How many type at once. */
export const WRITERS = 8
/** How long one of them takes for a key. */
const KEY_MS = 250
/** How many keys each has ready. */
const KEYS_READY = 160
const SYNC = 0
const PRESENCE = 1
const HELLO = 100
const SCHEMA_VERSION = 2
const COLORS = ["#d52862", "#bb5124", "#617a14", "#15805d", "#2474bb", "#8653de", "#bd27ca", "#966818"]

/** Where in the document what happens: the page's own caret, and the block two below it where somebody is watched. */
export function placesIn(blocks) {
  const own = Math.floor(blocks / 2) + 1
  const watched = own + 2
  const elsewhere = Array.from({ length: WRITERS - 1 }, (_none, index) => {
    const place = Math.floor(((index + 0.5) / (WRITERS - 1)) * blocks)
    return place === own || place === watched ? place + 4 : place
  })
  return { own, watched, elsewhere }
}

/**
 * A document and everybody's keys in it, for one page and one size; may be used for any number of documents.
 *
 * @returns `state`: the document as one update; `writers`: of each its keys, the watched one first.
 */
export function prepareCrowd(shape, blocks) {
  const ydoc = writeBody(shape, writeText(blocks))
  // Without its birth, which the server knows: what it knows already it does not take a second time.
  const born = shape.birth === undefined ? undefined : Y.encodeStateVectorFromUpdate(shape.birth)
  const state = Y.encodeStateAsUpdate(ydoc, born)
  const { watched, elsewhere } = placesIn(blocks)
  const writers = [watched, ...elsewhere].map((block, index) => ({
    clientId: 8_000_001 + index,
    keys: keysIn(shape, ydoc, block, { index, letter: index === 0 ? MARK : "x" }),
  }))
  ydoc.destroy()
  return { state, writers }
}

/** Frames of somebody who types at the end of a block: each the edit, and where the caret is after it. */
function keysIn(shape, ydoc, block, { index, letter }) {
  ydoc.clientID = 8_000_001 + index
  const awareness = new Awareness(ydoc)
  awareness.setLocalStateField("user", { name: `Writer ${index + 1}`, color: COLORS[index % COLORS.length] })
  const text = textOf(shape, ydoc, block)
  const keys = []
  const take = (update) => keys.push({ edit: syncFrame(update) })
  ydoc.on("update", take)
  for (let nth = 0; nth < KEYS_READY; nth++) {
    text.insert(text.length, letter)
    const caret = Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, text.length, -1))
    awareness.setLocalStateField("cursor", { anchor: caret, head: caret })
    keys[nth].presence = presenceFrame(encodeAwarenessUpdate(awareness, [ydoc.clientID]))
  }
  ydoc.off("update", take)
  awareness.destroy()
  return keys
}

/** The people of one document, connected. `gather` makes it. */
export class Crowd {
  /** When the witness received the watched writer's letters, first to last, in ms of this process's clock. */
  seenAt = []
  /** How many of them somebody has already made figures of. */
  taken = 0
  #writers = []
  #sockets = []
  #timers = new Set()
  #prepared
  #next
  #lost

  constructor(prepared) {
    this.#prepared = prepared
    this.#next = prepared.writers.map(() => 0)
  }

  /** How many letters the watched writer has typed so far. */
  get watchedKeys() {
    return this.#next[0]
  }

  async open(address, isNative) {
    const connect = async (clientId, onFrame) => {
      const socket = new WebSocket(address, isNative ? ["quire.1"] : [])
      socket.on("close", (code, reason) => {
        this.#lost ??= `a writer's connection ended: ${code} ${reason}`
      })
      socket.on("message", onFrame)
      this.#sockets.push(socket)
      await new Promise((resolve, reject) => {
        socket.once("open", resolve)
        socket.once("error", reject)
      })
      if (isNative) socket.send(helloFrame(clientId))
      return socket
    }
    const { state, writers } = this.#prepared
    const arrived = deferred()
    // Whoever is in the room is sent what the room has taken in.
    const witness = await connect(7_000_002, (frame) => {
      if (frame.length > state.length) arrived.resolve()
      else this.#witness(frame)
    })
    witness.send(stepOneFrame())
    const author = await connect(7_000_003, () => undefined)
    author.send(syncFrame(state))
    await within(arrived.promise, () => this.#lost ?? "the server did not take the document")
    for (const { clientId } of writers) this.#writers.push(await connect(clientId, () => undefined))
  }

  /** Lets the first `count` writers type until the returned function is called. */
  type(count) {
    const stops = Array.from({ length: count }, (_none, index) => {
      const press = () => this.#press(index)
      let repeating
      // Not all in the same moment, as people do not either.
      const starting = setTimeout(() => {
        press()
        repeating = setInterval(press, KEY_MS)
        this.#timers.add(repeating)
      }, index * 37)
      this.#timers.add(starting)
      return () => {
        clearTimeout(starting)
        clearInterval(repeating)
      }
    })
    return () => {
      for (const stop of stops) stop()
    }
  }

  /** @throws if somebody was thrown out, or had nothing left to type. */
  assertWell() {
    if (this.#lost !== undefined) throw new Error(this.#lost)
  }

  /** Everybody leaves. May be called twice. */
  close() {
    for (const timer of this.#timers) clearInterval(timer)
    for (const socket of this.#sockets) {
      socket.removeAllListeners("close")
      socket.terminate()
    }
  }

  #press(index) {
    const key = this.#prepared.writers[index].keys[this.#next[index]]
    if (key === undefined) {
      this.#lost ??= "a writer has no keys left"
      return
    }
    this.#next[index]++
    this.#writers[index].send(key.edit)
    this.#writers[index].send(key.presence)
  }

  /** A witness without a document: counts the watched letters in whatever frames they come. */
  #witness(frame) {
    const at = performance.timeOrigin + performance.now()
    const mark = Buffer.from(MARK)
    for (let from = frame.indexOf(mark); from >= 0; from = frame.indexOf(mark, from + mark.length)) this.seenAt.push(at)
  }
}

/** Gathers the people around a new document. @param address of its room. */
export async function gather(prepared, address, isNative) {
  const crowd = new Crowd(prepared)
  try {
    await crowd.open(address, isNative)
  } catch (error) {
    crowd.close()
    throw error
  }
  return crowd
}

function syncFrame(update) {
  return frame((encoder) => {
    encoding.writeVarUint(encoder, SYNC)
    sync.writeUpdate(encoder, update)
  })
}

function stepOneFrame() {
  return frame((encoder) => {
    encoding.writeVarUint(encoder, SYNC)
    encoding.writeVarUint(encoder, sync.messageYjsSyncStep1)
    encoding.writeVarUint8Array(encoder, Uint8Array.of(0))
  })
}

function presenceFrame(update) {
  return frame((encoder) => {
    encoding.writeVarUint(encoder, PRESENCE)
    encoding.writeVarUint8Array(encoder, update)
  })
}

/** What a native client says first: who it is, the schema it writes, no token, nothing to resume. */
function helloFrame(clientId) {
  return frame((encoder) => {
    encoding.writeVarUint(encoder, HELLO)
    encoding.writeVarUint(encoder, clientId)
    encoding.writeVarUint(encoder, SCHEMA_VERSION)
    encoding.writeVarString(encoder, "")
    encoding.writeVarUint(encoder, 0)
  })
}

function deferred() {
  let resolve
  const promise = new Promise((resolvePromise) => {
    resolve = resolvePromise
  })
  return { promise, resolve }
}

function frame(write) {
  const encoder = encoding.createEncoder()
  write(encoder)
  return encoding.toUint8Array(encoder)
}
