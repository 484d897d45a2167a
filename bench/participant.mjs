// One client in one document, without a document: it says what a y-websocket client says on opening, answers the
// server's step 1 with "nothing", and counts or keeps what it is sent.
import { clientFrame, LightSocket } from "./light-socket.mjs"

const CONNECTING_AT_ONCE = 50
const GIVE_UP_MS = 60_000

/** A client that has joined a document. `join` makes one. */
export class Participant {
  /** Contents of the step 2s and updates received, in order, if it was asked to keep them. */
  contents = []
  /** True if the first step 2 left the client without part of the document, though step 2 means "synced". */
  wasSyncedEarly = false
  #contestant
  #name
  #socket
  #expectedBytes
  #onUpdate
  #isSynced = false
  #receivedBytes = 0
  #whole = deferred()

  constructor(contestant, name, { expectedBytes, onUpdate }) {
    this.#contestant = contestant
    this.#name = name
    this.#expectedBytes = expectedBytes
    this.#onUpdate = onUpdate
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
    this.#socket.send(Buffer.concat(dialect.opening(this.#name, clientId).map((payload) => clientFrame(payload))))
  }

  /** Resolves when a step 2 has come and, with it, before it or after it, the whole document. */
  whenWhole() {
    return within(this.#whole.promise, () => this.#socket.lost ?? `${this.#receivedBytes} bytes of ${this.#name} came`)
  }

  /** Sends a frame made by `clientFrame`. */
  send(frame) {
    this.#socket.send(frame)
  }

  close() {
    this.#socket.close()
  }

  /** @throws if the server has ended the connection. */
  assertOpen() {
    if (this.#socket.lost !== undefined) throw new Error(`a client of ${this.#name} was lost: ${this.#socket.lost}`)
  }

  #receive(payload) {
    const { dialect } = this.#contestant
    const { kind, update } = dialect.read(payload)
    if (kind === "other") return
    if (kind === "step1") return this.send(clientFrame(dialect.emptyStep2(this.#name)))
    if (this.#onUpdate !== undefined && kind === "update") return this.#onUpdate(update)
    this.#receivedBytes += update.length
    if (this.#expectedBytes > 0) this.contents.push(Buffer.from(update))
    const isWhole = this.#receivedBytes >= this.#expectedBytes
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
 * @param options.onUpdate called with the content of each update, instead of keeping it.
 */
export async function join(contestant, server, { name, clientId, expectedBytes = 0, onUpdate }) {
  const participant = new Participant(contestant, name, { expectedBytes, onUpdate })
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

/** @throws with what `describe` says if the promise takes unreasonably long. */
export async function within(promise, describe) {
  let timer
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`gave up after ${GIVE_UP_MS / 1_000} s: ${describe()}`)), GIVE_UP_MS)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

function deferred() {
  let resolve
  const promise = new Promise((resolvePromise) => {
    resolve = resolvePromise
  })
  return { promise, resolve }
}
