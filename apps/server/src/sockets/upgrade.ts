import type { IncomingMessage } from "node:http"
import type { Duplex } from "node:stream"
import { type DocumentId, parseDocumentId } from "@quire/base"
import { CloseCode, chooseDialect, encodeCloseReason, LIMITS, SUBPROTOCOL } from "@quire/protocol"
import { Connection, type ConnectionSetting } from "@quire/sync"
import { type WebSocket, WebSocketServer } from "ws"
import { clientAddress } from "../client-address.js"
import type { OriginRule } from "../origin.js"
import type { Entrance } from "./entrance.js"
import { SocketLink } from "./link.js"
import { Pings } from "./pings.js"
import type { Gauge } from "./throttle.js"

/** Path under which documents are served: `/sync/NAME`. */
const PREFIX = "/sync/"
/** Whoever is refused over HTTP is asked to stay away this long. */
const RETRY_AFTER_S = 10
/** A message a little over our limit is still read, so that its sender is told 4413; far more is cut off by ws (1009). */
const READ_BYTES = LIMITS.frameBytes + 1_048_576

const TOO_FAST = "QUIRE_TOO_FAST: this connection sends more than the server reads: send less, or larger messages"

/** Turns HTTP upgrades into connections. */
export class Upgrades {
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: READ_BYTES,
    perMessageDeflate: false,
    clientTracking: false,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : firstOf(offered)),
  })
  readonly #pings: Pings
  readonly #setting: ConnectionSetting
  readonly #isAllowed: OriginRule
  readonly #entrance: Entrance
  #isStopping = false

  constructor(setting: ConnectionSetting, isAllowed: OriginRule, entrance: Entrance) {
    this.#setting = setting
    this.#isAllowed = isAllowed
    this.#entrance = entrance
    this.#pings = new Pings(setting.clock)
  }

  /** How many sockets are open. */
  get size(): number {
    return this.#pings.size
  }

  /** The `upgrade` event of an HTTP server. */
  handle(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", destroyIt)
    const { pathname } = splitTarget(request.url ?? "")
    if (!pathname.startsWith(PREFIX)) return refuse(socket, 404, `documents are served under ${PREFIX}NAME`)
    if (!this.#isAllowed(request.headers.origin, request.headers.host)) {
      return refuse(socket, 403, "pages of this origin may not connect: see --origin")
    }
    const { door, admission, trustedProxies } = this.#entrance
    const address = clientAddress(request, trustedProxies)
    const entered = door.enter(address)
    if (!entered.ok) return refuse(socket, entered.status, entered.reason)
    // `once` would keep more for each socket, and a socket closes once.
    socket.on("close", entered.leave)
    // Nobody waits to be told that the server stops: it stops when the last of them has gone.
    if (this.#isStopping) return this.#upgrade(request, socket, head, undefined)
    let stopWatching: (() => void) | undefined
    let isAnswered = false
    const leaveQueue = admission.ask(address, (admitted) => {
      isAnswered = true
      stopWatching?.()
      this.#upgrade(request, socket, head, admitted.ok ? undefined : admitted.retryMs)
    })
    if (!isAnswered) stopWatching = watchWaiting(socket, leaveQueue)
  }

  /** From now on whoever waits or comes is told to come back after the restart. */
  stop(): void {
    this.#isStopping = true
    this.#entrance.admission.close()
  }

  /** Cuts what is still open. */
  close(): void {
    this.stop()
    this.#pings.close()
    this.#entrance.throttle.close()
    this.#server.close()
  }

  /** @param retryMs set if the queue was full: come back after this long. */
  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, retryMs: number | undefined): void {
    this.#server.handleUpgrade(request, socket, head, (ws) => this.#opened(ws, socket, request, retryMs))
  }

  /** What lives as long as the socket must not hold the request: it is larger than everything else of a connection. */
  #opened(ws: WebSocket, socket: Duplex, request: IncomingMessage, retryMs: number | undefined): void {
    const { pathname, search } = splitTarget(request.url ?? "")
    const link = new SocketLink(ws, socket)
    this.#pings.add(link)
    ws.on("close", () => this.#pings.remove(link))
    // A browser cannot see an HTTP refusal, so what is wrong with the name is said on the open socket.
    const name = documentName(pathname.slice(PREFIX.length))
    if (!name.ok) return turnAway(ws, link, CloseCode.Malformed, `QUIRE_NAME: ${name.reason}`)
    const busy = this.#busy(name.id, retryMs)
    if (busy !== undefined) return turnAway(ws, link, busy.code, busy.reason)
    const dialect = chooseDialect(ws.protocol === SUBPROTOCOL ? [SUBPROTOCOL] : [])
    const token = search === "" ? "" : (new URLSearchParams(search).get("token") ?? "")
    const credentials = { token, cookie: request.headers.cookie ?? "" }
    const connection = new Connection(this.#setting, link, name.id, dialect, credentials)
    link.attach(connection, this.#gaugeOf(link, connection, name.id))
  }

  #gaugeOf(link: SocketLink, connection: Connection, document: DocumentId): Gauge {
    const { throttle } = this.#entrance
    return throttle.gauge(link, () => {
      this.#setting.watch.event("connection.too-fast", { document })
      link.close(CloseCode.SlowDown, encodeCloseReason(TOO_FAST, throttle.retryMs))
      connection.closed()
    })
  }

  /** Why nobody can come in just now, if so. */
  #busy(
    document: DocumentId,
    retryMs: number | undefined,
  ): { readonly code: CloseCode; readonly reason: string } | undefined {
    const { returnMs, isShortOfMemory, memoryRetryMs } = this.#entrance
    if (this.#isStopping) {
      return { code: CloseCode.Restart, reason: encodeCloseReason("the server restarts", returnMs()) }
    }
    if (retryMs !== undefined) {
      const text = "QUIRE_BUSY: many people come at once; this connection is let in when it comes back"
      return { code: CloseCode.TryLater, reason: encodeCloseReason(text, retryMs) }
    }
    if (!isShortOfMemory(document)) return undefined
    const text = "QUIRE_MEMORY_SHORT: the server has no memory left for more people"
    return { code: CloseCode.TryLater, reason: encodeCloseReason(text, memoryRetryMs()) }
  }
}

