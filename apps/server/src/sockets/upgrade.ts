import type { IncomingMessage } from "node:http"
import type { Duplex } from "node:stream"
import { type Clock, parseDocumentId } from "@quire/base"
import { CloseCode, chooseDialect, LIMITS, SUBPROTOCOL } from "@quire/protocol"
import { Connection, type ConnectionSetting } from "@quire/sync"
import { WebSocketServer } from "ws"
import type { OriginRule } from "../origin.js"
import { SocketLink } from "./link.js"

/** Path under which documents are served: `/sync/NAME`. */
const PREFIX = "/sync/"
const PING_MS = 20_000
/** A message a little over our limit is still read, so that its sender is told 4413; far more is cut off by ws (1009). */
const READ_BYTES = LIMITS.frameBytes + 1_048_576

/** Turns HTTP upgrades into connections. */
export class Upgrades {
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: READ_BYTES,
    perMessageDeflate: false,
    clientTracking: false,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : firstOf(offered)),
  })
  readonly #links = new Set<SocketLink>()
  readonly #setting: ConnectionSetting
  readonly #isAllowed: OriginRule
  #cancelPing: () => void

  constructor(setting: ConnectionSetting, isAllowed: OriginRule) {
    this.#setting = setting
    this.#isAllowed = isAllowed
    this.#cancelPing = this.#schedulePing(setting.clock)
  }

  /** How many sockets are open. */
  get size(): number {
    return this.#links.size
  }

  /** The `upgrade` event of an HTTP server. */
  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy())
    const { pathname, search } = splitTarget(request.url ?? "")
    if (!pathname.startsWith(PREFIX)) return refuse(socket, 404, `documents are served under ${PREFIX}NAME`)
    if (!this.#isAllowed(request.headers.origin, request.headers.host)) {
      return refuse(socket, 403, "pages of this origin may not connect: see --origin")
    }
    this.#server.handleUpgrade(request, socket, head, (ws) => {
      const link = new SocketLink(ws, socket)
      this.#links.add(link)
      ws.once("close", () => this.#links.delete(link))
      // A browser cannot see an HTTP refusal, so what is wrong with the name is said on the open socket.
      const name = documentName(pathname.slice(PREFIX.length))
      if (!name.ok) {
        ws.on("error", () => ws.terminate())
        return link.close(CloseCode.Malformed, `QUIRE_NAME: ${name.reason}`)
      }
      const dialect = chooseDialect(ws.protocol === SUBPROTOCOL ? [SUBPROTOCOL] : [])
      const token = new URLSearchParams(search).get("token") ?? ""
      link.attach(new Connection(this.#setting, link, name.id, dialect, token))
    })
  }

  /** Cuts what is still open. */
  close(): void {
    this.#cancelPing()
    for (const link of this.#links) link.terminate()
    this.#server.close()
  }

  #schedulePing(clock: Clock): () => void {
    return clock.schedule(PING_MS, () => {
      for (const link of this.#links) link.ping()
      this.#cancelPing = this.#schedulePing(clock)
    })
  }
}

/** A name as it stands in a path: percent-decoded once, everything else as it is. */
export function documentName(encoded: string): ReturnType<typeof parseDocumentId> {
  try {
    return parseDocumentId(decodeURIComponent(encoded))
  } catch {
    return { ok: false, reason: "the document name is not valid percent-encoded UTF-8" }
  }
}

function splitTarget(target: string): { readonly pathname: string; readonly search: string } {
  const at = target.indexOf("?")
  return at < 0 ? { pathname: target, search: "" } : { pathname: target.slice(0, at), search: target.slice(at) }
}

function firstOf(offered: Set<string>): string | false {
  for (const name of offered) return name
  return false
}

function refuse(socket: Duplex, status: 403 | 404, reason: string): void {
  const phrase = status === 403 ? "Forbidden" : "Not Found"
  socket.end(
    `HTTP/1.1 ${status} ${phrase}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n` +
      `Content-Length: ${Buffer.byteLength(reason)}\r\n\r\n${reason}`,
  )
}
