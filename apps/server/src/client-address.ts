import type { IncomingMessage } from "node:http"
import { isIP } from "node:net"

/**
 * Whom connections are counted for. A proxy that is trusted speaks for the last address in `X-Forwarded-For` that is not
 * itself a trusted proxy's; from anybody else the header is not believed, because whoever sends it may write into it.
 *
 * @param trusted addresses of proxies, as `countedAddress` writes them.
 * @returns an IPv4 address, the first 64 bits of an IPv6 address (one site has all the rest), or `unknown`.
 */
export function clientAddress(request: IncomingMessage, trusted: ReadonlySet<string>): string {
  let address = countedAddress(request.socket.remoteAddress ?? "")
  const hops = [request.headers["x-forwarded-for"] ?? []].flat().join(",").split(",")
  while (trusted.has(address)) {
    const hop = hops.pop()?.trim()
    if (hop === undefined || hop === "") break
    address = countedAddress(hop)
  }
  return address
}

/** An address in the one form in which it is counted and compared. */
export function countedAddress(address: string): string {
  const bare = address.replace(/^\[|\]$/g, "").replace(/^::ffff:(?=\d+\.)/i, "")
  if (isIP(bare) === 4) return bare
  if (isIP(bare) !== 6) return "unknown"
  const [canonical = ""] = new URL(`http://[${bare.replace(/%.*$/, "")}]`).hostname.slice(1, -1).split("%")
  if (canonical === "::1") return canonical
  const [head = "", tail] = canonical.split("::")
  const first = head === "" ? [] : head.split(":")
  const last = tail === undefined || tail === "" ? [] : tail.split(":")
  const gap = tail === undefined ? 0 : 8 - first.length - last.length
  return `${[...first, ...Array.from({ length: gap }, () => "0"), ...last].slice(0, 4).join(":")}::/64`
}
