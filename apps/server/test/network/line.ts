import { connect, createServer, type Server, type Socket } from "node:net"
import { ownedByTest, unusedPort } from "../harness.js"

/** What befalls the bytes of one direction of a connection. */
export interface Fate {
  /** Ends the connection without a word once so many bytes have passed. */
  readonly cutAfterBytes?: number
  /** Takes this much of what came and lets it pass before it takes more. */
  readonly pieceBytes?: number
  /** How long the next piece is on its way, in milliseconds. */
  readonly delayMs?: () => number
}

/** What befalls a connection. */
export interface ConnectionFate {
  /** From the client to the server. */
  readonly up?: Fate
  /** From the server to the client. */
  readonly down?: Fate
  /** Answers the request in the server's place, and ends. Nothing at all: takes what comes, says nothing, stays. */
  readonly answer?: ((request: string) => string | Buffer) | "nothing at all"
}

/**
 * A line between clients and a server, made of TCP sockets, with every fault that a test wants: what `tc netem` and bad
 * proxies do.
 */
export class Line {
  /** Its TCP port, for clients. */
  readonly port: number
  /** How many connections were begun. */
  begun = 0
  /** What befalls the n-th connection, counted from 1. */
  fateOf: (n: number) => ConnectionFate = () => ({})
  /** Told whenever something goes from the server to a client. */
  onDown: () => void = () => undefined
  readonly #behind: number
  readonly #server: Server
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  readonly #mute = new Set<Socket>()
  readonly #silent = new Set<Socket>()

  private constructor(port: number, behind: number) {
    this.port = port
    this.#behind = behind
    this.#server = createServer({ noDelay: true }, (client) => this.#accept(client))
  }

  /** Lays a line. Taken away after the test. @param behind the server's port. */
  static async lay(behind: number): Promise<Line> {
    const line = new Line(await unusedPort(), behind)
    await new Promise<void>((resolve) => line.#server.listen(line.port, "127.0.0.1", resolve))
    return ownedByTest(line)
  }

  /** The address for providers. */
  get sync(): string {
    return `ws://127.0.0.1:${this.port}/sync`
  }

  /** How many connections are open. */
  get open(): number {
    return this.#pairs.size
  }

  /** How many clients wait for an answer that does not come. */
  get unanswered(): number {
    return this.#mute.size
  }

  /** Ends all connections without a word (RST). */
  cut(): void {
    for (const client of this.#mute) client.resetAndDestroy()
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy()
  }

  /** The connections there are stay open, and nothing passes on them any more, not even their end. New ones are well. */
  silence(): void {
    for (const [client, server] of this.#pairs) {
      for (const socket of [client, server]) {
        socket.removeAllListeners("data").removeAllListeners("end").pause()
        this.#silent.add(socket)
      }
    }
  }

  /** On the connections there are, the clients get so many bytes each time from now on, however much waits for them. */
  trickle(bytes: number, everyMs: number): void {
    for (const [client, server] of this.#pairs) {
      server.removeAllListeners("data").pause()
      const timer = setInterval(() => {
        const piece: Buffer | null = server.read(Math.min(bytes, server.readableLength))
        if (piece !== null && !client.destroyed) client.write(piece)
      }, everyMs)
      server.once("close", () => clearInterval(timer))
    }
  }

  /** Takes the line away. */
  async close(): Promise<void> {
    this.cut()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #accept(client: Socket): void {
    const fate = this.fateOf(++this.begun)
    client.on("error", () => client.destroy())
    const { answer } = fate
    if (answer === "nothing at all") {
      this.#mute.add(client)
      client.resume().once("close", () => this.#mute.delete(client))
      return
    }
    if (answer !== undefined) {
      client.once("data", (request) => client.end(answer(request.toString("latin1"))))
      return
    }
    const server = connect({ port: this.#behind, host: "127.0.0.1", noDelay: true })
    server.on("error", () => server.destroy())
    const pair = [client, server] as const
    this.#pairs.add(pair)
    const end = (): void => {
      this.#pairs.delete(pair)
      // A silent line hides the end of one side from the other.
      if (this.#silent.has(client)) return
      client.destroy()
      server.destroy()
    }
    for (const socket of pair) socket.once("close", end)
    server.on("data", () => this.onDown())
    carry(client, server, fate.up ?? {})
    carry(server, client, fate.down ?? {})
  }
}

function carry(from: Socket, to: Socket, fate: Fate): void {
  const { cutAfterBytes = Number.POSITIVE_INFINITY, pieceBytes = Number.POSITIVE_INFINITY, delayMs } = fate
  let passed = 0
  let last = Promise.resolve()
  const pass = (piece: Buffer): void => {
    const allowed = piece.subarray(0, Math.max(0, cutAfterBytes - passed))
    passed += piece.length
    if (!to.destroyed && allowed.length > 0) to.write(allowed)
    if (passed < cutAfterBytes) return
    // What has passed arrives before the end does.
    to.destroySoon()
    from.resetAndDestroy()
  }
  if (cutAfterBytes === 0) from.resetAndDestroy()
  from.on("data", (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      const piece = chunk.subarray(at, Math.min(chunk.length, at + pieceBytes))
      if (delayMs === undefined) pass(piece)
      else {
        last = last.then(() => later(delayMs())).then(() => pass(piece))
      }
    }
  })
  from.once("end", () => {
    last.then(() => to.end())
  })
}

function later(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs)
  })
}
