import { type AccessMode, isLoopback } from "./config.js"

/**
 * Whether pages of an origin may talk to this server. Requests without an Origin come from no page.
 *
 * @param origin the Origin header. @param host the Host header.
 */
export type OriginRule = (origin: string | undefined, host: string | undefined) => boolean

/**
 * The rule of one configuration: listed origins always; on loopback other pages of this machine (a developer's own
 * app) unless there are members; elsewhere the server's own pages. A loopback server does not trust its Host header, because a foreign name can
 * be made to point here.
 */
export function originRule(setting: {
  readonly host: string
  readonly origins: readonly string[]
  readonly access?: AccessMode
}): OriginRule {
  const listed = new Set(setting.origins)
  // With members a browser brings a cookie along, which other pages of this machine must not use. A foreign name that
  // is made to point here gets none.
  const isLocal = setting.access !== "members" && isLoopback(setting.host)
  return (origin, host) => {
    if (origin === undefined) return true
    if (listed.has(origin)) return true
    if (!URL.canParse(origin)) return false
    const url = new URL(origin)
    return isLocal ? isLoopback(url.hostname) : url.host === host
  }
}
