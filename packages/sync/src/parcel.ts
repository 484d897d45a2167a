/**
 * Messages that leave together, in one socket write. One parcel may go to many links, so that the bytes around each
 * message (the WebSocket frame) are made once.
 */
export interface Parcel {
  readonly messages: readonly Uint8Array[]
  /** Bytes of all messages. */
  readonly sizeBytes: number
  /** For the transport alone: what it made of the messages, once however many links they go to. */
  framed: readonly Uint8Array[] | undefined
}

/**
 * A transport copies the messages of a parcel up to this size into one buffer, so that they leave in one write, and
 * keeps it as long as the parcel. Larger ones it writes from where they are: the copy would cost more than it saves.
 */
export const JOINED_BYTES = 16_384

/** Packs messages; they must not be changed afterwards. */
export function parcelOf(messages: readonly Uint8Array[]): Parcel {
  let sizeBytes = 0
  for (const message of messages) sizeBytes += message.length
  return { messages, sizeBytes, framed: undefined }
}
