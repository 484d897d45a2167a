import { JOINED_BYTES, type Parcel } from "@quire/sync"

const BINARY_FINAL = 0x82

const framed = new WeakMap<Parcel, readonly Uint8Array[]>()

/**
 * A parcel's messages as unmasked WebSocket frames (RFC 6455, section 5.2), one binary frame each: the pieces to write,
 * one after the other, made once however many sockets they are written to. A small parcel is one piece. Of a large one
 * the messages are pieces themselves, so that a document that many join is in memory once.
 */
export function framedPieces(parcel: Parcel): readonly Uint8Array[] {
  const known = framed.get(parcel)
  if (known !== undefined) return known
  const pieces = parcel.messages.flatMap((message) => [headerOf(message.length), message])
  const made = parcel.sizeBytes > JOINED_BYTES ? pieces : [Buffer.concat(pieces)]
  framed.set(parcel, made)
  return made
}

function headerOf(length: number): Buffer {
  if (length < 126) return Buffer.of(BINARY_FINAL, length)
  if (length < 65_536) {
    const header = Buffer.of(BINARY_FINAL, 126, 0, 0)
    header.writeUInt16BE(length, 2)
    return header
  }
  const header = Buffer.of(BINARY_FINAL, 127, 0, 0, 0, 0, 0, 0, 0, 0)
  header.writeBigUInt64BE(BigInt(length), 2)
  return header
}
