import { randomClientId } from "@quire/base"
import { decodeServerMessage, encodeMessage, type PlainMessage, type ServerMessage } from "@quire/protocol"
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate, removeAwarenessStates } from "y-protocols/awareness"
import * as Y from "yjs"
import { edit } from "./edits.js"
import { Life } from "./life.js"
import { ClientSocket } from "./network.js"
import { tickInVirtualTime } from "./presence-ticker.js"
import { ActorClock } from "./timeline.js"
import type { World } from "./world.js"

/** As y-websocket: the wait doubles from the first to the longest; a line without a frame for so long is given up. */
const RECONNECT_FIRST_MS = 100
const RECONNECT_LONGEST_MS = 2_500
const SILENCE_MS = 30_000

interface Page {
  readonly life: Life
  readonly clock: ActorClock
  readonly ydoc: Y.Doc
  readonly awareness: Awareness
  socket: ClientSocket | undefined
  isSynced: boolean
  failures: number
  heardMs: number
}

/** A stock client: y-websocket's behaviour with a real ydoc. It knows nothing of acknowledgements. */
export class PlainClient {
  readonly name: string
  readonly actor: number
  isReading = true
  readonly isOnline = true
  readonly #world: World
  #page: Page | undefined
  #blocks = 0

  constructor(world: World, actor: number) {
    this.#world = world
    this.actor = actor
    this.name = `plain ${actor}`
  }

  get ydoc(): Y.Doc | undefined {
    return this.#page?.ydoc
  }

  get awareness(): Awareness | undefined {
    return this.#page?.awareness
  }

  get isSynced(): boolean {
    return this.#page?.isSynced === true
  }

  /** Loads the page. */
  open(): void {
    if (this.#page !== undefined) return
    const life = new Life(this.actor, () => undefined)
    const clock = new ActorClock(
      this.#world.timeline,
      this.actor,
      () => !life.isOver,
      () => 0,
    )
    const ydoc = new Y.Doc()
    ydoc.clientID = randomClientId(this.#world.random)
    const awareness = new Awareness(ydoc)
    tickInVirtualTime(awareness, clock)
    const page: Page = { life, clock, ydoc, awareness, socket: undefined, isSynced: false, failures: 0, heardMs: 0 }
    this.#page = page
    ydoc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin !== this) this.#say(page, { type: "update", update })
    })
    awareness.on("update", ({ added, updated, removed }: Readonly<Record<string, number[]>>) => {
      const entries = encodeAwarenessUpdate(awareness, [...(added ?? []), ...(updated ?? []), ...(removed ?? [])])
      this.#say(page, { type: "presence", entries })
    })
    const watch = (): void => {
      if (page.isSynced && clock.elapsed() - page.heardMs > SILENCE_MS) this.#dropLine(page)
      clock.schedule(3_000, watch)
    }
    watch()
    this.#connect(page)
  }

  /** Loads the page anew: what was only here is gone. */
  reload(): void {
    const page = this.#page
    if (page === undefined) return
    page.life.end()
    page.ydoc.destroy()
    this.#page = undefined
    for (const line of this.#world.linesOf(this)) line.clientDied()
    this.open()
  }

  /** One edit, where plain clients may write. */
  edit(random: World["random"]): void {
    const page = this.#page
    if (page === undefined || this.#world.options.kind === "page") return
    edit({
      ydoc: page.ydoc,
      tokens: this.#world.tokens,
      random,
      nextBlock: () => `b${this.actor}.${++this.#blocks}`,
      wrote: () => undefined,
    })
  }

  /** It sends all it has once more, as clients do that were told of an event twice. */
  resend(): boolean {
    const page = this.#page
    if (page === undefined || !page.isSynced || this.#world.options.kind === "page") return false
    this.#say(page, { type: "update", update: Y.encodeStateAsUpdate(page.ydoc) })
    return true
  }

  #connect(page: Page): void {
    const socket = new ClientSocket(this.name, page.life, [])
    page.socket = socket
    socket.onopen = () => {
      page.heardMs = page.clock.elapsed()
      this.#say(page, { type: "step1", stateVector: Y.encodeStateVector(page.ydoc) })
      const own = [page.awareness.clientID]
      this.#say(page, { type: "presence", entries: encodeAwarenessUpdate(page.awareness, own) })
    }
    socket.onmessage = ({ data }) => {
      page.heardMs = page.clock.elapsed()
      if (data instanceof ArrayBuffer) this.#receive(page, decodeServerMessage(new Uint8Array(data)))
    }
    socket.onclose = ({ code }) => this.#lost(page, socket, code)
    this.#world.dial(this, socket)
    page.clock.schedule(20_000, () => {
      if (page.socket === socket && socket.isConnecting) this.#dropLine(page)
    })
  }

  #dropLine(page: Page): void {
    const { socket } = page
    if (socket === undefined) return
    socket.close()
    this.#lost(page, socket, 1006)
  }

  #lost(page: Page, socket: ClientSocket, code: number): void {
    if (page.socket !== socket || page.life.isOver) return
    page.socket = undefined
    page.isSynced = false
    const others = [...page.awareness.getStates().keys()].filter((client) => client !== page.awareness.clientID)
    removeAwarenessStates(page.awareness, others, this)
    // A server that will not hear of what is here: a person reloads the page.
    if (code >= 4400 && code < 4500) return this.reload()
    const delayMs = Math.min(RECONNECT_LONGEST_MS, RECONNECT_FIRST_MS * 2 ** page.failures++)
    page.clock.schedule(delayMs, () => {
      if (page.socket === undefined) this.#connect(page)
    })
  }

  #say(page: Page, message: PlainMessage): void {
    if (page.socket?.isOpen) page.socket.send(encodeMessage(message))
  }

  #receive(page: Page, message: ServerMessage | undefined): void {
    switch (message?.type) {
      case "step1":
        return this.#say(page, { type: "step2", update: Y.encodeStateAsUpdate(page.ydoc, message.stateVector) })
      case "step2":
        page.isSynced = true
        page.failures = 0
        return Y.applyUpdate(page.ydoc, message.update, this)
      case "update":
        return Y.applyUpdate(page.ydoc, message.update, this)
      case "presence":
        return applyAwarenessUpdate(page.awareness, message.entries, this)
      case "query-presence": {
        const everybody = [...page.awareness.getStates().keys()]
        return this.#say(page, { type: "presence", entries: encodeAwarenessUpdate(page.awareness, everybody) })
      }
      default:
        return
    }
  }
}
