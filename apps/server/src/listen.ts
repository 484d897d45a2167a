import type { Server } from "node:http"
import type { AddressInfo } from "node:net"
import { createAdaptorServer } from "@hono/node-server"
import { QuireError } from "@quire/base"
import type { Hono } from "hono"
import type { Upgrades } from "./sockets/upgrade.js"
import { boundUnfinished } from "./unfinished.js"

/** An HTTP server that listens. */
export interface Front {
  /** `http://HOST:PORT`, with the port that was really taken. */
  readonly address: string
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

/** Serves pages, the API and the sockets on one port. */
export async function listen(
  where: { readonly host: string; readonly port: number },
  app: Hono,
  upgrades: Upgrades,
): Promise<Front> {
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: {
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: CHECK_MS,
      maxHeaderSize: HEADER_BYTES,
    },
  }) as Server // http.Server: no other was asked for
  server.maxHeadersCount = HEADERS
  boundUnfinished(server, UNFINISHED)
  server.on("upgrade", (request, socket, head) => upgrades.handle(request, socket, head))
  await listening(server, where)
  const { port } = server.address() as AddressInfo // it listens on a port
  const host = where.host.includes(":") && !where.host.startsWith("[") ? `[${where.host}]` : where.host
  return { address: `http://${host}:${port}`, close: () => closing(server) }
}

async function listening(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
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

async function closing(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
