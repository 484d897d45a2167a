// The frames that the light clients send and read, in the three ways of speaking that the servers know. Frames are made
// once, before anything is measured. y-websocket's layout is that of y-protocols; Hocuspocus puts the document's name
// before it and wants a token first; quire.1 begins with a hello (packages/protocol has its numbers).
import { Cursor } from "./cursor.mjs"

const SYNC = 0
const AWARENESS = 1
const HOCUSPOCUS_AUTH = 2
const QUIRE_HELLO = 100
const QUIRE_WELCOME = 101
const QUIRE_ACKNOWLEDGE = 102
const QUIRE_DURABLE = 103

const EPOCH_BYTES = 8

const STEP_1 = 0
const STEP_2 = 1
const UPDATE = 2

const EMPTY_STATE_VECTOR = Buffer.of(0)
const EMPTY_UPDATE = Buffer.of(0, 0)

/**
 * How a client speaks to a server.
 * - `subprotocol`: what it asks for in the handshake, if anything.
 * - `opening`: what it sends as soon as the socket is open: what it has (`stateVector`; nothing unless given), where its
 *   copy ends (`resume`, native only), and that it wants the rest.
 * - `update`, `step2`, `presence`: one message each.
 * - `read`: what came, by `kind`: `step1`, `step2` and `update` (`update`: its content), `presence` (`entries`), native
 *   also `welcome` (`epoch`), `acknowledge` (`through`) and `durable` (`sequence`, `checksum`), or `other`.
 */
export const DIALECTS = {
  plain: {
    subprotocol: undefined,
    opening: (_name, _clientId, { stateVector } = {}) => [step1(stateVector)],
    update: (_name, bytes) => sync(UPDATE, bytes),
    step2: (_name, bytes = EMPTY_UPDATE) => sync(STEP_2, bytes),
    presence: (_name, clientId, state, clock) => presence(clientId, state, clock),
    read: (payload) => readFrom(new Cursor(payload, 0)),
  },
  native: {
    subprotocol: "quire.1",
    opening: (_name, clientId, { stateVector, resume } = {}) => [hello(clientId, resume), step1(stateVector)],
    update: (_name, bytes) => sync(UPDATE, bytes),
    step2: (_name, bytes = EMPTY_UPDATE) => sync(STEP_2, bytes),
    presence: (_name, clientId, state, clock) => presence(clientId, state, clock),
    read: (payload) => readFrom(new Cursor(payload, 0)),
  },
  hocuspocus: {
    subprotocol: undefined,
    opening: (name, _clientId, { stateVector } = {}) => [
      addressed(name, Buffer.concat([varUint(HOCUSPOCUS_AUTH), varUint(0), varString("token")])),
      addressed(name, step1(stateVector)),
    ],
    update: (name, bytes) => addressed(name, sync(UPDATE, bytes)),
    step2: (name, bytes = EMPTY_UPDATE) => addressed(name, sync(STEP_2, bytes)),
    presence: (name, clientId, state, clock) => addressed(name, presence(clientId, state, clock)),
    read: (payload) => {
      const cursor = new Cursor(payload, 0)
      cursor.skip(cursor.varUint())
      return readFrom(cursor)
    },
  },
}

function step1(stateVector = EMPTY_STATE_VECTOR) {
  return sync(STEP_1, stateVector)
}

function sync(kind, bytes) {
  return Buffer.concat([varUint(SYNC), varUint(kind), varUint(bytes.length), bytes])
}

function hello(clientId, resume) {
  const noSchema = 0
  const token =
    resume === undefined
      ? varUint(0)
      : Buffer.concat([varUint(1), resume.epoch, varUint(resume.sequence), varUint(resume.checksum)])
  return Buffer.concat([varUint(QUIRE_HELLO), varUint(clientId), varUint(noSchema), varString(""), token])
}

function presence(clientId, state, clock = 1) {
  const entries = Buffer.concat([varUint(1), varUint(clientId), varUint(clock), varString(state)])
  return Buffer.concat([varUint(AWARENESS), varUint(entries.length), entries])
}

function addressed(name, message) {
  return Buffer.concat([varString(name), message])
}

const OTHER = { kind: "other" }

function readFrom(cursor) {
  switch (cursor.varUint()) {
    case SYNC: {
      const kind = cursor.varUint()
      const update = cursor.bytes(cursor.varUint())
      return { kind: kind === STEP_1 ? "step1" : kind === STEP_2 ? "step2" : "update", update }
    }
    case AWARENESS:
      return { kind: "presence", entries: cursor.bytes(cursor.varUint()) }
    case QUIRE_WELCOME:
      return { kind: "welcome", epoch: Buffer.from(cursor.bytes(EPOCH_BYTES)) }
    case QUIRE_ACKNOWLEDGE:
      return { kind: "acknowledge", through: cursor.varUint() }
    case QUIRE_DURABLE:
      return { kind: "durable", sequence: cursor.varUint(), checksum: cursor.varUint() }
    default:
      return OTHER
  }
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
