import { randomClientId } from "@quire/base"
import { Provider, type Signal, type Status } from "@quire/provider"
import { Awareness } from "y-protocols/awareness"
import * as Y from "yjs"
import { Device } from "./device.js"
import { type Author, addBlock, edit } from "./edits.js"
import { Life } from "./life.js"
import { ClientSocket } from "./network.js"
import { tickInVirtualTime } from "./presence-ticker.js"
import { DOCUMENT } from "./server.js"
import { ActorClock } from "./timeline.js"
import type { Witness } from "./witness.js"
import type { World } from "./world.js"

interface Tab {
  readonly life: Life
  readonly ydoc: Y.Doc
  readonly awareness: Awareness
  readonly provider: Provider
  /** True once the device's copy was handed over, or there is none. */
  isLoaded: boolean
  /** Deletions made here and not called saved yet: client, clock, length. */
  readonly deletions: [number, number, number][]
  /** Tokens written here and not called saved yet. */
  tokens: string[]
  /** What the device's copy held of edits that no server had acknowledged: client, next clock. */
  fromDevice: readonly (readonly [number, number])[]
}

/** A device with at most one tab: the real provider with a real ydoc, over doubles of socket, store and surroundings. */
export class NativeClient {
  readonly name: string
  readonly actor: number
  readonly device: Device
  /** How far its wall clock is off. */
  skewMs = 0
  /** False while it does not read from its socket. */
  isReading = true
  readonly #world: World
  readonly #hasDevice: boolean
  /** What the server knows the person by; some are nobody in particular. */
  readonly #secret: string
  readonly #listeners = new Set<(signal: Signal) => void>()
  #isOnline = true
  #tab: Tab | undefined
  #blocks = 0

  constructor(world: World, actor: number, hasDevice: boolean) {
    this.#world = world
    this.actor = actor
    this.name = `native ${actor}`
    this.device = new Device(world)
    this.#hasDevice = hasDevice
    this.#secret = actor % 3 === 0 ? "" : `person ${actor}`
  }

  get isOnline(): boolean {
    return this.#isOnline
  }

  get isOpen(): boolean {
    return this.#tab !== undefined
  }

  /** True while the server has let the tab in and has not lost it. */
  get isJoined(): boolean {
    const life = this.#tab?.life
    return this.#world.linesOf(this).some((line) => line.isJoined && line.client.life === life)
  }

  get ydoc(): Y.Doc | undefined {
    return this.#tab?.ydoc
  }

  get status(): Status | undefined {
    return this.#tab?.provider.getStatus()
  }

  get awareness(): Awareness | undefined {
    return this.#tab?.awareness
  }

