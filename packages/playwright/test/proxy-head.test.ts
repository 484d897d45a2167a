import { describe, expect, it } from "vitest"
import { readProxyHead } from "../src/proxy-head.js"

const head = (...lines: string[]): Buffer => Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1")

describe("readProxyHead", () => {
  it("takes the target of a tunnel, and what came after the head", () => {
    const bytes = Buffer.concat([
      head("CONNECT localhost:1234 HTTP/1.1", "Host: localhost:1234"),
      Buffer.from([0, 255]),
    ])
    const read = readProxyHead(bytes)
    expect(read).toEqual({
      kind: "target",
      host: "localhost",
      port: 1234,
      isTunnel: true,
      first: Buffer.from([0, 255]),
    })
  })

  it("makes a plain request what its server expects, and the last of its connection", () => {
    const bytes = Buffer.concat([
      head("POST http://127.0.0.1:80/a%2Fb?c=d HTTP/1.1", "Host: 127.0.0.1", "Proxy-Connection: keep-alive"),
      Buffer.from("body"),
    ])
    const read = readProxyHead(bytes)
    expect(read).toMatchObject({ host: "127.0.0.1", port: 80, isTunnel: false })
    expect(read.kind === "target" && read.first.toString()).toBe(
      "POST /a%2Fb?c=d HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\nbody",
    )
  })

  it("leaves an upgrade its connection header", () => {
    const read = readProxyHead(head("GET http://[::1]:9/ HTTP/1.1", "Upgrade: websocket", "Connection: Upgrade"))
    expect(read).toMatchObject({ host: "::1", port: 9 })
    expect(read.kind === "target" && read.first.toString()).toContain("Connection: Upgrade\r\n")
  })

  it("asks a server without a path for its root", () => {
    const read = readProxyHead(head("GET http://quire.test HTTP/1.1"))
    expect(read.kind === "target" && read.first.toString()).toMatch(/^GET \/ HTTP\/1\.1\r\n/)
  })

  it("waits for the end of the head, but not for ever", () => {
    expect(readProxyHead(Buffer.from("CONNECT a:1 HTTP/1.1\r\n"))).toEqual({ kind: "incomplete" })
    expect(readProxyHead(Buffer.alloc(70_000, "a"))).toEqual({ kind: "malformed" })
  })

  it.each([
    "GET /no-proxy-request HTTP/1.1",
    "GET ftp://a/b HTTP/1.1",
    "CONNECT a:0 HTTP/1.1",
    "CONNECT a:70000 HTTP/1.1",
    "CONNECT a:b:c HTTP/1.1",
    "nonsense",
  ])("refuses %s", (line) => {
    expect(readProxyHead(head(line))).toEqual({ kind: "malformed" })
  })
})
