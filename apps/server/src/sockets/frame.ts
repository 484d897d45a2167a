import type { Parcel } from "@quire/sync"

const BINARY_FINAL = 0x82

const framed = new WeakMap<Parcel, Buffer>()

/**
 * A parcel's messages as unmasked WebSocket frames (RFC 6455, section 5.2), one binary frame each, in one buffer that
 * is made once however many sockets it is written to.
 */
export function framedBytes(parcel: Parcel): Buffer {
  const known = framed.get(parcel)
  if (known !== undefined) return known
  const bytes = Buffer.allocUnsafe(parcel.messages.reduce((sum, { length }) => sum + headerBytes(length) + length, 0))
  let at = 0
  for (const message of parcel.messages) {
    at = writeHeader(bytes, at, message.length)
    bytes.set(message, at)
    at += message.length
  }
  framed.set(parcel, bytes)
  return bytes
}

function headerBytes(length: number): number {
  return length < 126 ? 2 : length < 65_536 ? 4 : 10
}

function writeHeader(bytes: Buffer, at: number, length: number): number {
  let next = bytes.writeUInt8(BINARY_FINAL, at)
  if (length < 126) return bytes.writeUInt8(length, next)
  if (length < 65_536) return bytes.writeUInt16BE(length, bytes.writeUInt8(126, next))
  next = bytes.writeUInt8(127, next)
  return bytes.writeBigUInt64BE(BigInt(length), next)
}
