import type { IncomingMessage } from "node:http"
import { TLSSocket } from "node:tls"
import { countedAddress } from "./client-address.js"

/**
 * Whether a request came to us, or to the proxy that speaks for its sender, over TLS. `X-Forwarded-Proto` is believed
 * from proxies that are named, and of several values the last: the nearest proxy wrote it, the others may be invented.
 *
 * @param trusted addresses of proxies, as `countedAddress` writes them.
 */
export function isSecureRequest(request: IncomingMessage, trusted: ReadonlySet<string>): boolean {
  if (request.socket instanceof TLSSocket) return true
  if (!trusted.has(countedAddress(request.socket.remoteAddress ?? ""))) return false
  const values = [request.headers["x-forwarded-proto"] ?? []].flat().join(",").split(",")
  return values.at(-1)?.trim().toLowerCase() === "https"
}
