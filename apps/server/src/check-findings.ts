import type { X509Certificate } from "node:crypto"
import { isIP } from "node:net"
import { type Config, isLoopback } from "./config.js"

/** Something about a configuration. docs/configuration.md lists them by name. */
export interface CheckFinding {
  /** `wrong`: it would not start, or not work; `unsafe`: it would. */
  readonly kind: "wrong" | "unsafe"
  /** Stable. */
  readonly name: string
  /** A sentence without its full stop. */
  readonly what: string
}

/** A certificate is to be renewed when it has less than this left. */
const SOON_MS = 14 * 86_400_000
/** They mean every address of the machine. */
const ALL = new Set(["0.0.0.0", "::", "[::]"])

/** What can be told from the settings alone. */
export function addressFindings(config: Config): readonly CheckFinding[] {
  const { host, access, origins, frameOrigins, tls, trustedProxies, jwtKeysFile } = config
  const findings: CheckFinding[] = []
  const unsafe = (name: string, what: string): void => {
    findings.push({ kind: "unsafe", name, what })
  }
  const isPublic = !isLoopback(host)
  const isBehindProxy = trustedProxies.size > 0
  if (access === "open" && (isPublic || isBehindProxy)) {
    unsafe("open-address", `everybody who reaches ${host} may read and write everything: use --access members`)
  }
  if (isPublic && tls === undefined && !isBehindProxy) {
    unsafe(
      "no-tls",
      `what goes to ${host} can be read on the way, passwords too: give --tls-cert and --tls-key, ` +
        "or name the proxy that speaks TLS with --trusted-proxy",
    )
  }
  if (isPublic && tls === undefined && isBehindProxy) {
    unsafe(
      "proxy-passed-by",
      `${host} answers without TLS to whoever reaches it past the proxy: listen where only the proxy comes`,
    )
  }
  if (!isPublic && tls === undefined && !isBehindProxy && origins.some((origin) => isForeign(origin, "https:"))) {
    unsafe(
      "proxies-unnamed",
      "an https address is named and no proxy: if one stands in front, everybody counts as one address, and cookies " +
        "are not marked as secure; name it with --trusted-proxy",
    )
  }
  if (isBehindProxy && origins.length === 0) {
    unsafe(
      "origin-missing",
      "a proxy is named and no address: if it changes Host, the server's own pages cannot connect; " +
        "name the public address with --origin",
    )
  }
  // The framed editor connects from this server's own address.
  if (jwtKeysFile !== undefined && origins.length === 0 && frameOrigins.length === 0) {
    unsafe(
      "origin-missing",
      "applications may sign tokens, but none of their pages may connect: name them with --origin or --frame-origin",
    )
  }
  for (const origin of origins.filter((origin) => isForeign(origin, "http:"))) {
    unsafe("origin-plain", `pages of ${origin} can be changed on their way, and then act for whoever reads them`)
  }
  for (const origin of frameOrigins.filter((origin) => isForeign(origin, "http:"))) {
    unsafe(
      "frame-origin-plain",
      `pages of ${origin} can be changed on their way, and then lay something over the editor`,
    )
  }
  if (frameOrigins.some((origin) => isForeign(origin, "https:")) && !isPublic && tls === undefined && !isBehindProxy) {
    unsafe("frame-plain", "browsers show a page under https no frame that is not: give --tls-cert and --tls-key")
  }
  return findings
}

/** What can be told from a certificate. @param nowMs milliseconds since the epoch of Unix. */
export function certificateFindings(
  certificate: X509Certificate,
  host: string,
  nowMs: number,
): readonly CheckFinding[] {
  const { validFrom, validTo } = certificate
  const findings: CheckFinding[] = []
  if (Date.parse(validFrom) > nowMs) {
    findings.push({ kind: "wrong", name: "certificate-time", what: `the certificate begins only on ${validFrom}` })
  }
  if (Date.parse(validTo) <= nowMs) {
    findings.push({ kind: "wrong", name: "certificate-time", what: `the certificate ended on ${validTo}` })
  } else if (Date.parse(validTo) - nowMs < SOON_MS) {
    findings.push({ kind: "unsafe", name: "certificate-soon", what: `the certificate ends on ${validTo}` })
  }
  const bare = host.replace(/^\[|\]$/g, "")
  const isNamed = isIP(bare) > 0 ? certificate.checkIP(bare) : certificate.checkHost(bare)
  if (isNamed === undefined && !ALL.has(host)) {
    const names = certificate.subjectAltName ?? "no name"
    findings.push({
      kind: "unsafe",
      name: "certificate-name",
      what: `the certificate is for ${names}, not for ${host}`,
    })
  }
  return findings
}

/** True for an origin of that scheme on another machine. */
function isForeign(origin: string, protocol: string): boolean {
  const url = new URL(origin)
  return url.protocol === protocol && !isLoopback(url.hostname)
}
