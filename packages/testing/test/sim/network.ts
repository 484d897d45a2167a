import { decodeClientMessage, decodeServerMessage, EMPTY_UPDATE, LIMITS } from "@quire/protocol"
import type { SocketLike } from "@quire/provider"
import type { Connection, Link, Parcel } from "@quire/sync"
import * as Y from "yjs"
import type { Life } from "./life.js"
import type { Server } from "./server.js"
import type { World } from "./world.js"

/** Bytes that the platforms' own buffers take from a server for a peer that does not read. */
const KERNEL_BYTES = 200

type Item =
  | { readonly kind: "frame"; readonly bytes: Uint8Array }
  | { readonly kind: "close"; readonly code: number; readonly reason: string }

/** How a line breaks. WebSocket is in order and reliable until then, so nothing less than the line itself can. */
export type Cut = "both" | "server hears the past" | "client learns late"

/** One direction of a line: in order, each frame after some time, nothing while it is held. */
class Pipe {
  readonly #world: World
  readonly #actor: number
  readonly #take: (item: Item) => void
  #items: { readonly item: Item; readonly dueMs: number }[] = []
  #lastDueMs = 0
  #isPlanned = false
  #isEnded = false
  readonly #isHeld: () => boolean

  constructor(world: World, actor: number, isHeld: () => boolean, take: (item: Item) => void) {
    this.#world = world
    this.#actor = actor
    this.#isHeld = isHeld
    this.#take = take
  }

  get queuedBytes(): number {
    let sum = 0
    for (const { item } of this.#items) if (item.kind === "frame") sum += item.bytes.length
    return sum
  }

  get isEmpty(): boolean {
    return this.#items.length === 0
  }

  /** Takes nothing more; what is under way arrives. */
  end(): void {
    this.#isEnded = true
  }

  push(item: Item): void {
    if (this.#isEnded) return
    const { timeline } = this.#world
    this.#lastDueMs = Math.max(this.#lastDueMs, timeline.nowMs + this.#world.latencyMs())
    this.#items.push({ item, dueMs: this.#lastDueMs })
    this.pump()
  }

  clear(): void {
    this.#items = []
  }

  /** Delivers what is due, one frame an event. */
  pump(): void {
    const first = this.#items[0]
    if (first === undefined || this.#isPlanned || this.#isHeld()) return
    this.#isPlanned = true
    this.#world.timeline.plan(this.#actor, first.dueMs - this.#world.timeline.nowMs, () => {
      this.#isPlanned = false
      if (this.#isHeld()) return
      const next = this.#items.shift()
      if (next !== undefined) this.#take(next.item)
      this.pump()
    })
  }
}

/** A line between one client and one server, from the attempt to connect to its end on both sides. */
export class Line {
  readonly #world: World
  readonly #server: Server
  readonly client: ClientSocket
  readonly #up: Pipe
  readonly #down: Pipe
  #connection: Connection | undefined
  #life: Life | undefined
  #isPaused = false
  #isPartitioned = false
  #isClientGone = false
  #isServerGone = false
  /** The server has closed its end: a link does nothing after that. */
  #isClosing = false
  #hadQueue = false
  #isWelcome = false
  /** Content messages of a native client, by their number on this line, 1 first. */
  readonly #content: Uint8Array[] = []
  #acknowledged = 0

  constructor(world: World, server: Server, client: ClientSocket, isReading: () => boolean) {
    this.#world = world
    this.#server = server
    this.client = client
    this.#up = new Pipe(
      world,
      server.actor,
      () => this.#isPartitioned || this.#isPaused,
      (item) => this.#atServer(item),
    )
    this.#down = new Pipe(
      world,
      client.life.actor,
      () => this.#isPartitioned || client.isConnecting || !isReading(),
      (item) => this.#atClient(item),
    )
  }

  /** Neither side holds it any more. */
  get isOver(): boolean {
    return this.#isClientGone && this.#isServerGone
  }

  /** True while the server holds it and has let its client in. */
  get isJoined(): boolean {
    return this.#isWelcome && !this.#isServerGone && !this.#isClosing
  }

