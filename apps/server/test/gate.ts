import { connect, createServer, type Server, type Socket } from "node:net"
import { unusedPort } from "./harness.js"

/**
 * A door in front of a server. While it is held, whoever comes waits in front of it, so that nobody gets in before the
 * test says so; those who are inside stay until the server ends.
 */
export class Gate {
  /** Its TCP port. */
  readonly port: number
  readonly #behind: number
  readonly #server: Server
  readonly #inside = new Set<Socket>()
  #waiting: Socket[] | undefined

  private constructor(port: number, behind: number) {
    this.port = port
    this.#behind = behind
    this.#server = createServer((socket) => {
      this.#track(socket)
      if (this.#waiting === undefined) this.#let(socket)
      else this.#waiting.push(socket)
    })
  }

  /** Builds a door, open. @param behind the server's port. */
  static async build(behind: number): Promise<Gate> {
    const gate = new Gate(await unusedPort(), behind)
    await new Promise<void>((resolve) => gate.#server.listen(gate.port, "127.0.0.1", resolve))
    return gate
  }

  /** The address for providers. */
  get sync(): string {
    return `ws://127.0.0.1:${this.port}/sync`
  }

  /** From now on nobody gets in. */
  hold(): void {
    this.#waiting ??= []
  }

  /** Lets in who waits and who comes. */
  release(): void {
    const waiting = this.#waiting ?? []
    this.#waiting = undefined
    for (const socket of waiting) this.#let(socket)
  }

  /** Takes the door away, and everybody with it. */
  async close(): Promise<void> {
    for (const socket of this.#inside) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #let(socket: Socket): void {
    if (socket.destroyed) return
    const upstream = connect({ port: this.#behind, host: "127.0.0.1", noDelay: true })
    this.#track(upstream)
    socket.setNoDelay(true)
    socket.pipe(upstream)
    upstream.pipe(socket)
    // What the server said last still goes through; after that a dead server's end is its clients' end.
    upstream.on("close", () => socket.end())
    socket.on("close", () => upstream.destroy())
  }

  #track(socket: Socket): void {
    this.#inside.add(socket)
    socket.on("error", () => socket.destroy())
    socket.on("close", () => this.#inside.delete(socket))
  }
}
