// The floor below the floor: the same relay on raw sockets, where each message is framed once for the whole room. With a
// window, what came within it leaves in one buffer, written once to each socket, its senders' too.
//   node floor-net.mjs WINDOW_MS
import { createHash } from "node:crypto"
import { createServer } from "node:http"

const STEP_1 = 0
const BINARY_FINAL = 0x82
const CLOSE = 8
/** RFC 6455, section 1.3. */
const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
/** y-websocket's message 0 (sync), 1 (step 2), 2 bytes: the empty update. */
const EMPTY_STEP_2 = framed(Buffer.of(0, 1, 2, 0, 0))

const windowMs = Number(process.argv[2])
const rooms = new Map()
const server = createServer((_request, response) => response.end())
server.on("upgrade", (request, socket, head) => {
  const room = rooms.get(request.url) ?? { sockets: new Set(), waiting: [] }
  rooms.set(request.url, room)
  enter(room, socket, request.headers["sec-websocket-key"], head)
})
server.listen(0, "127.0.0.1", () => console.log(`listening on port ${server.address().port}`))

function enter(room, socket, key, head) {
  const accept = createHash("sha1")
    .update(key + ACCEPT_SUFFIX)
    .digest("base64")
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  )
  socket.setNoDelay(true)
  room.sockets.add(socket)
  let pending = head
  const take = (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    for (;;) {
      const frame = readFrame(pending)
      if (frame === undefined) return
      pending = pending.subarray(frame.sizeBytes)
      if (frame.opcode === CLOSE) return socket.end()
      receive(room, socket, frame.payload)
    }
  }
  if (head.length > 0) take(Buffer.alloc(0))
  socket.on("data", take)
  socket.on("close", () => room.sockets.delete(socket))
  socket.on("error", () => socket.destroy())
}

function receive(room, socket, payload) {
  if (payload[0] === 0 && payload[1] === STEP_1) return socket.write(EMPTY_STEP_2)
  const frame = framed(payload)
  if (windowMs === 0) {
    for (const other of room.sockets) if (other !== socket) other.write(frame)
    return
  }
  if (room.waiting.push(frame) === 1) setTimeout(flush, windowMs, room)
}

function flush(room) {
  const joined = Buffer.concat(room.waiting)
  room.waiting = []
  for (const socket of room.sockets) socket.write(joined)
}

function framed(payload) {
  const { length } = payload
  if (length >= 65_536) throw new Error("longer than anything that is relayed here")
  const header = length < 126 ? [BINARY_FINAL, length] : [BINARY_FINAL, 126, length >> 8, length & 255]
  return Buffer.concat([Buffer.from(header), payload])
}

/** The first whole frame of a client, unmasked in place. */
function readFrame(bytes) {
  if (bytes.length < 6) return undefined
  const short = bytes[1] & 0x7f
  if (short === 127) throw new Error("longer than anything that is relayed here")
  const at = short === 126 ? 8 : 6
  if (bytes.length < at) return undefined
  const sizeBytes = at + (short === 126 ? bytes.readUInt16BE(2) : short)
  if (bytes.length < sizeBytes) return undefined
  const payload = bytes.subarray(at, sizeBytes)
  for (let i = 0; i < payload.length; i++) payload[i] ^= bytes[at - 4 + (i & 3)]
  return { opcode: bytes[0] & 0x0f, payload, sizeBytes }
}