  /** The client asks for a connection. */
  connect(isReachable: () => boolean): void {
    const { timeline } = this.#world
    timeline.plan(this.#server.actor, this.#world.latencyMs(), () => {
      if (this.#isClientGone) {
        this.#isServerGone = true
        return
      }
      if (!isReachable()) return // a lost packet: the client waits for nothing
      const accepted = this.#server.accept(this, this.client.offered.length > 0)
      if (accepted === undefined) {
        this.#isServerGone = true
        return this.#loseClient(1006)
      }
      this.#connection = accepted.connection
      this.#life = accepted.life
      timeline.plan(this.client.life.actor, this.#world.latencyMs(), () => {
        if (!this.#isClientGone) this.client.opened()
        this.#down.pump()
      })
    })
  }

  /** The client says something. */
  say(bytes: Uint8Array): void {
    if (this.#isClientGone) return
    this.#world.check(bytes.length <= LIMITS.frameBytes, () => `a client's frame of ${bytes.length} bytes`)
    this.#world.trace.bytes(`${this.client.name} says`, bytes, () => words(this.#world, bytes, false))
    if (bytes[0] === 0 && (bytes[1] === 1 || bytes[1] === 2)) this.#content.push(updateIn(bytes))
    this.#up.push({ kind: "frame", bytes: bytes.slice() })
  }

  /** The client closes its end. */
  leave(): void {
    if (this.#isClientGone) return
    this.#isClientGone = true
    this.#down.clear()
    this.#up.push({ kind: "close", code: 1000, reason: "" })
  }

  /** The server's end of it. */
  link(life: Life): Link {
    return {
      send: (parcel: Parcel) => {
        if (this.#isServerGone || this.#isClosing || !life.mayAct()) return
        for (const bytes of parcel.messages) this.#serverSays(bytes)
      },
      queuedBytes: () => {
        const { queuedBytes } = this.#down
        if (queuedBytes > KERNEL_BYTES) this.#hadQueue = true
        return Math.max(0, queuedBytes - KERNEL_BYTES)
      },
      pause: () => {
        this.#isPaused = true
      },
      resume: () => {
        this.#isPaused = false
        this.#up.pump()
      },
      close: (code, reason) => {
        if (this.#isServerGone || this.#isClosing || !life.mayAct()) return
        this.#isClosing = true
        this.#world.trace.note(`${this.client.name} is closed: ${code} ${reason}`)
        this.#world.check(Buffer.byteLength(reason) <= 1_000, () => `a close reason of ${reason.length} units`)
        this.#world.serverClosed(this.client, code, reason)
        this.#isPaused = false
        this.#up.pump()
        this.#down.push({ kind: "close", code, reason })
        // A peer that does not answer the closing handshake is cut.
        this.#world.timeline.plan(this.#server.actor, 2_000, () => this.#loseServer())
      },
    }
  }

  /** The line breaks. */
  cut(how: Cut): void {
    const { random, timeline } = this.#world
    this.#up.end()
    this.#down.end()
    if (how !== "server hears the past") this.#up.clear()
    if (how !== "client learns late") this.#down.clear()
    const soonMs = random.below(20)
    const lateMs = 200 + random.below(20_000)
    const clientMs = how === "client learns late" ? lateMs : soonMs
    const serverMs = how === "server hears the past" ? lateMs : soonMs
    timeline.plan(this.client.life.actor, clientMs, () => this.#loseClient(1006))
    timeline.plan(this.#server.actor, serverMs, () => this.#loseServer())
  }

  /** Nothing passes, in either direction, and nobody is told. */
  partition(): void {
    this.#isPartitioned = true
  }

  /** It passes again. */
  heal(): void {
    this.#isPartitioned = false
    this.pump()
  }

  /** Something may pass that could not: the client reads again. */
  pump(): void {
    this.#up.pump()
    this.#down.pump()
  }

  /** The server's process is gone: what it had sent arrives or does not. */
  serverDied(): void {
    if (this.#isServerGone) return
    this.#isServerGone = true
    this.#up.clear()
    if (this.#world.random.fraction() < 0.5) this.#down.clear()
    this.#down.push({ kind: "close", code: 1006, reason: "" })
  }

  /** The client's tab is gone: what it had sent arrives or does not. */
  clientDied(): void {
    if (this.#isClientGone) return
    this.#isClientGone = true
    this.#down.clear()
    if (this.#world.random.fraction() < 0.5) this.#up.clear()
    this.#up.push({ kind: "close", code: 1006, reason: "" })
  }

  /** The server pings: a peer that has been out of reach for long is given up. */
  giveUpIfSilent(): void {
    if (this.#isPartitioned) this.#loseServer()
  }

  #serverSays(bytes: Uint8Array): void {
    this.#world.check(bytes.length <= LIMITS.frameBytes, () => `a server's frame of ${bytes.length} bytes`)
    this.#world.trace.bytes(`${this.client.name} is told`, bytes, () => words(this.#world, bytes, true))
    if ((bytes[0] ?? 0) >= 100) this.#checkPromise(bytes)
    this.#down.push({ kind: "frame", bytes: bytes.slice() })
  }

  /** What the server promises must be on its disk at that moment. */
  #checkPromise(bytes: Uint8Array): void {
    const message = decodeServerMessage(bytes)
    if (message?.type === "welcome") this.#isWelcome = true
    if (message?.type === "acknowledge") {
      for (; this.#acknowledged < message.through; this.#acknowledged++) {
        const number = this.#acknowledged + 1
        const update = this.#content[this.#acknowledged]
        const lack = update === undefined ? "it was never sent" : this.#server.witness.lacks(update)
        this.#world.check(
          lack === undefined,
          () => `${this.client.name}: message ${number} was acknowledged, but the disk lacks ${lack}`,
        )
      }
    }
    if (message?.type === "durable") {
      this.#world.check(
        message.sequence <= this.#server.durableSequence,
        () => `${message.sequence} was called durable, the disk ends at ${this.#server.durableSequence}`,
      )
    }
  }

  #atServer(item: Item): void {
    if (this.#isServerGone) return
    if (item.kind === "close") return this.#loseServer()
    if (this.#life?.isOver === false) this.#connection?.receive(item.bytes)
  }

  #atClient(item: Item): void {
    if (item.kind === "close") {
      this.#loseClient(item.code, item.reason)
      this.#world.timeline.plan(this.#server.actor, this.#world.latencyMs(), () => this.#loseServer())
      return
    }
    if (!this.#isClientGone) this.client.received(item.bytes)
    if (this.#hadQueue && this.#down.isEmpty) {
      this.#hadQueue = false
      if (!this.#isServerGone && this.#life?.isOver === false) this.#connection?.drained()
    }
  }

  #loseClient(code: number, reason = ""): void {
    if (this.#isClientGone) return
    this.#isClientGone = true
    this.#down.clear()
    this.client.lost(code, reason)
  }

  #loseServer(): void {
    if (this.#isServerGone) return
    this.#isServerGone = true
    this.#up.clear()
    if (this.#life?.isOver === false) this.#connection?.closed()
    if (this.#connection === undefined) return
    this.#down.push({ kind: "close", code: 1006, reason: "" })
  }
}

/** A client's socket: what `new WebSocket` gives. */
export class ClientSocket implements SocketLike {
  readonly name: string
  readonly offered: readonly string[]
  readonly life: Life
  binaryType = ""
  protocol = ""
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number; reason: string }) => void) | null = null
  onerror: (() => void) | null = null
  line: Line | undefined
  #state: "connecting" | "open" | "closed" = "connecting"

  constructor(name: string, life: Life, offered: readonly string[]) {
    this.name = name
    this.life = life
    this.offered = offered
  }

  send(frame: Uint8Array): void {
    if (this.life.mayAct()) this.line?.say(frame)
  }

  get isConnecting(): boolean {
    return this.#state === "connecting"
  }

  get isOpen(): boolean {
    return this.#state === "open"
  }

  close(): void {
    this.#state = "closed"
    if (!this.life.isOver) this.line?.leave()
  }

  opened(): void {
    this.#state = "open"
    this.protocol = this.offered[0] ?? ""
    if (!this.life.isOver) this.onopen?.()
  }

  received(bytes: Uint8Array): void {
    if (!this.life.isOver) this.onmessage?.({ data: bytes.slice().buffer })
  }

  lost(code: number, reason: string): void {
    this.#state = "closed"
    if (!this.life.isOver) this.onclose?.({ code, reason })
  }
}

function updateIn(frame: Uint8Array): Uint8Array {
  const message = decodeServerMessage(frame)
  return message?.type === "step2" || message?.type === "update" ? message.update : EMPTY_UPDATE
}

/** A frame for people. */
function words({ timeline }: World, bytes: Uint8Array, isFromServer: boolean): string {
  const message = isFromServer ? decodeServerMessage(bytes) : decodeClientMessage(bytes, "native")
  const what = JSON.stringify(message, (_, value: unknown) => (value instanceof Uint8Array ? contents(value) : value))
  return `at ${timeline.nowMs} ms ${what}`
}

function contents(bytes: Uint8Array): string {
  try {
    const { structs, ds } = Y.decodeUpdate(bytes)
    const ranges = structs.map((struct) => `${struct.id.client % 1_000}:${struct.id.clock}+${struct.length}`)
    const deleted = [...ds.clients].flatMap(([client, items]) =>
      items.map(({ clock, len }) => `-${client % 1_000}:${clock}+${len}`),
    )
    return [...ranges, ...deleted].join(" ")
  } catch {
    return Buffer.from(bytes).toString("hex").slice(0, 60)
  }
}
