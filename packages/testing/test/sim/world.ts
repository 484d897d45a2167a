import { SeededRandom } from "@quire/testing"
import { Faults } from "./faults.js"
import { Forger } from "./forger.js"
import * as files from "./memory-files.js"
import { NativeClient } from "./native-client.js"
import { type ClientSocket, Line } from "./network.js"
import type { RunOptions } from "./options.js"
import { PlainClient } from "./plain-client.js"
import { Server } from "./server.js"
import { mix, Timeline } from "./timeline.js"
import { Tokens } from "./tokens.js"
import { Trace } from "./trace.js"

/** Anybody with a socket. */
export type Client = NativeClient | PlainClient

/** Worlds made so far: each has a folder of its own. */
let worlds = 0

/** Everything there is in one run. Whatever happens in it comes out of the seed. */
export class World {
  readonly options: RunOptions
  readonly timeline: Timeline
  readonly random: SeededRandom
  readonly trace: Trace
  readonly faults: Faults = new Faults()
  readonly tokens: Tokens = new Tokens()
  readonly natives: readonly NativeClient[]
  readonly plains: readonly PlainClient[]
  readonly forger: Forger
  /** One today; clients would be spread over several. */
  readonly servers: readonly Server[]
  /** The first promise that was broken. */
  fault: string | undefined
  readonly #folder: string
  readonly #lines = new Map<Client, Line[]>()
  readonly #partitioned = new Set<Client>()

  constructor(options: RunOptions, isTraced: boolean) {
    this.trace = new Trace(isTraced)
    this.options = options
    this.timeline = new Timeline(options.seed)
    this.random = new SeededRandom(mix(options.seed, 0xa11))
    this.#folder = `/sim/${++worlds}`
    this.servers = [new Server(this, 1, this.#folder)]
    this.forger = new Forger(this)
    const { natives, plains, withDevice } = options
    this.natives = Array.from({ length: natives }, (_, at) => new NativeClient(this, 10 + at, at < withDevice))
    this.plains = Array.from({ length: plains }, (_, at) => new PlainClient(this, 30 + at))
  }

  get clients(): readonly Client[] {
    return [...this.natives, ...this.plains]
  }

  /** The only server. */
  get server(): Server {
    const [server] = this.servers
    if (server === undefined) throw new Error("a world without a server")
    return server
  }

  /** A promise is broken unless this is so. */
  check(isKept: boolean, describe: () => string): void {
    if (!isKept) this.fail(describe())
  }

  /** A promise is broken. Only the first is told: others follow from it. */
  fail(what: string): void {
    this.trace.note(`FAULT ${what}`)
    this.fault ??= `${this.timeline.nowMs} ms: ${what}`
  }

  /** How long a frame takes. Now and then very long. */
  latencyMs(): number {
    const { latencyMs } = this.options
    return 1 + Math.floor(-Math.log(1 - this.random.fraction()) * latencyMs)
  }

  /** A client makes a socket. */
  dial(client: Client, socket: ClientSocket): void {
    const line = new Line(this, this.server, socket, () => client.isReading)
    socket.line = line
    this.#lines.set(client, [...this.linesOf(client), line])
    const isReachable = (): boolean => client.isOnline && !this.#partitioned.has(client)
    if (client.isOnline) line.connect(isReachable)
    else this.timeline.plan(client.actor, 1, () => socket.lost(1006, ""))
  }

  /** A client's lines, the newest last. */
  linesOf(client: Client): readonly Line[] {
    return (this.#lines.get(client) ?? []).filter((line) => !line.isOver)
  }

  anyLine(random: SeededRandom): Line | undefined {
    const lines = this.clients.flatMap((client) => this.linesOf(client))
    return lines.length === 0 ? undefined : random.pick(lines)
  }

  /** Nothing passes between a client and its server. */
  partition(client: Client): void {
    this.#partitioned.add(client)
    for (const line of this.linesOf(client)) line.partition()
  }

  /** It passes again. */
  heal(client: Client): void {
    this.#partitioned.delete(client)
    for (const line of this.linesOf(client)) line.heal()
  }

  /** The client may be read to again. */
  pump(client: Client): void {
    for (const line of this.linesOf(client)) line.pump()
  }

  /** The server's disk has no room, or has it again. */
  fillDisk(isFull: boolean): void {
    files.setFull(this.#folder, isFull)
    if (isFull) this.server.disk.failNext("fail")
  }

  /** A server has closed a client's line. */
  serverClosed(client: ClientSocket, code: number, reason: string): void {
    if (code === 1013) this.faults.strike("slow reader closed")
    // The line of a dead tab may be refused: its hello can come after a forger's with the same client id.
    const isPermanent = code >= 4400 && code < 4500 && !client.life.isOver
    if (isPermanent && client.offered.length > 0) this.fail(`${client.name} is closed for good: ${code} ${reason}`)
    if (code === 1011) this.fail(`${client.name} is closed: ${code} ${reason}`)
  }

  /** Everything that is broken is mended, and everybody is here. */
  healAll(): void {
    this.forger.go()
    this.fillDisk(false)
    this.server.disk.heal()
    this.server.start()
    for (const client of this.clients) {
      client.isReading = true
      this.heal(client)
      this.pump(client)
      client.open()
    }
    for (const client of this.natives) {
      client.device.heal()
      client.setOnline(true)
    }
  }

  /** The run is over. */
  end(): void {
    for (const client of this.natives) client.kill()
    for (const server of this.servers) server.forget()
  }
}
