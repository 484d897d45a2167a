// People for `npm run soak`: each joins a document, does something, and leaves. Most behave; some send nonsense, cut the
// connection anywhere, or ask for a document that cannot be.
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { Provider } from "@quire/provider"
import { createDecoder, readVarUint, readVarUint8Array } from "lib0/decoding"
import { createEncoder, toUint8Array, writeVarUint, writeVarUint8Array } from "lib0/encoding"
import WebSocket from "ws"
import { Awareness, encodeAwarenessUpdate } from "y-protocols/awareness"
import * as Y from "yjs"

const [SYNC, PRESENCE] = [0, 1]
const [STEP_1, STEP_2, UPDATE] = [0, 1, 2]
/** Tokens in a document beyond which each new one takes the place of an old one. */
const TOKENS = 30
const GIVE_UP_MS = 60_000

/** What people do, and how often. */
const WAYS = [
  [55, plain],
  [25, native],
  [6, library],
  [5, nonsense],
  [5, cutOff],
  [4, noSuchName],
]

/** One person's visit, from the first packet to the last. @returns its kind. */
export async function visit(port, document, random) {
  let place = random() * 100
  for (const [weight, way] of WAYS) {
    place -= weight
    if (place > 0) continue
    await way(port, document, random)
    return way.name
  }
  return "none"
}

/** A y-websocket client: reads, is seen, types, waits for its words to come back saved, and leaves. */
async function plain(port, document) {
  const ydoc = new Y.Doc()
  const awareness = new Awareness(ydoc)
  const socket = await open(port, document)
  const messages = received(socket)
  socket.send(syncMessage(STEP_1, Y.encodeStateVector(ydoc)))
  for (;;) {
    const { kind, step, content } = await messages.next()
    if (kind === SYNC && step !== STEP_1) Y.applyUpdate(ydoc, content)
    if (kind === SYNC && step === STEP_2) break
  }
  awareness.setLocalStateField("user", { name: "somebody" })
  socket.send(message(PRESENCE, encodeAwarenessUpdate(awareness, [ydoc.clientID])))
  const updates = []
  ydoc.on("update", (update) => updates.push(update))
  const token = edit(ydoc)
  socket.send(syncMessage(UPDATE, Y.mergeUpdates(updates)))
  const echo = new Y.Doc()
  for (let isBack = false; !isBack; ) {
    const { kind, step, content } = await messages.next()
    if (kind !== SYNC || step === STEP_1) continue
    Y.applyUpdate(echo, content)
    isBack = content.includes(token)
  }
  socket.close()
  awareness.destroy()
  await gone(socket)
}

/** A client of Quire's own. */
async function native(port, document) {
  const ydoc = new Y.Doc()
  const awareness = new Awareness(ydoc)
  const provider = new Provider({
    url: `ws://127.0.0.1:${port}/sync`,
    document,
    ydoc,
    awareness,
    WebSocket,
    channel: false,
  })
  provider.open()
  const signal = AbortSignal.timeout(GIVE_UP_MS)
  await provider.whenSynced({ signal })
  edit(ydoc)
  await provider.whenSaved({ signal })
  provider.close()
  awareness.destroy()
}

/** Looks at the library and asks for what is not there. */
async function library(port) {
  const at = `http://127.0.0.1:${port}`
  for (const path of ["/api/health", "/api/documents", "/api/documents/nowhere"]) await (await fetch(at + path)).text()
}

async function nonsense(port, document, random) {
  const socket = await open(port, document)
  socket.send(randomBytes(1 + Math.floor(random() * 200)))
  // Most of it ends the connection; what does not is left.
  socket.close()
  await gone(socket)
}

async function cutOff(port, document, random) {
  const socket = await open(port, document)
  socket.send(syncMessage(STEP_1, Uint8Array.of(0)))
  if (random() < 0.5) await new Promise((resolve) => setImmediate(resolve))
  socket.terminate()
  await gone(socket)
}

async function noSuchName(port) {
  await gone(await open(port, "%00"))
}

async function open(port, document) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/sync/${document}`)
  socket.binaryType = "nodebuffer"
  socket.on("error", () => socket.terminate())
  await once(socket, "open", { signal: AbortSignal.timeout(GIVE_UP_MS) })
  return socket
}

async function gone(socket) {
  if (socket.readyState !== WebSocket.CLOSED) {
    await once(socket, "close", { signal: AbortSignal.timeout(GIVE_UP_MS) })
  }
}

/** The messages of a socket, one after the other. */
function received(socket) {
  const waiting = []
  let wake = () => undefined
  socket.on("message", (frame) => {
    waiting.push(frame)
    wake()
  })
  const next = async () => {
    const late = AbortSignal.timeout(GIVE_UP_MS)
    while (waiting.length === 0) {
      late.throwIfAborted()
      if (socket.readyState === WebSocket.CLOSED) throw new Error("the server ended the connection")
      await new Promise((resolve) => {
        wake = resolve
        socket.once("close", resolve)
        late.addEventListener("abort", resolve, { once: true })
      })
    }
    const decoder = createDecoder(waiting.shift())
    const kind = readVarUint(decoder)
    if (kind !== SYNC) return { kind }
    return { kind, step: readVarUint(decoder), content: Buffer.from(readVarUint8Array(decoder)) }
  }
  return { next }
}

/** @returns the token that was put in. */
function edit(ydoc) {
  const tokens = ydoc.getArray("tokens")
  const token = randomBytes(8).toString("hex")
  ydoc.transact(() => {
    tokens.insert(0, [token])
    if (tokens.length > TOKENS) tokens.delete(TOKENS, tokens.length - TOKENS)
  })
  return token
}

function syncMessage(step, content) {
  return message(SYNC, content, step)
}

function message(kind, content, step) {
  const encoder = createEncoder()
  writeVarUint(encoder, kind)
  if (step !== undefined) writeVarUint(encoder, step)
  writeVarUint8Array(encoder, content)
  return toUint8Array(encoder)
}
