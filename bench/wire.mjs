// The frames that the light clients send and read, in the three ways of speaking that the servers know. Frames are made
// once, before anything is measured. y-websocket's layout is that of y-protocols; Hocuspocus puts the document's name
// before it and wants a token first; quire.1 begins with a hello (packages/protocol has its numbers).

const SYNC = 0
const AWARENESS = 1
const HOCUSPOCUS_AUTH = 2
const QUIRE_HELLO = 100

const STEP_1 = 0
const STEP_2 = 1
const UPDATE = 2

/** Yjs, first byte of a struct: its kind, and what neighbours it names. */
const STRING_STRUCT = 4
const HAS_ORIGIN = 0x80
const HAS_RIGHT_ORIGIN = 0x40

const EMPTY_STATE_VECTOR = Buffer.of(0)
const EMPTY_UPDATE = Buffer.of(0, 0)

/**
 * How a client speaks to a server.
 * - `subprotocol`: what it asks for in the handshake, if anything.
 * - `opening`: what it sends as soon as the socket is open: it has nothing and asks for all.
 * - `update`, `emptyStep2`, `presence`: one message each.
 * - `read`: what came: `{ kind, update }`, where `update` is the content of a step 2 or update.
 */
export const DIALECTS = {
  plain: {
    subprotocol: undefined,
    opening: () => [step1()],
    update: (_name, bytes) => sync(UPDATE, bytes),
    emptyStep2: () => sync(STEP_2, EMPTY_UPDATE),
    presence: (_name, clientId, state) => presence(clientId, state),
    read: (payload) => readFrom(new Cursor(payload, 0)),
  },
  native: {
    subprotocol: "quire.1",
    opening: (_name, clientId) => [hello(clientId), step1()],
    update: (_name, bytes) => sync(UPDATE, bytes),
    emptyStep2: () => sync(STEP_2, EMPTY_UPDATE),
    presence: (_name, clientId, state) => presence(clientId, state),
    read: (payload) => readFrom(new Cursor(payload, 0)),
  },
  hocuspocus: {
    subprotocol: undefined,
    opening: (name) => [
      addressed(name, Buffer.concat([varUint(HOCUSPOCUS_AUTH), varUint(0), varString("token")])),
      addressed(name, step1()),
    ],
    update: (name, bytes) => addressed(name, sync(UPDATE, bytes)),
    emptyStep2: (name) => addressed(name, sync(STEP_2, EMPTY_UPDATE)),
    presence: (name, clientId, state) => addressed(name, presence(clientId, state)),
    read: (payload) => {
      const cursor = new Cursor(payload, 0)
      cursor.skip(cursor.varUint())
      return readFrom(cursor)
    },
  },
}

/**
 * The clocks that an update of typed letters brings.
 *
 * @param update one client's inserted text and nothing else, as `typeLetters` makes it; servers may have merged several.
 * @returns `{ start, end }`, `end` left out.
 * @throws when it is anything else.
 */
export function readTypedClocks(update) {
  const cursor = new Cursor(update, 0)
  const clients = cursor.varUint()
  const structs = cursor.varUint()
  cursor.varUint() // the client
  const start = cursor.varUint()
  let end = start
  for (let i = 0; i < structs; i++) {
    const struct = cursor.byte()
    if (clients !== 1 || (struct & 0x1f) !== STRING_STRUCT) throw new Error("an update is not typed text")
    if ((struct & HAS_ORIGIN) !== 0) skipId(cursor)
    if ((struct & HAS_RIGHT_ORIGIN) !== 0) skipId(cursor)
    if ((struct & (HAS_ORIGIN | HAS_RIGHT_ORIGIN)) === 0) {
      // No neighbour, so the parent is named: here always the root type.
      cursor.byte()
      cursor.skip(cursor.varUint())
    }
    const letters = cursor.varUint()
    cursor.skip(letters)
    end += letters
  }
  return { start, end }
}

function step1() {
  return sync(STEP_1, EMPTY_STATE_VECTOR)
}

function sync(kind, bytes) {
  return Buffer.concat([varUint(SYNC), varUint(kind), varUint(bytes.length), bytes])
}

function hello(clientId) {
  const noSchema = 0
  const noResume = 0
  return Buffer.concat([varUint(QUIRE_HELLO), varUint(clientId), varUint(noSchema), varString(""), varUint(noResume)])
}

function presence(clientId, state) {
  const entries = Buffer.concat([varUint(1), varUint(clientId), varUint(1), varString(state)])
  return Buffer.concat([varUint(AWARENESS), varUint(entries.length), entries])
}

function addressed(name, message) {
  return Buffer.concat([varString(name), message])
}

function readFrom(cursor) {
  if (cursor.varUint() !== SYNC) return { kind: "other", update: undefined }
  const kind = cursor.varUint()
  if (kind === STEP_1) return { kind: "step1", update: undefined }
  return { kind: kind === STEP_2 ? "step2" : "update", update: cursor.bytes(cursor.varUint()) }
}

function skipId(cursor) {
  cursor.varUint()
  cursor.varUint()
}

function varString(text) {
  const bytes = Buffer.from(text)
  return Buffer.concat([varUint(bytes.length), bytes])
}

function varUint(value) {
  const bytes = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push(128 | (rest % 128))
  return Buffer.of(...bytes, rest)
}

/** Reads lib0's encoding. What it reads came from a server that is measured, not attacked: nothing is checked. */
class Cursor {
  #bytes
  #at

  constructor(bytes, at) {
    this.#bytes = bytes
    this.#at = at
  }

  byte() {
    return this.#bytes[this.#at++]
  }

  varUint() {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte()
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }

  bytes(length) {
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  skip(length) {
    this.#at += length
  }
}
