/** What the first bytes of a browser's connection to its proxy ask for. */
export type ProxyHead =
  /** The head is not complete yet. */
  | { readonly kind: "incomplete" }
  /** No request that a proxy can carry out. */
  | { readonly kind: "malformed" }
  | {
      readonly kind: "target"
      /** Name or address, without brackets. */
      readonly host: string
      /** TCP port, 1 to 65535. */
      readonly port: number
      /** True for `CONNECT`: sockets and https. False for a plain HTTP request. */
      readonly isTunnel: boolean
      /** What the target must be sent first: nothing of a `CONNECT`, a plain request as its server expects it. */
      readonly first: Buffer
    }

/** A head that is longer than this is none. */
const MAX_HEAD_BYTES = 65_536

/**
 * Reads what a browser that uses an HTTP proxy sends first (RFC 9112, sections 3.2.2 and 3.2.3). A plain request is
 * told to be the last of its connection, so that no later one has to be looked for in the bytes.
 *
 * @param bytes all that has come so far.
 */
export function readProxyHead(bytes: Buffer): ProxyHead {
  const end = bytes.indexOf("\r\n\r\n")
  if (end < 0) return { kind: bytes.length > MAX_HEAD_BYTES ? "malformed" : "incomplete" }
  const rest = bytes.subarray(end + 4)
  const [line = "", ...headers] = bytes.toString("latin1", 0, end).split("\r\n")
  const [, method, target] = /^(\S+) (\S+) HTTP\/1\.[01]$/.exec(line) ?? []
  if (method === undefined || target === undefined) return { kind: "malformed" }
  if (method === "CONNECT") return at(target, 443, true, rest)
  const [, authority, path] = /^http:\/\/([^/?#]+)([^#]*)$/i.exec(target) ?? []
  if (authority === undefined || path === undefined) return { kind: "malformed" }
  const request = [`${method} ${path.startsWith("/") ? path : `/${path}`} HTTP/1.1`, ...asLast(headers), "", ""]
  return at(authority, 80, false, Buffer.concat([Buffer.from(request.join("\r\n"), "latin1"), rest]))
}

function at(authority: string, usualPort: number, isTunnel: boolean, first: Buffer): ProxyHead {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(authority) ?? []
  const host = bracketed ?? plain
  const port = Number(digits ?? usualPort)
  if (host === undefined || port < 1 || port > 65_535) return { kind: "malformed" }
  return { kind: "target", host, port, isTunnel, first }
}

function asLast(headers: readonly string[]): string[] {
  const isUpgrade = headers.some((header) => /^upgrade:/i.test(header))
  if (isUpgrade) return headers.filter((header) => !/^proxy-/i.test(header))
  return [...headers.filter((header) => !/^(proxy-[\w-]+|connection|keep-alive):/i.test(header)), "Connection: close"]
}
