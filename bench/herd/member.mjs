// One of a herd: a native client without a ydoc, which behaves as the provider does. It joins, says who it is, keeps
// count of the clocks it has been sent, types letters if it is a writer (also while it is away), comes back by the
// provider's own rule when it is cut off, with its resume token, and sends again what the server does not have.
import {
  decodeCloseReason,
  decodeServerMessage,
  decodeStateVector,
  EMPTY_UPDATE,
  encodeMessage,
  encodePresence,
  encodeStateVector,
  SUBPROTOCOL,
  walkUpdate,
} from "@quire/protocol"
import { backoffMs } from "../../packages/provider/dist/backoff.js"
import { clientFrame, LightSocket } from "../light-socket.mjs"
import { letterUpdate } from "./letters.mjs"

/** Where a member stands. `away` between two attempts, `in` once it has been told everything. */
export class Member {
  state = "away"
  /** Why connections of this member ended, in order: "refused", "cut", or a close code. */
  endings = []
  /** Hints of the server when to come back, in milliseconds, in order. */
  hints = []
  /** Letters that it has typed, and those that are on the server's disk. */
  typed = 0
  saved = 0
  /** Something that must never happen. */
  faults = []
  /** Client id → the next clock expected. */
  vector = new Map()
  #setting
  #socket
  #token
  #attempt = 0
  #epoch = ""
  /** Clocks that came before those in front of them. */
  #early = []
  #contents = []
  #timer

  /** @param setting `{ port, document, clientId, isWriter, onState, random }` */
  constructor(setting) {
    this.#setting = setting
  }

  open() {
    this.#setState("connecting")
    const { port, document, clientId } = this.#setting
    this.#contents = []
    this.#early = []
    const socket = new LightSocket({
      port,
      path: `/sync/${document}`,
      subprotocol: SUBPROTOCOL,
      onMessage: (bytes) => this.#receive(socket, bytes),
      onLost: (reason) => this.#lose(socket, reason),
    })
    this.#socket = socket
    socket.opened.then(
      () => {
        this.#say({ type: "hello", clientId, schema: 0, resume: this.#token, token: "" })
        this.#say({ type: "step1", stateVector: encodeStateVector(this.vector) })
      },
      () => undefined, // onLost has said it
    )
  }

  /** Types one letter. */
  type() {
    this.typed++
    this.vector.set(this.#setting.clientId, this.typed)
    if (this.state === "in") this.#sendLetter(this.typed - 1)
  }

  close() {
    clearTimeout(this.#timer)
    this.#setState("closed")
    this.#socket?.close()
  }

  #receive(socket, bytes) {
    if (socket !== this.#socket) return
    const message = decodeServerMessage(bytes)
    switch (message?.type) {
      case "welcome":
        this.#epoch = message.epoch
        return
      case "durable":
        this.#token = { epoch: this.#epoch, sequence: message.sequence, checksum: message.checksum }
        return
      case "acknowledge":
        for (const [number, letter] of this.#contents.entries()) {
          if (number < message.through && letter !== undefined) this.saved = Math.max(this.saved, letter + 1)
        }
        return
      case "step1":
        return this.#handOver(decodeStateVector(message.stateVector))
      case "update":
        return this.#learn(message.update)
      case "step2":
        this.#learn(message.update)
        return this.#arrive()
      default:
    }
  }

  /** What the server lacks of this member's own; the others' is handed over by the others. */
  #handOver(vector) {
    const { clientId } = this.#setting
    for (let letter = vector.get(clientId) ?? 0; letter < this.typed; letter++) this.#sendLetter(letter)
    this.#sendContent({ type: "step2", update: EMPTY_UPDATE }, undefined)
  }

  #arrive() {
    if (this.state !== "connecting") return
    this.#attempt = 0
    this.#expectNoGap()
    this.#setState("in")
    const entries = encodePresence([{ client: this.#setting.clientId, clock: this.endings.length + 1, state: "{}" }])
    this.#say({ type: "presence", entries })
  }

  /**
   * Takes in what came. Before it is in, later letters may come before earlier ones (what was taken in while an answer was
   * prepared goes first); a ydoc would keep them, and so does this. Afterwards there is never a gap.
   */
  #learn(update) {
    this.#early.push(...walkUpdate(update).structs)
    for (let isMoving = true; isMoving; ) {
      const ready = this.#early.filter(({ client, start }) => start <= (this.vector.get(client) ?? 0))
      this.#early = this.#early.filter((range) => !ready.includes(range))
      for (const { client, end } of ready) this.vector.set(client, Math.max(end, this.vector.get(client) ?? 0))
      isMoving = ready.length > 0
    }
    if (this.state === "in") this.#expectNoGap()
  }

  #expectNoGap() {
    for (const { client, start } of this.#early) {
      this.faults.push(`clocks ${this.vector.get(client) ?? 0} to ${start} of ${client} never came`)
    }
    this.#early = []
  }

  #sendLetter(letter) {
    this.#sendContent({ type: "update", update: letterUpdate(this.#setting.clientId, letter) }, letter)
  }

  #sendContent(message, letter) {
    this.#contents.push(letter)
    this.#say(message)
  }

  #say(message) {
    this.#socket.send(clientFrame(encodeMessage(message)))
  }

  #lose(socket, reason) {
    if (socket !== this.#socket || this.state === "closed" || this.state === "away") return
    const close = /^closed with (\d+) (.*)$/s.exec(reason)
    const hintMs = close === null ? undefined : decodeCloseReason(close[2]).retryMs
    this.endings.push({
      how: close?.[1] ?? (/ECONNREFUSED/.test(reason) ? "refused" : "cut"),
      wasIn: this.state === "in",
    })
    if (hintMs !== undefined) this.hints.push(hintMs)
    this.#setState("away")
    socket.close()
    this.#attempt++
    this.#timer = setTimeout(() => this.open(), backoffMs(this.#attempt, Math.random(), hintMs))
  }

  #setState(state) {
    const before = this.state
    this.state = state
    this.#setting.onState(before, state)
  }
}