  /** Opens a tab, unless one is open. */
  open(): void {
    if (this.#tab !== undefined) return
    const life = new Life(this.actor, () => {
      this.#world.faults.strike("tab killed")
      this.kill()
    })
    const clock = new ActorClock(
      this.#world.timeline,
      this.actor,
      () => life.mayAct(),
      () => this.skewMs,
    )
    const { random, options } = this.#world
    const ydoc = new Y.Doc()
    ydoc.clientID = randomClientId(random)
    const awareness = new Awareness(ydoc)
    tickInVirtualTime(awareness, clock)
    const dial = (offered: readonly string[]): ClientSocket => this.#dial(life, offered)
    class Socket {
      constructor(_url: string, offered: readonly string[]) {
        // A constructor may give another object: the network makes the sockets.
        // biome-ignore lint/correctness/noConstructorReturn: it stands for `new WebSocket`
        return dial(offered)
      }
    }
    const tab: Tab = {
      life,
      ydoc,
      awareness,
      provider: new Provider({
        url: "ws://127.0.0.1:4400/sync",
        document: DOCUMENT,
        ydoc,
        awareness,
        token: this.#secret,
        schema: options.kind === "page" ? 1 : 0,
        WebSocket: Socket as unknown as new (url: string, offered: string[]) => ClientSocket,
        clock,
        random,
        environment: {
          isOnline: () => this.#isOnline,
          subscribe: (listener) => {
            this.#listeners.add(listener)
            return () => this.#listeners.delete(listener)
          },
        },
        channel: false,
        deviceCopy: this.#hasDevice ? this.device.copyFor(life, () => this.#loaded(tab)) : undefined,
      }),
      isLoaded: !this.#hasDevice,
      deletions: [],
      tokens: [],
      fromDevice: [],
    }
    this.#tab = tab
    ydoc.on("afterTransaction", (transaction: Y.Transaction) => this.#noteDeletions(tab, transaction))
    tab.provider.subscribe(() => this.#statusChanged(tab))
    this.#world.trace.note(`${this.name} opens as ${ydoc.clientID}`)
    tab.provider.open()
  }

  /** The tab dies. */
  kill(): void {
    const tab = this.#tab
    if (tab === undefined) return
    this.#world.trace.note(`${this.name} is killed`)
    this.#leave(tab)
    this.device.tabDied()
    for (const line of this.#world.linesOf(this)) line.clientDied()
  }

  /** The person closes the tab. */
  close(): void {
    const tab = this.#tab
    if (tab === undefined) return
    this.#world.trace.note(`${this.name} closes`)
    tab.provider.close()
    this.#leave(tab)
    this.device.tabDied()
    for (const line of this.#world.linesOf(this)) line.clientDied()
  }

  /** The device's network goes or comes, and the page hears of it. */
  setOnline(isOnline: boolean): void {
    if (isOnline === this.#isOnline) return
    this.#isOnline = isOnline
    if (!isOnline) for (const line of this.#world.linesOf(this)) line.cut("both")
    for (const listener of [...this.#listeners]) listener(isOnline ? "online" : "offline")
  }

  /** The person comes back to the tab. */
  look(): void {
    for (const listener of [...this.#listeners]) listener("visible")
  }

  /** One edit, if the page would let anybody edit now. */
  edit(random: World["random"]): void {
    this.#edit(random, edit)
  }

  /** One edit that surely writes something, if the page would let anybody edit now. */
  write(random: World["random"]): void {
    this.#edit(random, addBlock)
  }

  /** It changes what others see of it. */
  announce(value: number): void {
    this.#tab?.awareness.setLocalStateField("at", value)
  }

  #edit(random: World["random"], make: (author: Author) => void): void {
    const tab = this.#tab
    if (tab === undefined || tab.life.isOver) return
    if (this.#world.options.kind === "page" && !tab.provider.getStatus().isReadable) return
    make({
      ydoc: tab.ydoc,
      tokens: this.#world.tokens,
      random,
      nextBlock: () => `b${this.actor}.${++this.#blocks}`,
      wrote: (token) => tab.tokens.push(token),
    })
  }

  #dial(life: Life, offered: readonly string[]): ClientSocket {
    const socket = new ClientSocket(this.name, life, offered)
    this.#world.dial(this, socket)
    return socket
  }

  #leave(tab: Tab): void {
    tab.life.end()
    this.#tab = undefined
    this.#listeners.clear()
    tab.ydoc.destroy()
  }

  #loaded(tab: Tab): void {
    if (tab.life.isOver) return
    tab.isLoaded = true
    tab.fromDevice = this.device.waitingWriters.map((client) => [client, Y.getState(tab.ydoc.store, client)])
    this.#statusChanged(tab)
  }

  #noteDeletions(tab: Tab, transaction: Y.Transaction): void {
    if (transaction.origin === tab.provider) return
    for (const [client, items] of transaction.deleteSet.clients) {
      for (const { clock, len } of items) tab.deletions.push([client, clock, len])
    }
  }

  /** What the provider says of the edits must be so at that very moment. */
  #statusChanged(tab: Tab): void {
    if (tab.life.isOver) return
    const { save, connection } = tab.provider.getStatus()
    if (connection.kind === "refused")
      this.#world.fail(`${this.name} is refused: ${connection.code} ${connection.reason}`)
    if (!tab.isLoaded) return
    if (save.kind === "saved") {
      this.#checkHeld(tab, "saved", this.#world.server.witness)
      for (const [client, clock] of tab.fromDevice) {
        const known = this.#world.server.witness.clockOf(client)
        this.#world.check(known >= clock, () => `${this.name} is "saved", the server's disk lacks what the device kept`)
      }
      for (const token of tab.tokens) this.#world.tokens.acknowledge(token)
      tab.tokens = []
      tab.deletions.length = 0
      tab.fromDevice = []
    }
    if (save.kind === "on-device") this.#checkHeld(tab, "on this device", this.device.witness)
  }

  #checkHeld(tab: Tab, claim: string, disk: Witness): void {
    const { ydoc, deletions } = tab
    const own = Y.getState(ydoc.store, ydoc.clientID)
    const held = disk.clockOf(ydoc.clientID)
    this.#world.check(held >= own, () => `${this.name} is "${claim}" to clock ${own}, its disk holds ${held}`)
    for (const [client, clock, len] of deletions) {
      for (let at = clock; at < clock + len; at++) {
        this.#world.check(
          disk.isDeleted(client, at),
          () => `${this.name} is "${claim}", its disk lacks the deletion of ${client}:${at}`,
        )
      }
    }
  }
}
