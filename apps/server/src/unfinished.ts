import type { Server, ServerResponse } from "node:http"
import type { Socket } from "node:net"

/**
 * Bounds the TCP connections on which no request is complete, and those whose request is being answered: of each kind
 * the oldest is cut when there is one too many. An honest request takes a moment, so it is never the oldest while
 * thousands of sockets that say nothing wait in front of it; Node.js alone would keep those until their time is up.
 * Sockets that became WebSockets are no longer counted here.
 */
export function boundUnfinished(server: Server, limit: number): void {
  const waiting = new Oldest(limit)
  const answering = new Oldest(limit)
  server.on("connection", (socket: Socket) => {
    waiting.add(socket)
    socket.once("close", () => {
      waiting.remove(socket)
      answering.remove(socket)
    })
  })
  server.on("request", ({ socket }: { readonly socket: Socket }, response: ServerResponse) => {
    waiting.remove(socket)
    answering.add(socket)
    response.once("close", () => {
      answering.remove(socket)
      if (!socket.destroyed) waiting.add(socket)
    })
  })
  server.on("upgrade", ({ socket }: { readonly socket: Socket }) => waiting.remove(socket))
}

/** Sockets in the order in which they came. */
class Oldest {
  readonly #limit: number
  readonly #sockets = new Set<Socket>()

  constructor(limit: number) {
    this.#limit = limit
  }

  add(socket: Socket): void {
    this.#sockets.add(socket)
    if (this.#sockets.size <= this.#limit) return
    const [oldest] = this.#sockets
    oldest?.destroy()
    if (oldest !== undefined) this.#sockets.delete(oldest)
  }

  remove(socket: Socket): void {
    this.#sockets.delete(socket)
  }
}
