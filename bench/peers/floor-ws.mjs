// The floor: a relay on bare `ws`. It passes each binary message on to the other sockets of the same path, holds no
// document and stores nothing. Asked for a document (sync step 1), it answers with one buffer made beforehand. With
// "echo" the sender gets its message back too.
//   node floor-ws.mjs [FILE_WITH_A_YJS_UPDATE] [echo]
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import { WebSocketServer } from "ws"

const STEP_1 = 0
const [updateFile = "", echo = ""] = process.argv.slice(2)
const isEchoing = echo === "echo"
const answer = step2(updateFile === "" ? Buffer.of(0, 0) : readFileSync(updateFile))
const rooms = new Map()
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, clientTracking: false })
const server = createServer((_request, response) => response.end())

server.on("upgrade", (request, socket, head) => {
  sockets.handleUpgrade(request, socket, head, (ws) => enter(ws, request.url))
})
server.listen(0, "127.0.0.1", () => console.log(`listening on port ${server.address().port}`))

function enter(ws, name) {
  const room = rooms.get(name) ?? new Set()
  rooms.set(name, room.add(ws))
  ws.on("message", (message) => {
    if (message[0] === 0 && message[1] === STEP_1) ws.send(answer)
    else for (const other of room) if (isEchoing || other !== ws) other.send(message)
  })
  ws.on("close", () => room.delete(ws))
  ws.on("error", () => ws.terminate())
}

/** y-websocket's message 0 (sync), 1 (step 2), length, bytes. */
function step2(update) {
  const length = []
  let rest = update.length
  for (; rest > 127; rest = Math.floor(rest / 128)) length.push(128 | (rest % 128))
  return Buffer.concat([Buffer.of(0, 1, ...length, rest), update])
}
