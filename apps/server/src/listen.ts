import type { Server } from "node:http"
import { createServer as createTlsServer, type Server as TlsServer } from "node:https"
import type { AddressInfo } from "node:net"
import { createAdaptorServer } from "@hono/node-server"
import { QuireError } from "@quire/base"
import type { Hono } from "hono"
import type { Upgrades } from "./sockets/upgrade.js"
import type { TlsPair } from "./tls.js"
import { boundUnfinished } from "./unfinished.js"

/** An HTTP server that listens. */
export interface Front {
  /** `http://HOST:PORT` or `https://HOST:PORT`, with the port that was really taken. */
  readonly address: string
  /** Who connects from now on gets this certificate; connections that are open stay. Nothing without TLS. */
  useCertificate(pair: TlsPair): void
  /** Takes no new connections, and cuts those that are open. */
  close(): Promise<void>
}

/** How often Node.js looks for requests whose time is up. */
const CHECK_MS = 5_000
/** Bytes and number of a request's headers. */
const HEADER_BYTES = 16_384
const HEADERS = 100
/** TCP connections without a complete request; as many again whose request is being answered. */
const UNFINISHED = 1_000
/** Connections that the system keeps for us until we take them: a crowd comes back at once. */
const BACKLOG = 4_096

/** A TLS handshake takes at most this long. */
const HANDSHAKE_MS = 10_000

/** Serves pages, the API and the sockets on one port. @param tls the certificate, for https. */
export async function listen(
  where: { readonly host: string; readonly port: number },
  app: Hono,
  upgrades: Upgrades,
  tls?: TlsPair,
): Promise<Front> {
  const serverOptions = {
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    connectionsCheckingInterval: CHECK_MS,
    maxHeaderSize: HEADER_BYTES,
  }
  const server = createAdaptorServer(
    tls === undefined
      ? { fetch: app.fetch, serverOptions }
      : {
          fetch: app.fetch,
          createServer: createTlsServer,
          serverOptions: { ...serverOptions, cert: tls.cert, key: tls.key, handshakeTimeout: HANDSHAKE_MS },
        },
  ) as Server | TlsServer // no other was asked for
  server.maxHeadersCount = HEADERS
  boundUnfinished(server, UNFINISHED)
  // Whoever does not speak TLS, or does not believe the certificate, is cut by Node.js; there is nothing to answer.
  if ("setSecureContext" in server) server.on("tlsClientError", (_error, socket) => socket.destroy())
  server.on("upgrade", (request, socket, head) => upgrades.handle(request, socket, head))
  await listening(server, where)
  const { port } = server.address() as AddressInfo // it listens on a port
  const host = where.host.includes(":") && !where.host.startsWith("[") ? `[${where.host}]` : where.host
  return {
    address: `${tls === undefined ? "http" : "https"}://${host}:${port}`,
    useCertificate: ({ cert, key }) => {
      if ("setSecureContext" in server) server.setSecureContext({ cert, key })
    },
    close: () => closing(server),
  }
}

async function listening(server: Server | TlsServer, { host, port }: { host: string; port: number }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(explain(error, host, port)))
    server.listen({ port, host: host.replace(/^\[|\]$/g, ""), backlog: BACKLOG }, () => resolve())
  })
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): QuireError {
  if (error.code === "EADDRINUSE") {
    return new QuireError("QUIRE_PORT_TAKEN", `port ${port} on ${host} is taken by another program`, {
      hint: "Stop it, or choose another port with --port.",
      cause: error,
    })
  }
  return new QuireError("QUIRE_LISTEN", `cannot listen on ${host}, port ${port}: ${error.message}`, {
    hint: "Choose another address with --host and --port.",
    cause: error,
  })
}

async function closing(server: Server | TlsServer): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
