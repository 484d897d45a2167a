import { createServer } from "node:http"
import { type AddressInfo, connect, type Socket } from "node:net"
import { expect, it } from "vitest"
import { boundUnfinished } from "../../src/unfinished.js"
import { ownedByTest, waitUntil } from "../harness.js"

const LIMIT = 5

it("cuts the oldest of too many connections without a request, and keeps the newest", async () => {
  const port = await boundedServer(() => undefined)
  const sockets: Socket[] = []
  for (let i = 0; i < 20; i++) sockets.push(await opened(port, "GET / HT"))
  await waitUntil(
    onClose(sockets),
    () => sockets.filter(({ destroyed }) => destroyed).length >= 20 - LIMIT,
    "the end of the oldest",
  )
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual(sockets.map((_, i) => i < 20 - LIMIT))
})

it("cuts the oldest of too many requests that are being answered, and counts no finished one", async () => {
  const held: (() => void)[] = []
  const port = await boundedServer((answer) => held.push(answer))
  const sockets: Socket[] = []
  for (let i = 0; i < 20; i++) {
    const socket = await opened(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    sockets.push(socket)
    await waitUntil(onTick, () => held.length === i + 1, `request ${i}`)
    // The first half is answered, and waits for the next request on the same connection.
    if (i < 10) held[i]?.()
  }
  const cut = (): number => sockets.filter(({ destroyed }) => destroyed).length
  await waitUntil(onClose(sockets), () => cut() >= 11, "the end of the oldest")
  // Of those that are being answered the newest five are kept. Of those that wait, too, but for one that made room for
  // the first newcomer before that had said anything.
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual(sockets.map((_, i) => i < 6 || (i >= 10 && i < 15)))
})

/** A server without time limits. @returns its port. */
async function boundedServer(onRequest: (answer: () => void) => void): Promise<number> {
  const server = createServer({ keepAliveTimeout: 0 }, (_request, response) => onRequest(() => response.end("ok")))
  server.headersTimeout = server.requestTimeout = 0
  boundUnfinished(server, LIMIT)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  ownedByTest({
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
  return (server.address() as AddressInfo).port // it listens on a port
}

/** A connection that has sent something, one after the other, so that the server sees them in this order. */
function opened(port: number, text: string): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text, () => resolve(socket)))
    ownedByTest({ close: () => void socket.destroy() })
    socket.on("error", () => socket.destroy()).resume()
  })
}

function onClose(sockets: readonly Socket[]): (look: () => void) => () => void {
  return (look) => {
    for (const socket of sockets) socket.on("close", look)
    return () => {
      for (const socket of sockets) socket.off("close", look)
    }
  }
}

function onTick(look: () => void): () => void {
  const timer = setInterval(look, 5)
  return () => clearInterval(timer)
}
