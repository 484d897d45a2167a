import { JOINED_BYTES, type Parcel } from "@quire/sync"

const BINARY_FINAL = 0x82

/**
 * A parcel's messages as unmasked WebSocket frames (RFC 6455, section 5.2), one binary frame each: the pieces to write,
 * one after the other, made once however many sockets they are written to. A small parcel is one piece. Of a large one
 * the messages are pieces themselves, so that a document that many join is in memory once.
 */
export function framedPieces(parcel: Parcel): readonly Uint8Array[] {
  parcel.framed ??= parcel.sizeBytes > JOINED_BYTES ? inPieces(parcel) : [inOne(parcel)]
  return parcel.framed
}

function inPieces({ messages }: Parcel): Uint8Array[] {
  return messages.flatMap((message) => {
    const header = Buffer.allocUnsafe(headerBytes(message.length))
    writeHeader(header, 0, message.length)
    return [header, message]
  })
}

function inOne({ messages, sizeBytes }: Parcel): Uint8Array {
  let headersBytes = 0
  for (const { length } of messages) headersBytes += headerBytes(length)
  const bytes = Buffer.allocUnsafe(headersBytes + sizeBytes)
  let at = 0
  for (const message of messages) {
    at = writeHeader(bytes, at, message.length)
    bytes.set(message, at)
    at += message.length
  }
  return bytes
}

function headerBytes(length: number): number {
  if (length < 126) return 2
  return length < 65_536 ? 4 : 10
}

/** @returns where the message begins. */
function writeHeader(bytes: Buffer, at: number, length: number): number {
  bytes[at] = BINARY_FINAL
  if (length < 126) {
    bytes[at + 1] = length
    return at + 2
  }
  if (length < 65_536) {
    bytes[at + 1] = 126
    return bytes.writeUInt16BE(length, at + 2)
  }
  bytes[at + 1] = 127
  return bytes.writeBigUInt64BE(BigInt(length), at + 2)
}
