import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net"
import { FakeClock } from "@quire/testing"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { Network } from "../src/network.js"

/** A server that remembers its connections and what each has sent, and says it back. */
class EchoServer {
  readonly sockets: Socket[] = []
  readonly heard: string[] = []
  readonly #listener: Server = createServer({ allowHalfOpen: true }, (socket) => {
    const number = this.sockets.push(socket) - 1
    this.heard.push("")
    socket.on("error", () => undefined)
    socket.on("end", () => socket.end())
    socket.on("data", (chunk) => {
      this.heard[number] += chunk.toString()
      socket.write(chunk)
    })
  })

  async open(): Promise<void> {
    this.#listener.listen(0, "127.0.0.1")
    await once(this.#listener, "listening")
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port // it listens
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy()
    this.#listener.close()
  }
}

/** A page's end of a tunnel. */
class PageSocket {
  readonly socket: Socket
  heard = ""
  isClosed = false

  constructor(network: Network, target: string) {
    this.socket = connect({ port: Number(new URL(network.proxyUrl).port), host: "127.0.0.1" })
    this.socket.on("error", () => undefined)
    this.socket.on("close", () => {
      this.isClosed = true
    })
    this.socket.on("data", (chunk: Buffer) => {
      this.heard += chunk.toString()
    })
    this.socket.write(`CONNECT ${target} HTTP/1.1\r\n\r\n`)
  }

  /** What came after the proxy's own answer. */
  get answer(): string {
    return this.heard.replace(/^HTTP\/1\.1 200 Connection established\r\n\r\n/, "")
  }
}

/** Real sockets take the time that the machine takes. */
function soon(assertion: () => void): Promise<void> {
  return vi.waitFor(assertion, { timeout: 20_000, interval: 5 })
}

