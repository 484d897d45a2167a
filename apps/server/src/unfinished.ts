import type { Server, ServerResponse } from "node:http"
import type { Server as TlsServer } from "node:https"
import type { Socket } from "node:net"

/**
 * Bounds the TCP connections on which no request is complete, and those whose request is being answered: of each kind
 * the oldest is cut when there is one too many. An honest request takes a moment, so it is never the oldest while
 * thousands of sockets that say nothing wait in front of it; Node.js alone would keep those until their time is up.
 * Sockets that became WebSockets are no longer counted here. Over TLS a connection is first bounded as one that shakes
 * hands, and from then on as the socket that came out of it.
 */
export function boundUnfinished(server: Server | TlsServer, limit: number): void {
  const waiting = new Oldest(limit)
  const answering = new Oldest(limit)
  // One listener for all sockets, and no `once`: what is made for each of them stays as long as it is open.
  const forget = function (this: Socket): void {
    waiting.remove(this)
    answering.remove(this)
  }
  const take = (socket: Socket): void => {
    waiting.add(socket)
    socket.on("close", forget)
  }
  if ("setSecureContext" in server) boundHandshakes(server, limit, take)
  else server.on("connection", take)
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

/** @param take gets the socket of each connection whose handshake is done. */
function boundHandshakes(server: TlsServer, limit: number, take: (socket: Socket) => void): void {
  const shaking = new Oldest(limit)
  const byPeer = new Map<string, Socket>()
  const peer = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`
  server.on("connection", (raw: Socket) => {
    const name = peer(raw)
    shaking.add(raw)
    byPeer.set(name, raw)
    raw.once("close", () => {
      shaking.remove(raw)
      if (byPeer.get(name) === raw) byPeer.delete(name)
    })
  })
  server.on("secureConnection", (socket: Socket) => {
    const raw = byPeer.get(peer(socket))
    byPeer.delete(peer(socket))
    if (raw !== undefined) shaking.remove(raw)
    take(socket)
  })
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
