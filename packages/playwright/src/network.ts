import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net"
import type { Clock } from "@quire/base"
import { CLEAR, type Conditions, Pipe } from "./pipe.js"
import { type ProxyHead, readProxyHead } from "./proxy-head.js"

/** What a person's network is like at the moment. */
export type NetworkState = "clear" | "slow" | "stalled" | "cut"

/** What a network takes from its surroundings. */
export interface NetworkOptions {
  /** Time. */
  readonly clock: Clock
  /** Where made-up host names lead, whatever port they are asked for: name → `HOST:PORT`. */
  readonly hosts: ReadonlyMap<string, string>
}

/** One connection of a page: its end towards the page, and its ends towards servers once there are any. */
interface Line {
  readonly page: Socket
  readonly far: Socket[]
  readonly pipes: Pipe[]
}

/**
 * Everything between one person's pages and the servers they talk to: an HTTP proxy on a free port of this machine,
 * made with `net`, that the browser context uses for all its connections. Whatever a page opens (the page itself, its
 * requests, its sockets, plain or encrypted) has the person's network in between, and no page has to know.
 */
export class Network {
  readonly #options: NetworkOptions
  readonly #listener: Server
  readonly #lines = new Set<Line>()
  /** How many were begun, by `HOST:PORT`. */
  readonly #tunnels = new Map<string, number>()
  /** Connections that came while nothing travelled. */
  #held: Line[] = []
  #conditions: Conditions = CLEAR
  #isCut = false
  #isNextDoubled = false