/** For the socket that it is a listener of. */
function destroyIt(this: Duplex): void {
  this.destroy()
}

/** Says why, and ends. What comes meanwhile is not read as messages. */
function turnAway(ws: WebSocket, link: SocketLink, code: CloseCode, reason: string): void {
  ws.on("error", () => ws.terminate())
  link.close(code, reason)
}

/**
 * While a socket waits for its turn nothing may come on it but its end: a client speaks first when the server has agreed.
 *
 * @returns the undo, to be followed in the same turn by whoever reads from then on.
 */
function watchWaiting(socket: Duplex, gone: () => void): () => void {
  const end = (): void => {
    socket.destroy()
  }
  socket.on("data", end).once("end", end).once("close", gone)
  return () => {
    socket.off("data", end).off("end", end).off("close", gone)
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

const PHRASES = { 403: "Forbidden", 404: "Not Found", 429: "Too Many Requests", 503: "Service Unavailable" } as const

function refuse(socket: Duplex, status: keyof typeof PHRASES, reason: string): void {
  const retry = status === 429 || status === 503 ? `Retry-After: ${RETRY_AFTER_S}\r\n` : ""
  // The other side might never end its half, and a refused socket is counted nowhere.
  socket.once("finish", () => socket.destroy())
  socket.end(
    `HTTP/1.1 ${status} ${PHRASES[status]}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n${retry}` +
      `Content-Length: ${Buffer.byteLength(reason)}\r\n\r\n${reason}`,
  )
}
