import { assertNever } from "@quire/base"
import * as encoding from "lib0/encoding"
import type { Grant, Message, ResumeToken } from "./message.js"
import { MessageType, SyncType } from "./types.js"

/** The bytes of one WebSocket message. Always a fresh array. */
export function encodeMessage(message: Message): Uint8Array {
  if (message.type === "update") return encodeUpdate(message.update)
  const out = encoding.createEncoder()
  write(out, message)
  return encoding.toUint8Array(out)
}

/** An awareness update without entries: the smallest frame that any client accepts, sent to keep a quiet line alive. */
export const KEEP_ALIVE: Uint8Array = Uint8Array.of(MessageType.Awareness, 1, 0)

function write(out: encoding.Encoder, message: Message): void {
  switch (message.type) {
    case "step1":
      return sync(out, SyncType.Step1, message.stateVector)
    case "step2":
      return sync(out, SyncType.Step2, message.update)
    case "update":
      return encoding.writeUint8Array(out, encodeUpdate(message.update))
    case "presence":
      encoding.writeVarUint(out, MessageType.Awareness)
      return encoding.writeVarUint8Array(out, message.entries)
    case "query-presence":
      return encoding.writeVarUint(out, MessageType.QueryAwareness)
    case "denied":
      encoding.writeVarUint(out, MessageType.Auth)
      encoding.writeVarUint(out, 0)
      return encoding.writeVarString(out, message.reason)
    case "hello":
      encoding.writeVarUint(out, MessageType.Hello)
      encoding.writeVarUint(out, message.clientId)
      encoding.writeVarUint(out, message.schema)
      encoding.writeVarString(out, message.token)
      return resume(out, message.resume)
    case "token":
      encoding.writeVarUint(out, MessageType.Token)
      return encoding.writeVarString(out, message.token)
    case "welcome":
      encoding.writeVarUint(out, MessageType.Welcome)
      encoding.writeUint8Array(out, fromHex(message.epoch))
      encoding.writeVarUint(out, GRANTS.indexOf(message.grant))
      encoding.writeVarUint(out, message.schema)
      return encoding.writeVarUint(out, message.isResumed ? 1 : 0)
    case "acknowledge":
      encoding.writeVarUint(out, MessageType.Acknowledge)
      encoding.writeVarUint(out, message.through)
      return encoding.writeVarUint(out, message.sequence)
    case "durable":
      encoding.writeVarUint(out, MessageType.Durable)
      encoding.writeVarUint(out, message.sequence)
      encoding.writeVarUint(out, message.checksum)
      return encoding.writeVarUint(out, message.head)
    case "rights":
      encoding.writeVarUint(out, MessageType.Rights)
      encoding.writeVarUint(out, GRANTS.indexOf(message.grant))
      return encoding.writeVarString(out, message.reason)
    case "refused":
      encoding.writeVarUint(out, MessageType.Refused)
      encoding.writeVarUint(out, message.number)
      encoding.writeVarString(out, message.code)
      return encoding.writeVarString(out, message.reason)
    case "notice":
      encoding.writeVarUint(out, MessageType.Notice)
      encoding.writeVarString(out, message.code)
      return encoding.writeVarString(out, message.text)
    case "trouble":
      encoding.writeVarUint(out, MessageType.Trouble)
      encoding.writeVarUint(out, message.isFailing ? 1 : 0)
      return encoding.writeVarString(out, message.text)
    default:
      return assertNever(message)
  }
}

/** What is sent most: without the encoder's buffers, which would be as much again for each keystroke. */
function encodeUpdate(update: Uint8Array): Uint8Array {
  const { length } = update
  let lengthBytes = 1
  for (let rest = length; rest > 127; rest = Math.floor(rest / 128)) lengthBytes++
  const message = new Uint8Array(2 + lengthBytes + length)
  message[0] = MessageType.Sync
  message[1] = SyncType.Update
  let at = 2
  let rest = length
  for (; rest > 127; rest = Math.floor(rest / 128)) message[at++] = 128 | (rest & 127)
  message[at++] = rest
  message.set(update, at)
  return message
}

/** Grants by their number on the wire. */
export const GRANTS: readonly Grant[] = ["read", "comment", "write"]

function sync(out: encoding.Encoder, kind: SyncType, payload: Uint8Array): void {
  encoding.writeVarUint(out, MessageType.Sync)
  encoding.writeVarUint(out, kind)
  encoding.writeVarUint8Array(out, payload)
}

function resume(out: encoding.Encoder, token: ResumeToken | undefined): void {
  encoding.writeVarUint(out, token === undefined ? 0 : 1)
  if (token === undefined) return
  encoding.writeUint8Array(out, fromHex(token.epoch))
  encoding.writeVarUint(out, token.sequence)
  encoding.writeVarUint(out, token.checksum)
}

/** 8 bytes from 16 hexadecimal digits. */
function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(8)
  for (let i = 0; i < 8; i++) bytes[i] = Number.parseInt(text.slice(i * 2, i * 2 + 2), 16)
  return bytes
}