describe("Network", { timeout: 60_000 }, () => {
  const server = new EchoServer()
  let clock: FakeClock
  let network: Network
  const open = async (): Promise<PageSocket> => {
    const page = new PageSocket(network, `127.0.0.1:${server.port}`)
    await soon(() => expect(page.heard).toContain("established"))
    return page
  }
  beforeEach(async () => {
    server.sockets.length = 0
    server.heard.length = 0
    await server.open()
    clock = new FakeClock()
    network = await Network.open({ clock, hosts: new Map([["quire.test", `127.0.0.1:${server.port}`]]) })
  })
  afterEach(async () => {
    await network.close()
    await network.close()
    server.close()
    expect(clock.pending).toBe(0)
  })

  it("carries both directions unharmed while it is clear", async () => {
    const page = await open()
    const text = "0123456789".repeat(50_000)
    page.socket.write(text)
    await soon(() => expect(page.answer.length).toBe(text.length))
    expect(page.answer).toBe(text)
    expect(network.state).toBe("clear")
  })

  it("counts the tunnels that were begun to a server, and no plain requests", async () => {
    await open()
    await open()
    const page = connect({ port: Number(new URL(network.proxyUrl).port), host: "127.0.0.1" })
    page.write("GET http://quire.test/ HTTP/1.1\r\nHost: quire.test\r\n\r\n")
    await soon(() => expect(server.heard.join("")).toContain("GET /"))
    const madeUp = new PageSocket(network, "quire.test:80")
    await soon(() => expect(madeUp.heard).toContain("established"))
    expect(network.tunnelsTo(`http://127.0.0.1:${server.port}/any`)).toBe(3)
    expect(network.tunnelsTo("http://127.0.0.1:1")).toBe(0)
    page.destroy()
  })

  it("carries an end in one direction while the other goes on", async () => {
    const page = await open()
    page.socket.end("last words")
    await soon(() => expect(page.isClosed).toBe(true))
    expect(page.answer).toBe("last words")
  })

  it("serves plain requests, and leads the made-up name to its server", async () => {
    const page = connect({ port: Number(new URL(network.proxyUrl).port), host: "127.0.0.1" })
    page.write("GET http://quire.test/d/x HTTP/1.1\r\nHost: quire.test\r\n\r\n")
    await soon(() => expect(server.heard[0]).toContain("GET /d/x HTTP/1.1\r\nHost: quire.test\r\n"))
    page.destroy()
  })

  it("breaks everything when cut, refuses new connections, and takes them again when healed", async () => {
    const page = await open()
    network.cut()
    expect(network.state).toBe("cut")
    await soon(() => expect(page.isClosed).toBe(true))
    await soon(() => expect(server.sockets[0]?.destroyed).toBe(true))
    const refused = new PageSocket(network, `127.0.0.1:${server.port}`)
    await soon(() => expect(refused.isClosed).toBe(true))
    expect(refused.heard).toBe("")
    network.heal()
    const again = await open()
    again.socket.write("back")
    await soon(() => expect(again.answer).toBe("back"))
    expect(server.sockets.length).toBe(2)
  })

  it("keeps connections open when stalled, carries nothing, and delivers it all when healed", async () => {
    const page = await open()
    network.stall()
    page.socket.write("held")
    server.sockets[0]?.write("held too")
    const late = new PageSocket(network, `127.0.0.1:${server.port}`)
    await soon(() => expect(network.connections).toBe(2))
    clock.advance(60_000)
    expect([page.answer, page.isClosed, late.heard, late.isClosed, server.heard]).toEqual(["", false, "", false, [""]])
    network.heal()
    await soon(() => expect(page.answer).toBe("held tooheld"))
    await soon(() => expect(late.heard).toContain("established"))
  })

  it.each([
    ["an end", (socket: Socket | undefined) => socket?.end()],
    ["a broken connection", (socket: Socket | undefined) => socket?.resetAndDestroy()],
  ])("does not tell of %s while stalled", async (_what, end) => {
    const page = await open()
    network.stall()
    end(server.sockets[0])
    page.socket.write("anybody there?")
    const late = new PageSocket(network, `127.0.0.1:${server.port}`)
    await soon(() => expect(network.connections).toBe(2))
    expect(page.isClosed).toBe(false)
    network.heal()
    await soon(() => expect(page.isClosed).toBe(true))
    late.socket.destroy()
  })

  it("delays each direction by the latency when slow", async () => {
    const page = await open()
    network.slow(300)
    expect(network.state).toBe("slow")
    page.socket.write("hello")
    await soon(() => expect(clock.pending).toBe(1))
    clock.advance(299)
    expect(server.heard).toEqual([""])
    clock.advance(1)
    await soon(() => expect(clock.pending).toBe(1))
    expect(server.heard).toEqual(["hello"])
    expect(page.answer).toBe("")
    clock.advance(300)
    await soon(() => expect(page.answer).toBe("hello"))
  })

  it("lets only so many bytes a second through when slow", async () => {
    const page = await open()
    network.slow(0, 100)
    page.socket.write("a".repeat(50))
    await soon(() => expect(server.heard[0]).toBe("aa"))
    clock.advance(20)
    await soon(() => expect(server.heard[0]).toBe("aaaa"))
    clock.advance(400)
    await soon(() => expect(server.heard[0]?.length).toBe(44))
    network.heal()
    await soon(() => expect(page.answer.length).toBe(50))
  })

  it("connects the next tunnel twice, and answers the page from the first", async () => {
    await open()
    network.duplicateConnect()
    const page = await open()
    page.socket.write("twice")
    await soon(() => expect(server.heard).toEqual(["", "twice", "twice"]))
    await soon(() => expect(page.answer).toBe("twice"))
    server.sockets[2]?.resetAndDestroy()
    const more = "!".repeat(300_000)
    page.socket.write(more)
    await soon(() => expect(page.answer.length).toBe("twice".length + more.length))
    await open()
    expect(server.sockets.length).toBe(4)
  })

  it("shows a server that is not there as a broken connection", async () => {
    const page = new PageSocket(network, "127.0.0.1:1")
    await soon(() => expect(page.isClosed).toBe(true))
    expect(page.heard).toBe("")
  })

  it("refuses numbers that make no sense", () => {
    expect(() => network.slow(-1)).toThrow(TypeError)
    expect(() => network.slow(0, 0)).toThrow(TypeError)
    expect(() => network.slow(Number.NaN)).toThrow(TypeError)
    expect(network.state).toBe("clear")
  })
})
