// One client in one document, without a ydoc: it says what a y-websocket client says on opening, answers the server's
// step 1 with what it was given to answer ("nothing" by default), and counts or keeps what it is sent.
import { clientFrame, LightSocket } from "./light-socket.mjs"

const CONNECTING_AT_ONCE = 50
const GIVE_UP_MS = 60_000

/** A client that has joined a document. `join` makes one. */
export class Participant {
  /** Contents of the step 2s and updates received, in order, if it was asked to keep them. */
  contents = []
  /** True if the first step 2 left the client without part of the document, though step 2 means "synced". */
  wasSyncedEarly = false
  /** Bytes of content received. */
  receivedBytes = 0
  /** Native: where its copy ends, once "durable" has come. */
  resume
  #contestant
  #name
  #options
  #socket
  #epoch
  #isSynced = false
  #whole = deferred()

  constructor(contestant, name, options) {
    this.#contestant = contestant
    this.#name = name
    this.#options = options
  }

  async open(port, clientId) {
    const { dialect, path } = this.#contestant
    this.#socket = new LightSocket({
      port,
      path: path(this.#name),
      subprotocol: dialect.subprotocol,
      onMessage: (payload) => this.#receive(payload),
    })
    await this.#socket.opened
    const opening = dialect.opening(this.#name, clientId, this.#options.copy)
    this.#socket.send(Buffer.concat(opening.map((payload) => clientFrame(payload))))
  }

  /** Resolves when a step 2 has come and, with it, before it or after it, the whole document. */
  whenWhole() {
    return within(this.#whole.promise, () => this.#socket.lost ?? `${this.receivedBytes} bytes of ${this.#name} came`)
  }

  /** Sends frames made by `clientFrame`. */
  send(frame) {
    this.#socket.send(frame)
  }

  /** Resolves once the socket is gone. */
  close() {
    return this.#socket.close()
  }

  /** @throws if the server has ended the connection. */
  assertOpen() {
    if (this.#socket.lost !== undefined) throw new Error(`a client of ${this.#name} was lost: ${this.#socket.lost}`)
  }

  #receive(payload) {
    const { onUpdate, onPresence, onAcknowledge } = this.#options
    const message = this.#contestant.dialect.read(payload)
    switch (message.kind) {
      case "step1":
        return this.#answer()
      case "step2":
      case "update":
        if (onUpdate !== undefined && message.kind === "update") return onUpdate(message.update)
        return this.#take(message)
      case "presence":
        return onPresence?.(message.entries)
      case "acknowledge":
        return onAcknowledge?.(message.through)
      case "welcome":
        this.#epoch = message.epoch
        return
      case "durable":
        this.resume = { epoch: this.#epoch, sequence: message.sequence, checksum: message.checksum }
    }
  }

  #answer() {
    this.send(clientFrame(this.#contestant.dialect.step2(this.#name, this.#options.copy?.answer)))
  }

  #take({ kind, update }) {
    const { expectedBytes = 0 } = this.#options
    this.receivedBytes += update.length
    if (expectedBytes > 0) this.contents.push(Buffer.from(update))
    const isWhole = this.receivedBytes >= expectedBytes
    if (kind === "step2" && !this.#isSynced) {
      this.#isSynced = true
      this.wasSyncedEarly = !isWhole
    }
    if (isWhole && this.#isSynced) this.#whole.resolve()
  }
}

/**
 * Joins a document.
 *
 * @param contestant who is measured; see `contestants.mjs`.
 * @param options.expectedBytes how much content makes the document whole, at least; 0 keeps nothing.
 * @param options.copy what the client has already: `stateVector`, `resume` (native), and `answer`, its step 2.
 * @param options.onUpdate called with the content of each update, instead of keeping it.
 * @param options.onPresence called with the entries of each presence message.
 * @param options.onAcknowledge native: called with the number of content messages that are on disk. The answer to the
 *   server's step 1 counts as one.
 */
export async function join(contestant, server, { name, clientId, ...options }) {
  const participant = new Participant(contestant, name, options)
  await participant.open(server.port, clientId)
  return participant
}

/** Makes many, some at a time, in order. */
export async function many(count, make) {
  const made = new Array(count)
  let next = 0
  const worker = async () => {
    while (next < count) {
      const index = next++
      made[index] = await make(index)
    }
  }
  await Promise.all(Array.from({ length: Math.min(CONNECTING_AT_ONCE, count) }, worker))
  return made
}

/** Everybody leaves; resolves once all sockets are gone. @throws if the server had ended one of them before. */
export async function leave(participants) {
  for (const participant of participants) participant.assertOpen()
  await Promise.all(participants.map((participant) => participant.close()))
}

/** @throws with what `describe` says if the promise takes unreasonably long. */
export async function within(promise, describe, limitMs = GIVE_UP_MS) {
  let timer
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`gave up after ${limitMs / 1_000} s: ${describe()}`)), limitMs)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** A promise, and what resolves and rejects it. */
export function deferred() {
  let resolve
  let reject
  const promise = new Promise((resolvePromise, rejectPromise) => {
    resolve = resolvePromise
    reject = rejectPromise
  })
  return { promise, resolve, reject }
}
