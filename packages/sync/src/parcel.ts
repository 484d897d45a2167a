/**
 * Messages that leave together, in one socket write. One parcel may go to many links, so that the bytes around each
 * message (the WebSocket frame) are made once.
 */
export interface Parcel {
  readonly messages: readonly Uint8Array[]
  /** Bytes of all messages. */
  readonly sizeBytes: number
}

/** Packs messages; they must not be changed afterwards. */
export function parcelOf(messages: readonly Uint8Array[]): Parcel {
  let sizeBytes = 0
  for (const message of messages) sizeBytes += message.length
  return { messages, sizeBytes }
}