  private constructor(options: NetworkOptions, listener: Server) {
    this.#options = options
    this.#listener = listener
    listener.on("connection", (page) => this.#accept(page))
  }

  /** Opens a network that is clear. Whoever opens it closes it. */
  static async open(options: NetworkOptions): Promise<Network> {
    const listener = createServer({ allowHalfOpen: true, noDelay: true })
    await new Promise<void>((resolve, reject) => {
      listener.once("error", reject)
      listener.listen(0, "127.0.0.1", resolve)
    })
    return new Network(options, listener)
  }

  /** Address of the proxy, `http://127.0.0.1:PORT`: for a context's option `proxy`. */
  get proxyUrl(): string {
    // A listening TCP server's address is never a string or null.
    return `http://127.0.0.1:${(this.#listener.address() as AddressInfo).port}`
  }

  /** What it is like at the moment. */
  get state(): NetworkState {
    if (this.#isCut) return "cut"
    if (this.#conditions.isStalled) return "stalled"
    return this.#conditions === CLEAR ? "clear" : "slow"
  }

  /** How many connections are open, those that wait included. */
  get connections(): number {
    return this.#lines.size
  }

  /**
   * How many WebSockets, or other tunnels, were ever begun to this server: what stands still while nobody reconnects.
   *
   * @param url any address of the server, such as `server.url`.
   */
  tunnelsTo(url: string): number {
    return this.#tunnels.get(new URL(url).host) ?? 0
  }

  /** Breaks all connections at once, what is on its way gets lost, and refuses new ones until `heal`. */
  cut(): void {
    this.#isCut = true
    this.#breakAll()
  }

  /** Everything travels again, at once and unharmed. What a stall held back goes on its way. */
  heal(): void {
    this.#isCut = false
    this.#isNextDoubled = false
    this.#change(CLEAR)
  }

  /**
   * Delays both directions of all connections.
   *
   * @param latencyMs one way, 0 or more.
   * @param bytesPerSecond for each direction of each connection, more than 0; without it as many as come.
   */
  slow(latencyMs: number, bytesPerSecond: number = Number.POSITIVE_INFINITY): void {
    if (!(latencyMs >= 0)) throw new TypeError(`latencyMs must be 0 or more, not ${latencyMs}`)
    if (!(bytesPerSecond > 0)) throw new TypeError(`bytesPerSecond must be more than 0, not ${bytesPerSecond}`)
    this.#isCut = false
    this.#change({ latencyMs, bytesPerSecond, isStalled: false })
  }

  /**
   * All connections stay open and nothing travels on them, not even an end: what a laptop's pages see whose network
   * went away without a word. New connections are taken and get no answer.
   */
  stall(): void {
    this.#isCut = false
    this.#change({ ...CLEAR, isStalled: true })
  }

  /**
   * The next WebSocket of a page (or other tunnel) reaches the server twice, byte for byte, as after a proxy's retry.
   * The page gets the answers of the first; those to the second go nowhere.
   */
  duplicateConnect(): void {
    this.#isNextDoubled = true
  }

  /** Breaks what is open and leaves the port. May be called twice. */
  async close(): Promise<void> {
    this.#isCut = true
    this.#breakAll()
    if (!this.#listener.listening) return
    await new Promise<void>((resolve) => {
      this.#listener.close(() => resolve())
    })
  }

  #change(conditions: Conditions): void {
    this.#conditions = conditions
    for (const line of this.#lines) for (const pipe of line.pipes) pipe.poke()
    if (conditions.isStalled) return
    const held = this.#held
    this.#held = []
    for (const line of held) this.#begin(line)
  }

  #breakAll(): void {
    this.#held = []
    for (const line of [...this.#lines]) {
      line.page.resetAndDestroy()
      for (const far of line.far) far.resetAndDestroy()
    }
  }

  #accept(page: Socket): void {
    page.on("error", ignore)
    if (this.#isCut) {
      page.resetAndDestroy()
      return
    }
    const line: Line = { page, far: [], pipes: [] }
    this.#lines.add(line)
    page.once("close", () => this.#lines.delete(line))
    page.once("end", () => {
      if (line.far.length === 0) page.end()
    })
    if (this.#conditions.isStalled) this.#held.push(line)
    else this.#begin(line)
  }

  #begin(line: Line): void {
    let bytes: Buffer = Buffer.alloc(0)
    const read = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk])
      const head = readProxyHead(bytes)
      if (head.kind === "incomplete") return
      line.page.off("data", read)
      line.page.pause()
      if (head.kind === "malformed") line.page.end("HTTP/1.1 400 Bad Request\r\n\r\n")
      else this.#join(line, head)
    }
    line.page.on("data", read)
  }

  #join(line: Line, head: ProxyHead & { readonly kind: "target" }): void {
    const { page } = line
    if (head.isTunnel) this.#count(head)
    const far = this.#dial(line, head)
    // Nobody listens there: to the page that is a connection that broke.
    const fail = (): void => {
      page.resetAndDestroy()
    }
    far.once("error", fail)
    far.once("connect", () => {
      far.off("error", fail)
      const back = this.#carry(line, far, page)
      if (head.isTunnel) back.push(Buffer.from("HTTP/1.1 200 Connection established\r\n\r\n"))
      this.#carryOut(line, far, head.first)
      if (head.isTunnel && this.#isNextDoubled) {
        this.#isNextDoubled = false
        this.#double(line, head)
      }
      page.resume()
    })
  }

  #double(line: Line, head: ProxyHead & { readonly kind: "target" }): void {
    const second = this.#dial(line, head)
    this.#carryOut(line, second, head.first)
    second.resume()
    line.page.once("close", () => second.destroy())
  }

  #count({ host, port }: ProxyHead & { readonly kind: "target" }): void {
    const place = this.#options.hosts.get(host) ?? `${host}:${port}`
    this.#tunnels.set(place, (this.#tunnels.get(place) ?? 0) + 1)
  }

  #dial(line: Line, { host, port }: ProxyHead & { readonly kind: "target" }): Socket {
    const madeUp = this.#options.hosts.get(host)
    const to = madeUp === undefined ? { host, port } : split(madeUp)
    const far = connect({ ...to, allowHalfOpen: true, noDelay: true })
    far.on("error", ignore)
    line.far.push(far)
    return far
  }

  #carryOut(line: Line, far: Socket, first: Buffer): void {
    const pipe = this.#carry(line, line.page, far)
    if (first.length > 0) pipe.push(first)
  }

  #carry(line: Line, from: Socket, to: Socket): Pipe {
    const pipe = new Pipe(from, to, this.#options.clock, () => this.#conditions)
    line.pipes.push(pipe)
    return pipe
  }
}

function split(place: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(`http://${place}`)
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 80) }
}

/** A socket's error is followed by its `close`, which is what is acted upon. */
function ignore(): void {
  return
}
