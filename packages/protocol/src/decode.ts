import { asClientId, asSequence } from "@quire/base"
import { ByteReader } from "./byte-reader.js"
import { CloseCode } from "./close.js"
import { GRANTS } from "./encode.js"
import { ProtocolError } from "./errors.js"
import { LIMITS } from "./limits.js"
import type { ClientMessage, Grant, PlainMessage, ResumeToken, ServerMessage } from "./message.js"
import { MessageType, SyncType } from "./types.js"
import type { Dialect } from "./version.js"

/**
 * Reads one frame from a client. Byte arrays in the result are views into `frame`.
 *
 * @throws ProtocolError when it is not one whole message of the dialect.
 */
export function decodeClientMessage(frame: Uint8Array, dialect: Dialect): ClientMessage {
  const reader = open(frame)
  const type = reader.varUint()
  const message = (dialect === "native" ? fromNativeClient(reader, type) : undefined) ?? plain(reader, type)
  if (message === undefined) throw unknownType(type)
  // y-websocket reads one message a frame and ignores what follows; a plain client may rely on that.
  if (dialect === "native") reader.end()
  return message
}

/**
 * Reads one frame from a server. Byte arrays in the result are views into `frame`.
 *
 * @returns `undefined` for a type this client does not know: a newer server may say more, and it is safe to ignore.
 * @throws ProtocolError when it is not one whole message.
 */
export function decodeServerMessage(frame: Uint8Array): ServerMessage | undefined {
  const reader = open(frame)
  const type = reader.varUint()
  const message = plain(reader, type) ?? own(reader, type)
  if (message !== undefined) reader.end()
  return message
}

function open(frame: Uint8Array): ByteReader {
  if (frame.length === 0) throw new ProtocolError("QUIRE_FRAME_EMPTY", "the frame is empty")
  if (frame.length > LIMITS.frameBytes) {
    throw new ProtocolError("QUIRE_FRAME_TOO_LARGE", `frame is ${frame.length} bytes, limit ${LIMITS.frameBytes}`, {
      close: CloseCode.TooLarge,
      hint: "Send it in smaller pieces.",
    })
  }
  return new ByteReader(frame, "QUIRE_FRAME_MALFORMED")
}

function plain(reader: ByteReader, type: number): PlainMessage | undefined {
  switch (type) {
    case MessageType.Sync:
      return sync(reader)
    case MessageType.Awareness:
      return { type: "presence", entries: reader.varBytes() }
    case MessageType.QueryAwareness:
      return { type: "query-presence" }
    default:
      return undefined
  }
}

function sync(reader: ByteReader): PlainMessage {
  const kind = reader.varUint()
  const payload = reader.varBytes()
  switch (kind) {
    case SyncType.Step1:
      return { type: "step1", stateVector: payload }
    case SyncType.Step2:
      return { type: "step2", update: payload }
    case SyncType.Update:
      return { type: "update", update: payload }
    default:
      throw new ProtocolError("QUIRE_FRAME_UNKNOWN_TYPE", `sync message ${kind} is not known`)
  }
}

function fromNativeClient(reader: ByteReader, type: number): ClientMessage | undefined {
  switch (type) {
    case MessageType.Hello:
      return hello(reader)
    case MessageType.Token:
      return { type: "token", token: reader.varString(LIMITS.tokenBytes) }
    default:
      return undefined
  }
}

function hello(reader: ByteReader): ClientMessage {
  const clientId = asClientId(reader.varUint())
  const schema = reader.varUint()
  const token = reader.varString(LIMITS.tokenBytes)
  return { type: "hello", clientId, schema, token, resume: resume(reader) }
}

function resume(reader: ByteReader): ResumeToken | undefined {
  if (!reader.flag()) return undefined
  return { epoch: epoch(reader), sequence: asSequence(reader.varUint()), checksum: reader.varUint() }
}

function own(reader: ByteReader, type: number): ServerMessage | undefined {
  switch (type) {
    case MessageType.Auth:
      reader.varUint()
      return { type: "denied", reason: reader.varString(LIMITS.stringBytes) }
    case MessageType.Welcome:
      return {
        type: "welcome",
        epoch: epoch(reader),
        grant: grant(reader),
        schema: reader.varUint(),
        isResumed: reader.flag(),
      }
    case MessageType.Acknowledge:
      return { type: "acknowledge", through: reader.varUint(), sequence: asSequence(reader.varUint()) }
    case MessageType.Durable:
      return {
        type: "durable",
        sequence: asSequence(reader.varUint()),
        checksum: reader.varUint(),
        head: asSequence(reader.varUint()),
      }
    case MessageType.Rights:
      return { type: "rights", grant: grant(reader), reason: reader.varString(LIMITS.stringBytes) }
    case MessageType.Refused:
      return {
        type: "refused",
        number: reader.varUint(),
        code: reader.varString(LIMITS.keyBytes),
        reason: reader.varString(LIMITS.stringBytes),
      }
    case MessageType.Notice:
      return {
        type: "notice",
        code: reader.varString(LIMITS.keyBytes),
        text: reader.varString(LIMITS.stringBytes),
      }
    case MessageType.Trouble:
      return { type: "trouble", isFailing: reader.flag(), text: reader.varString(LIMITS.stringBytes) }
    default:
      return undefined
  }
}

function grant(reader: ByteReader): Grant {
  const value = GRANTS[reader.varUint()]
  if (value === undefined) throw new ProtocolError("QUIRE_FRAME_MALFORMED", "the grant is not known")
  return value
}

function epoch(reader: ByteReader): string {
  return Array.from(reader.bytes(8), (byte) => byte.toString(16).padStart(2, "0")).join("")
}

function unknownType(type: number): ProtocolError {
  return new ProtocolError("QUIRE_FRAME_UNKNOWN_TYPE", `message type ${type} is not known`, {
    hint: "Speak y-websocket's types 0 to 3, or agree on the subprotocol quire.1 first.",
  })
}
