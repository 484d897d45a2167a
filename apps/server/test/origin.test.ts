import { describe, expect, it } from "vitest"
import { originRule } from "../src/origin.js"

/** T-AUTH-7: what pages of which origin may do. */
describe("an origin", () => {
  const plain = originRule({ host: "0.0.0.0", origins: ["https://wiki.example"] })
  const tls = originRule({ host: "0.0.0.0", origins: ["https://wiki.example"], tls: {} })
  const local = originRule({ host: "127.0.0.1", origins: ["https://wiki.example"] })
  const HOST = "quire.example:4400"

  const same: readonly (readonly [string, string | undefined, string | undefined, boolean])[] = [
    ["missing: no page sent it", undefined, HOST, true],
    ["empty", "", HOST, false],
    ["null, as from a sandboxed frame or a file", "null", HOST, false],
    ["listed", "https://wiki.example", HOST, true],
    ["listed, other scheme", "http://wiki.example", HOST, false],
    ["listed, other port", "https://wiki.example:8443", HOST, false],
    ["listed, default port written out", "https://wiki.example:443", HOST, false],
    ["listed, with a path", "https://wiki.example/", HOST, false],
    ["listed, in capitals", "HTTPS://WIKI.EXAMPLE", HOST, false],
    ["listed, host in capitals", "https://Wiki.example", HOST, false],
    ["listed name as a subdomain of another", "https://wiki.example.evil.test", HOST, false],
    ["listed name as the end of another", "https://evilwiki.example", HOST, false],
    ["subdomain of a listed one", "https://a.wiki.example", HOST, false],
    ["listed, with a dot behind", "https://wiki.example.", HOST, false],
    ["listed as a user name", "https://wiki.example@evil.test", HOST, false],
    ["listed in the fragment", "https://evil.test#https://wiki.example", HOST, false],
    ["two at once", "https://wiki.example, https://evil.test", HOST, false],
    ["two with a space", "https://wiki.example https://evil.test", HOST, false],
    ["the server's own", "https://quire.example:4400", HOST, true],
    ["the server's own, other port", "https://quire.example:4401", HOST, false],
    ["the server's own, no port", "https://quire.example", HOST, false],
    ["the server's own, as a subdomain of another", "https://quire.example.evil.test:4400", HOST, false],
    ["the server's own, in capitals", "https://QUIRE.example:4400", HOST, false],
    ["the server's own, with a user", "https://a@quire.example:4400", HOST, false],
    ["the server's own, with a path", "https://quire.example:4400/x", HOST, false],
    ["the server's own, another kind", "ftp://quire.example:4400", HOST, false],
    ["the server's own, as a WebSocket", "wss://quire.example:4400", HOST, false],
    ["an extension of the browser", "chrome-extension://abcdefgh", HOST, false],
    ["a file", "file://", HOST, false],
    ["a script's", "javascript:alert(1)", HOST, false],
    ["any, without Host", "https://quire.example:4400", undefined, false],
    ["loopback, seen from elsewhere", "http://127.0.0.1:4400", HOST, false],
  ]
  it.each(same)("%s: %s", (_name, origin, host, isAllowed) => {
    expect(plain(origin, host)).toBe(isAllowed)
    expect(tls(origin, host)).toBe(isAllowed)
  })

  it("of the server's own host under http is another's, if the server speaks TLS", () => {
    expect(plain("http://quire.example:4400", HOST)).toBe(true)
    expect(tls("http://quire.example:4400", HOST)).toBe(false)
  })

  const onLoopback: readonly (readonly [string, string | undefined, boolean])[] = [
    ["missing", undefined, true],
    ["null", "null", false],
    ["its own", "http://127.0.0.1:4400", true],
    ["a developer's page", "http://localhost:5173", true],
    ["of IPv6", "http://[::1]:5173", true],
    ["a foreign name that points here, with the same Host", "http://evil.test", false],
    ["suffix", "http://localhost.evil.test", false],
    ["prefix", "http://evil-localhost", false],
    ["of a number", "http://2130706433:80", false],
    ["127 in front of a name", "http://127.0.0.1.evil.test", false],
    ["in capitals", "http://LOCALHOST:5173", false],
    ["another kind", "ftp://127.0.0.1", false],
  ]
  it.each(onLoopback)("on loopback, %s: %s", (_name, origin, isAllowed) => {
    expect(local(origin, "evil.test")).toBe(isAllowed)
  })
})
